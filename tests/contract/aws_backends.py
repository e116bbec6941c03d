"""What SQS, S3, EventBridge and Secrets Manager keep for us, on an emulator: fresh queues, bucket and bus each time."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from adapters.aws.artifacts import S3Artifacts
from adapters.aws.dead_letters import SqsDeadLetters
from adapters.aws.queue import SqsQueue
from adapters.aws.secrets import SecretsManagerSecrets
from adapters.aws.signals import EventBridgeSignals
from adapters.aws.wake_ups import SqsWakeUps
from adapters.system.clock import SystemClock
from ports.secrets import Secrets
from ports.signals import Signals
from tests.contract.services import Services
from tests.emulators import clients

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sqs import SQSClient

VISIBILITY_MS = 2_000
"""Long enough for a few calls on a busy machine, short enough to be waited for."""
MARGIN_S = 0.02


@dataclass(frozen=True, slots=True)
class Clients:
    """One client for each service."""

    sqs: "SQSClient"
    s3: "S3Client"
    events: "EventBridgeClient"
    secrets_manager: "SecretsManagerClient"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsServices(Services):
    """The services of one region. Every event of the bus is also put in the queue ``arrivals_url``."""

    signals: Signals
    secrets: Secrets
    arrivals_url: str
    clients: Clients


@contextmanager
def aws_services(endpoint_url: str | None, *, tick_s: float = 0.0) -> Iterator[AwsServices]:
    """Make what is needed and open it; None: moto answers in this process, and must be started already.

    ``tick_s``: how much later than it is due the queue may show a message.
    """
    name = f"actonce-{uuid.uuid4().hex}"
    at = _opened(endpoint_url)
    at.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    dead_letter_url = _queue(at.sqs, f"{name}-dead")
    clock = SystemClock()
    queue_url = _queue(at.sqs, f"{name}-work")
    queue = SqsQueue(at.sqs, queue_url, dead_letter_url, clock, wait_s=0)
    yield AwsServices(
        clock=clock,
        pass_time=lambda for_ms: wait(for_ms, tick_s),
        queue=queue,
        wake_ups=SqsWakeUps(queue, clock),
        dead_letters=SqsDeadLetters(at.sqs, dead_letter_url, wait_s=0, queue_url=queue_url),
        artifacts=S3Artifacts(at.s3, name),
        visibility=queue,
        fences_receipts=False,
        visibility_ms=VISIBILITY_MS,
        signals=EventBridgeSignals(at.events, name),
        secrets=SecretsManagerSecrets(at.secrets_manager),
        arrivals_url=_bus(at, name),
        clients=at,
    )
    queue.close()


def wait(for_ms: int, tick_s: float) -> None:
    """A service has a clock of its own, so its time is really waited for."""
    time.sleep(for_ms / 1000 + tick_s + MARGIN_S)


@cache
def _opened(endpoint_url: str | None) -> Clients:
    """Build the clients once in a process: each takes longer than a test."""
    return Clients(
        clients.sqs(endpoint_url),
        clients.s3(endpoint_url),
        clients.events(endpoint_url),
        clients.secretsmanager(endpoint_url),
    )


def _queue(sqs: "SQSClient", name: str) -> str:
    return sqs.create_queue(QueueName=name)["QueueUrl"]


def _bus(at: Clients, name: str) -> str:
    """Make a bus of this name, and return the queue that its events arrive in."""
    url = _queue(at.sqs, f"{name}-arrivals")
    arn = at.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    at.events.create_event_bus(Name=name)
    at.events.put_rule(Name=name, EventBusName=name, EventPattern='{"source": [{"prefix": ""}]}')
    at.events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "arrivals", "Arn": arn}])
    return url
