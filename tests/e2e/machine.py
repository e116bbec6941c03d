"""The functions and the state machine on ministack, made by hand from the committed definition."""

from __future__ import annotations

import io
import json
import secrets
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.architecture.sources import ROOT
from tests.contract.dynamo import made
from tests.e2e.doomed import HANDLER, HANDLERS
from tests.emulators import clients
from tests.emulators.ministack import WITHOUT_THIS_FOLDER, settings
from tests.emulators.server import served

LAUNCHER = Path(__file__).with_name("steps_launch.py")
DEFINITION = ROOT / "infra" / "terraform" / "statemachine" / "execution.asl.json"
FUNCTION_TIMEOUT_S = 30
VISIBILITY_S = 3
CHANGED = "Step Functions Execution Status Change"
ENDED = {"source": ["aws.states"], "detail-type": [CHANGED]}
NOT_BY_ITSELF = ("FAILED", "TIMED_OUT", "ABORTED")
QUEUES = ("work", "dead", "ended", "signals")
HEADING = """
target = "aws"
[paths]
registry = ["registry"]
[aws]
endpoint_url = "{endpoint_url}"
region = "{region}"
table_prefix = "{prefix}"
queue_url = "{work}"
dead_letter_queue_url = "{dead}"
bus_name = "{name}"
artifacts_bucket = "{name}"
paging_secret = "{name}"
state_machine_arn = "{machine_arn}"
"""


@dataclass(frozen=True)
class Cloud:
    """An emulator with all that an installation has, before its functions."""

    endpoint_url: str
    name: str
    prefix: str
    queues: Mapping[str, str]
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:  # noqa: ANN401 - no stubs of lambda
        if service not in self.clients:
            self.clients[service] = clients.session().client(
                service,  # type: ignore[call-overload]
                endpoint_url=self.endpoint_url,
                config=clients.config(),
            )
        return self.clients[service]

    @property
    def heading(self) -> str:
        return HEADING.format(
            endpoint_url=self.endpoint_url,
            region=clients.REGION,
            prefix=self.prefix,
            name=self.name,
            machine_arn=self.machine_arn,
            **self.queues,
        )

    @property
    def machine_arn(self) -> str:
        """What the state machine is going to be called; every function is told, as Terraform tells it."""
        return f"arn:aws:states:{clients.REGION}:000000000000:stateMachine:{self.name}"

    def queue_arn(self, name: str) -> str:
        asked = self.client("sqs").get_queue_attributes(QueueUrl=self.queues[name], AttributeNames=["QueueArn"])
        arn: str = asked["Attributes"]["QueueArn"]
        return arn

    def send(self, queue: str, body: str) -> None:
        self.client("sqs").send_message(QueueUrl=self.queues[queue], MessageBody=body)

    def waiting(self, queue: str) -> int:
        """How many messages of a queue are not done with."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        asked = self.client("sqs").get_queue_attributes(QueueUrl=self.queues[queue], AttributeNames=names)
        return sum(int(asked["Attributes"][name]) for name in names)

    def received(self, queue: str) -> list[dict[str, Any]]:
        """What came into a queue that nobody else reads."""
        told: list[dict[str, Any]] = []
        asked = {"QueueUrl": self.queues[queue], "MaxNumberOfMessages": 10, "VisibilityTimeout": 600}
        while found := self.client("sqs").receive_message(**asked).get("Messages"):
            told += [json.loads(message["Body"]) for message in found]
        return told


@dataclass(frozen=True)
class Machine:
    """The state machine over the functions."""

    cloud: Cloud
    arn: str

    def statuses(self) -> dict[str, str]:
        """The status of every execution, by its name."""
        pages = self.cloud.client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=self.arn)
        return {it["name"]: it["status"] for page in pages for it in page["executions"]}

    def stop(self, name: str) -> None:
        """Stop an execution, as an operator may."""
        execution = f"{self.arn.replace(':stateMachine:', ':execution:')}:{name}"
        self.cloud.client("stepfunctions").stop_execution(executionArn=execution, cause="A test stops it.")

    def sweep(self) -> None:
        """Invoke the sweeper, as its schedule does."""
        name = f"{self.cloud.name}-sweeper"
        self.cloud.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")


@contextmanager
def cloud() -> Iterator[Cloud]:
    """Start an emulator, and make all but the functions."""
    with served(lambda _: [sys.executable, WITHOUT_THIS_FOLDER, str(LAUNCHER)], settings) as endpoint_url:
        name = f"steps-{secrets.token_hex(4)}"
        sqs, s3 = clients.sqs(endpoint_url), clients.s3(endpoint_url)
        urls = {
            it: sqs.create_queue(QueueName=f"{name}-{it}", Attributes={"VisibilityTimeout": str(VISIBILITY_S)})[
                "QueueUrl"
            ]
            for it in QUEUES
        }
        clients.secretsmanager(endpoint_url).create_secret(Name=name, SecretString=secrets.token_hex(32))
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        clients.events(endpoint_url).create_event_bus(Name=name)
        with made(clients.dynamodb(endpoint_url)) as tables:
            made_cloud = Cloud(endpoint_url, name, tables.name(""), urls)
            _route(made_cloud, name, {"source": ["cc-native"]}, "signals")
            _route(made_cloud, "default", ENDED | {"detail": {"status": list(NOT_BY_ITSELF)}}, "ended")
            yield made_cloud


def _route(made_cloud: Cloud, bus: str, pattern: Mapping[str, object], queue: str) -> None:
    events = made_cloud.client("events")
    rule = f"{made_cloud.name}-{queue}"
    events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps(pattern))
    target = {"Id": queue, "Arn": made_cloud.queue_arn(queue)}
    events.put_targets(Rule=rule, EventBusName=bus, Targets=[target])


Variables = Callable[[Path, str], Mapping[str, str]]
"""What the function of a name is told, over an installation in a folder."""


def of_barriers(folder: Path, name: str) -> Mapping[str, str]:
    """What the doomed functions are told."""
    return {
        "BARRIER_OF": name,
        "BARRIER_PLANS": str(folder / "plans"),
        "BARRIER_RECORD": str(folder / "barriers.jsonl"),
    }


def machine(made_cloud: Cloud, folder: Path, *, handler: str = HANDLER, variables: Variables = of_barriers) -> Machine:
    """Make the functions over the configuration in a folder, the state machine over them, and what invokes them.

    ``handler`` is that of all of them, which learns from its ``variables`` whose place it takes.
    """
    arns = {name: _function(made_cloud, folder, name, handler, variables(folder, name)) for name in HANDLERS}
    definition = DEFINITION.read_text(encoding="utf-8")
    for name, its_arn in arns.items():
        definition = definition.replace(f"${{{name}_arn}}", its_arn)
    assert "${" not in definition
    made_machine = made_cloud.client("stepfunctions").create_state_machine(
        name=made_cloud.name,
        definition=definition,
        roleArn="arn:aws:iam::000000000000:role/machine",
        type="STANDARD",
    )
    assert made_machine["stateMachineArn"] == made_cloud.machine_arn
    _feed(made_cloud, "starter", made_cloud.queue_arn("work"), ScalingConfig={"MaximumConcurrency": 2})
    _feed(made_cloud, "ended", made_cloud.queue_arn("ended"), ScalingConfig={"MaximumConcurrency": 2})
    table = made_cloud.client("dynamodb").describe_table(TableName=f"{made_cloud.prefix}outbox")
    _feed(
        made_cloud,
        "relay",
        table["Table"]["LatestStreamArn"],
        StartingPosition="TRIM_HORIZON",
        FilterCriteria={"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT"]})}]},
    )
    return Machine(made_cloud, made_cloud.machine_arn)


def _function(made_cloud: Cloud, folder: Path, name: str, handler: str, more: Mapping[str, str]) -> str:
    variables = {
        "ACTONCE_CONFIG": str(folder / "actonce.toml"),
        "POWERTOOLS_METRICS_NAMESPACE": "actonce",
        "POWERTOOLS_SERVICE_NAME": made_cloud.name,
        # These sources, whatever else is installed.
        "PYTHONPATH": str(ROOT),
        **more,
    }
    made_function = made_cloud.client("lambda").create_function(
        FunctionName=f"{made_cloud.name}-{name}",
        Runtime=f"python3.{sys.version_info.minor}",
        Role="arn:aws:iam::000000000000:role/function",
        Handler=handler,
        Code={"ZipFile": _archive()},
        Timeout=FUNCTION_TIMEOUT_S,
        Environment={"Variables": variables},
    )
    arn: str = made_function["FunctionArn"]
    return arn


def _archive() -> bytes:
    """Nothing but a word: the emulator's interpreter, which is this one, finds our sources by itself."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("README", "The sources are where the tests are.")
    return file.getvalue()


def _feed(made_cloud: Cloud, name: str, source: str, **more: object) -> None:
    made_cloud.client("lambda").create_event_source_mapping(
        FunctionName=f"{made_cloud.name}-{name}",
        EventSourceArn=source,
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        **more,
    )
