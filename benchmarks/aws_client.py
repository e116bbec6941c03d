"""CPU time of this process per action on AWS, next to the same calls made bare with boto3.

The services are ministack, another process, so that its work is not counted; the tool is a stub in both arms. The bare
arm makes the calls that the product made, recorded, on tables and queues of its own.
"""

from __future__ import annotations

import gc
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from time import process_time
from typing import Any

from botocore.model import OperationModel
from dependency_injector import providers

from adapters.aws.schema import TABLES, definition
from adapters.aws.session import POLL, STORE, Aws
from benchmarks.assembly import ENTRY, OneConnector, StubConnector, intent
from benchmarks.part import Part, at_most
from core.domain.attempt import AttemptStatus
from entrypoints.container.building import build_aws
from entrypoints.container.wiring import Container
from entrypoints.settings.loading import load
from ports.wire.messages import approved_event
from tests.emulators import clients, ministack

BATCH = 10
VISIBILITY_MS = 600_000
GROUP = "AWS, client"
MOST = at_most(1.25)
WARM_UP = 2
SERVICES = {"dynamodb": STORE, "sqs": POLL, "events": STORE}

Call = tuple[str, str, dict[str, Any]]


@dataclass
class Recorder:
    """The calls that leave one arm's clients, in order. Both arms have one, so that it costs both the same."""

    calls: list[Call] = field(default_factory=list)
    is_on: bool = False

    def hear(self, session: Aws) -> None:
        """Hear of every call of the clients that a session opens from now on."""
        session.session.get_component("event_emitter").register("provide-client-params.*.*", self)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Record afresh for a while."""
        self.calls.clear()
        self.is_on = True
        yield
        self.is_on = False

    def __call__(self, params: dict[str, Any], model: OperationModel, **_: object) -> None:
        if self.is_on:
            # Kept as they are, for nobody changes them any more, and copying them would be counted as ours.
            self.calls.append((model.service_model.service_name, model.name, params))


@dataclass
class Site:
    """Tables, queues and a bus of one arm."""

    name: str
    endpoint_url: str
    queue_url: str
    dead_letter_url: str

    @classmethod
    def made(cls, endpoint_url: str, name: str) -> Site:
        sqs, dynamodb = clients.sqs(endpoint_url), clients.dynamodb(endpoint_url)
        for table in TABLES:
            dynamodb.create_table(**definition(table, f"{name}-"))
        clients.events(endpoint_url).create_event_bus(Name=name)
        urls = [sqs.create_queue(QueueName=f"{name}-{what}")["QueueUrl"] for what in ("work", "dead")]
        return cls(name, endpoint_url, *urls)


class Product:
    """The AWS container as a worker uses it, in one thread."""

    def __init__(self, site: Site, recorder: Recorder) -> None:
        environment = {
            "ACTONCE_TARGET": "aws",
            "ACTONCE_AWS_ENDPOINT_URL": site.endpoint_url,
            "ACTONCE_AWS_REGION": clients.REGION,
            "ACTONCE_AWS_TABLE_PREFIX": f"{site.name}-",
            "ACTONCE_AWS_QUEUE_URL": site.queue_url,
            "ACTONCE_AWS_DEAD_LETTER_QUEUE_URL": site.dead_letter_url,
            "ACTONCE_AWS_BUS_NAME": site.name,
            "ACTONCE_AWS_ARTIFACTS_BUCKET": site.name,
            "ACTONCE_UNKNOWN_TENANTS": "enabled",
        }
        self.container: Container = build_aws(load(environment=environment))
        recorder.hear(self.container.session())
        self.container.connectors.override(providers.Object(OneConnector(StubConnector())))
        self.container.registry().apply(ENTRY)
        self.queue = self.container.queue()
        self.intake = self.container.intake()
        self.relay = self.container.relay()

    def publish(self) -> None:
        """Store ten intents as upstream does, and send their events by id."""
        actions = [intent(secrets.token_hex(16)) for _ in range(BATCH)]
        for action in actions:
            self.container.intents().put(action)
        self.queue.send([approved_event(action, "HUMAN", False) for action in actions])

    def work(self) -> None:
        """Carry out a batch, publish what it tells, acknowledge."""
        batch = self.queue.receive(BATCH, visibility_ms=VISIBILITY_MS)
        self.intake.read_ahead(batch)
        for delivery in batch:
            execution = self.intake(delivery).execution
            if execution is None or execution.attempt.status is not AttemptStatus.SUCCEEDED:
                raise LookupError("an action did not succeed")
        self.relay()
        self.queue.flush()  # type: ignore[attr-defined]


class Bare:
    """The same calls by plain clients of the same configuration."""

    def __init__(self, site: Site, product: Site, recorder: Recorder) -> None:
        aws = Aws(region=clients.REGION, endpoint_url=site.endpoint_url)
        recorder.hear(aws)
        self._clients = {service: aws.client(service, patience) for service, patience in SERVICES.items()}
        self._site = site
        self._product = product

    def prepared(self, calls: list[Call]) -> list[tuple[Callable[..., Any], dict[str, Any]]]:
        """Move recorded calls to this arm's own site; nothing of this is measured."""
        return [
            (getattr(self._clients[service], _method(name)), self._moved(params)) for service, name, params in calls
        ]

    def work(self, calls: list[tuple[Callable[..., Any], dict[str, Any]]]) -> None:
        """Make the calls."""
        handles: list[dict[str, str]] = []
        for operation, params in calls:
            own = {"Entries": handles} if "Entries" in params and "QueueUrl" in params else {}
            answer = operation(**(params | own))
            if "Messages" in answer:
                handles = [
                    {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
                    for place, message in enumerate(answer["Messages"])
                ]

    def publish(self) -> None:
        """Put ten messages there to be received."""
        for _ in range(BATCH):
            action = approved_event(intent(secrets.token_hex(16)), "HUMAN", False)
            self._clients["sqs"].send_message(QueueUrl=self._site.queue_url, MessageBody=action)

    def _moved(self, value: Any) -> Any:  # noqa: ANN401 - whatever a call is given
        if isinstance(value, dict):
            moved = {self._moved(name): self._moved(it) for name, it in value.items()}
            if "ClientRequestToken" in moved:
                moved["ClientRequestToken"] = secrets.token_hex(16)
            return moved
        if isinstance(value, list):
            return [self._moved(it) for it in value]
        return value.replace(self._product.name, self._site.name) if isinstance(value, str) else value


def measure(rounds: int, batches: int) -> list[float]:
    """Return the product's CPU time over the bare one's, a paired ratio for each round."""
    with _opened() as arms:
        for _ in range(WARM_UP):
            _round(arms, 1)
        # What the start left in memory is neither arm's: a collection of all of it would count for either, by chance.
        gc.collect()
        gc.freeze()
        try:
            return [_round(arms, batches) for _ in range(rounds)]
        finally:
            gc.unfreeze()


def parts(ratios: list[float]) -> list[Part]:
    """Return what was measured."""
    name = "client CPU of an action"
    return [Part(group=GROUP, name=name, unit="times", values=ratios, ratios=ratios, of="bare calls", goal=MOST)]


@dataclass
class Arms:
    """Both, each with what records its calls."""

    product: Product
    bare: Bare
    ours: Recorder
    theirs: Recorder


@contextmanager
def _opened() -> Iterator[Arms]:
    with ExitStack() as stack:
        before = dict(os.environ)
        stack.callback(os.environ.update, before)
        os.environ |= {"AWS_ACCESS_KEY_ID": "AKIABENCHMARK", "AWS_SECRET_ACCESS_KEY": secrets.token_hex(20)}
        endpoint_url = stack.enter_context(ministack.serve())
        site, bare_site = Site.made(endpoint_url, "ours"), Site.made(endpoint_url, "bare")
        ours, theirs = Recorder(), Recorder()
        yield Arms(Product(site, ours), Bare(bare_site, site, theirs), ours, theirs)


def _round(arms: Arms, batches: int) -> float:
    ours = theirs = 0.0
    for _ in range(batches):
        arms.product.publish()
        arms.bare.publish()
        with arms.ours.listening():
            begun = process_time()
            arms.product.work()
            ours += process_time() - begun
        calls = arms.bare.prepared(arms.ours.calls)
        with arms.theirs.listening():
            begun = process_time()
            arms.bare.work(calls)
            theirs += process_time() - begun
    return ours / theirs


def _method(operation: str) -> str:
    return "".join(f"_{it.lower()}" if it.isupper() else it for it in operation).lstrip("_")
