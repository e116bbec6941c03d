"""The same installation three times: embedded, direct and with Step Functions, each with a scripted tool and clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dependency_injector import providers

from adapters.aws.schema import TABLES, definition
from adapters.memory.clock import FakeClock
from core.domain.errors import SwitchUnreadableError
from core.domain.switches import SwitchReading
from core.domain.timing import Timing
from entrypoints.container.aws import AwsContainer
from entrypoints.container.building import build_embedded, close
from entrypoints.container.functions import build_function, build_starter, delivery
from entrypoints.container.wiring import Container
from entrypoints.handled import Verdict
from entrypoints.meters import Meters
from entrypoints.settings.loading import Overrides, Settings, load
from ports.kill_switches import KillSwitches
from tests.emulators import clients
from tests.statemachine.orchestrator import FakeOrchestrator
from tests.statemachine.scripted import ProcessDied, Tool, Tools
from tests.statemachine.virtual_sqs import VISIBILITY_MS, VirtualSqs
from tests.unit.making import NOW_MS

TIMING = Timing(look_up_limit=3, max_backoff_ms=20_000, max_sends=12)
PREFIXES = ("direct-", "steps-")
BUCKET = "differential-artifacts"
QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/"


class Blinded:
    """The kill switches port, which cannot be read until a moment."""

    def __init__(self, inner: KillSwitches, clock: FakeClock) -> None:
        self._inner = inner
        self._clock = clock
        self.until_ms = 0
        self.close, self.open, self.closed = inner.close, inner.open, inner.closed

    def read(self, tenant_id: str) -> SwitchReading:
        if self._clock.now_ms() < self.until_ms:
            raise SwitchUnreadableError("The kill switches cannot be read.")
        return self._inner.read(tenant_id)


class Site(ABC):
    """One mode. Time passes only where the test lets it."""

    def __init__(self, name: str, container: Container, clock: FakeClock) -> None:
        self.name, self.container, self.clock = name, container, clock
        self.tool = Tool(clock)
        container.clock.override(providers.Object(clock))
        container.connectors.override(providers.Object(Tools(self.tool)))
        self.switches = Blinded(container.kill_switches(), clock)
        container.kill_switches.override(providers.Object(self.switches))

    @abstractmethod
    def send(self, body: str) -> None:
        """Put an event into the queue."""

    @abstractmethod
    def next_ms(self) -> int | None:
        """Return when something is to be done, None when nothing is."""

    @abstractmethod
    def advance(self) -> None:
        """Do one thing that is due."""

    @abstractmethod
    def letters(self) -> list[str]:
        """Return the reasons of what was buried since this was asked before."""


class EmbeddedSite(Site):
    """One process on SQLite."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        path = folder / "actonce.toml"
        path.write_text('[tenants]\nunknown = "enabled"\n', encoding="utf-8")
        settings = replace(load(Overrides(config=path), {}), timing=TIMING)
        self.embedded = build_embedded(settings)
        super().__init__("embedded", self.embedded, clock)
        self._queue, self._intake = self.embedded.queue(), self.embedded.intake()
        self._buried = 0

    def send(self, body: str) -> None:
        self._queue.send([body])

    def next_ms(self) -> int | None:
        return self.embedded.backlog().next_visible_ms()

    def advance(self) -> None:
        for one in self._queue.receive(1, visibility_ms=VISIBILITY_MS):
            try:
                self._intake(one)
            except ProcessDied:
                continue

    def letters(self) -> list[str]:
        letters = self.embedded.dead_letters()
        before, self._buried = self._buried, letters.count()
        return [it.reason for it in reversed(letters.newest(self._buried - before))]


class DirectSite(Site):
    """A function on the queue carries everything out."""

    def __init__(self, container: AwsContainer, clock: FakeClock, name: str = "direct") -> None:
        self.sqs = VirtualSqs(clock)
        container.sqs.override(providers.Object(self.sqs))
        super().__init__(name, container, clock)
        self._intake = container.intake()

    def send(self, body: str) -> None:
        self.sqs.send_message_batch(Entries=[{"Id": "0", "MessageBody": body, "DelaySeconds": 0}])

    def next_ms(self) -> int | None:
        return self.sqs.next_ms()

    def advance(self) -> None:
        record = self.sqs.receive()
        try:
            handled = self._intake(delivery(record))
        except ProcessDied:
            return
        if handled.verdict is not Verdict.PUT_BACK:
            self.sqs.remove(record)

    def letters(self) -> list[str]:
        found, self.sqs.letters = self.sqs.letters, []
        return found


class StepsSite(DirectSite):
    """A function on the queue starts executions, whose steps are functions of their own."""

    def __init__(self, container: AwsContainer, clock: FakeClock) -> None:
        self.orchestrator = FakeOrchestrator(clock)
        container.orchestrator.override(providers.Object(self.orchestrator))
        super().__init__(container, clock, "step_functions")
        self.orchestrator.use(container)

    def next_ms(self) -> int | None:
        return min((it for it in (self.sqs.next_ms(), self.orchestrator.next_ms()) if it is not None), default=None)

    def advance(self) -> None:
        message_ms, step_ms = self.sqs.next_ms(), self.orchestrator.next_ms()
        if step_ms is None or (message_ms is not None and message_ms <= step_ms):
            super().advance()
        else:
            self.orchestrator.advance()


@contextmanager
def all_sites(folder: Path) -> Iterator[list[Site]]:
    """Give all three; moto answers already."""
    clients.s3(None).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    embedded = EmbeddedSite(folder, FakeClock(NOW_MS))
    direct = build_function(aws_settings(PREFIXES[0]), needs=(), meter=Meters(), is_over=lambda: False, of_batch=True)
    steps = build_starter(aws_settings(PREFIXES[1]), needs=(), meter=Meters(), is_over=lambda: False)
    yield [embedded, DirectSite(direct, FakeClock(NOW_MS)), StepsSite(steps, FakeClock(NOW_MS))]
    close(embedded.container)


def emptied() -> None:
    """Begin with empty tables: a transaction in moto copies all that is there, so that it gets ever slower."""
    dynamodb = clients.dynamodb(None)
    for prefix in PREFIXES:
        for table in TABLES:
            dynamodb.delete_table(TableName=f"{prefix}{table.name}")
            dynamodb.create_table(**definition(table, prefix))


def aws_settings(prefix: str) -> Settings:
    """Make the tables, and return what names them."""
    dynamodb = clients.dynamodb(None)
    for table in TABLES:
        dynamodb.create_table(**definition(table, prefix))
    environment = {
        "ACTONCE_TARGET": "aws",
        "ACTONCE_AWS_REGION": clients.REGION,
        "ACTONCE_AWS_TABLE_PREFIX": prefix,
        "ACTONCE_AWS_QUEUE_URL": f"{QUEUE}{prefix}work",
        "ACTONCE_AWS_DEAD_LETTER_QUEUE_URL": f"{QUEUE}{prefix}dead",
        "ACTONCE_AWS_ARTIFACTS_BUCKET": BUCKET,
        "ACTONCE_UNKNOWN_TENANTS": "enabled",
    }
    return replace(load(environment=environment), timing=TIMING)
