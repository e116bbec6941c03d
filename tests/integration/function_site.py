"""An installation on moto for the Lambda functions, and the events that Lambda makes of queue, stream and schedule."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest
from aws_lambda_powertools.logging import Logger
from dependency_injector import providers

from adapters.aws.schema import TABLES, definition
from benchmarks.assembly import ENTRY, OneConnector, StubConnector, intent
from core.domain.intent import Intent
from entrypoints.consumer import NEEDS as CONSUMER_NEEDS
from entrypoints.consumer import Consumer
from entrypoints.container.aws import AwsContainer
from entrypoints.container.functions import build_function
from entrypoints.function_logs import function_logger
from entrypoints.logs import DELIVERIES, ROOT
from entrypoints.meters import Meters
from entrypoints.remaining import Remaining
from entrypoints.settings.loading import load
from ports.connector import Connector
from ports.wire.messages import approved_event
from tests.emulators import clients

PREFIX = "functions-"
LONG_MS = 60_000


@dataclass
class Context:
    """What Lambda tells a function of its invocation."""

    left_ms: int = LONG_MS
    function_name: str = "actonce-function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:actonce-function"
    aws_request_id: str = "request-1"
    begun: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self.left_ms - int((time.monotonic() - self.begun) * 1000))


@dataclass
class Site:
    environment: dict[str, str]
    connector: Connector
    logger: Logger
    meters: Meters = field(default_factory=lambda: Meters("actonce", "actonce"))
    remaining: Remaining = field(default_factory=Remaining)

    def container(self, *, of_batch: bool = False, **variables: str) -> AwsContainer:
        built = build_function(
            load(environment=self.environment | variables),
            needs=CONSUMER_NEEDS,
            meter=self.meters,
            is_over=self.remaining.is_over,
            of_batch=of_batch,
        )
        built.connectors.override(providers.Object(OneConnector(self.connector)))
        return built

    def consumer(self, **variables: str) -> Consumer:
        container = self.container(of_batch=True, **variables)
        return Consumer(container.intake(), container.clock(), self.meters, self.remaining, self.logger)

    def batch(self, *bodies: str) -> dict[str, Any]:
        """Send, and receive as Lambda does; the records come in the order of the bodies."""
        url = self.environment["ACTONCE_AWS_QUEUE_URL"]
        sqs = clients.sqs(None)
        for body in bodies:
            sqs.send_message(QueueUrl=url, MessageBody=body)
        found: list[Any] = []
        while len(found) < len(bodies):
            found += sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
        return {"Records": sorted((record_of(one) for one in found), key=lambda it: bodies.index(it["body"]))}

    def letters(self) -> Sequence[Any]:
        answer = clients.sqs(None).receive_message(
            QueueUrl=self.environment["ACTONCE_AWS_DEAD_LETTER_QUEUE_URL"],
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
        )
        return answer.get("Messages", [])

    def rows(self, table: str) -> list[Mapping[str, Any]]:
        return list(clients.dynamodb(None).scan(TableName=f"{PREFIX}{table}")["Items"])


@dataclass
class Lines:
    """The logger of a function, and what it wrote."""

    logger: Logger
    stream: StringIO

    def text(self) -> str:
        return self.stream.getvalue()


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Leave no logger behind."""
    stream, ours = StringIO(), logging.getLogger(ROOT)
    handlers, level = ours.handlers[:], ours.level
    deliveries = logging.getLogger(DELIVERIES)
    quiet = deliveries.level
    ours.handlers.clear()
    # A command line that ran in this process before may have turned them down.
    deliveries.setLevel(logging.NOTSET)
    try:
        yield Lines(function_logger(stream), stream)
    finally:
        ours.handlers[:] = handlers
        ours.setLevel(level)
        deliveries.setLevel(quiet)
        # Otherwise Powertools takes the logger for its own again.
        for name in ("init", "powertools_handler", "powertools_buffer_config", "powertools_buffer_cache"):
            vars(ours).pop(name, None)


def a_site(monkeypatch: pytest.MonkeyPatch, logger: Logger, connector: Connector | None = None) -> Site:
    """Make everything; moto answers already."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secrets.token_hex(20))
    sqs, dynamodb = clients.sqs(None), clients.dynamodb(None)
    urls = [sqs.create_queue(QueueName=f"functions-{what}")["QueueUrl"] for what in ("work", "dead")]
    clients.events(None).create_event_bus(Name="functions")
    for table in TABLES:
        dynamodb.create_table(**definition(table, PREFIX))
    environment = {
        "ACTONCE_TARGET": "aws",
        "ACTONCE_AWS_REGION": clients.REGION,
        "ACTONCE_AWS_TABLE_PREFIX": PREFIX,
        "ACTONCE_AWS_QUEUE_URL": urls[0],
        "ACTONCE_AWS_DEAD_LETTER_QUEUE_URL": urls[1],
        "ACTONCE_AWS_BUS_NAME": "functions",
        "ACTONCE_AWS_ARTIFACTS_BUCKET": "functions",
        "ACTONCE_UNKNOWN_TENANTS": "enabled",
    }
    site = Site(environment, connector or StubConnector(), logger)
    site.container().registry().apply(ENTRY)
    return site


def record_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as Lambda shows it."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }


def an_event(number: int = 1, change: Callable[[Intent], Intent] = lambda it: it) -> str:
    return approved_event(change(intent(f"intent-{number}")), "HUMAN", False, embed=True)


def inserted(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows as the stream of their table shows them."""
    return {"Records": [stream_record(place, row) for place, row in enumerate(rows)]}


def stream_record(place: int, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "eventID": str(place),
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"SequenceNumber": str(100 + place), "NewImage": row, "StreamViewType": "NEW_IMAGE"},
    }


def metrics(printed: str) -> dict[tuple[str, ...], list[float]]:
    """The numbers that were printed, by metric and the values of its dimensions without the service."""
    found: dict[tuple[str, ...], list[float]] = {}
    for line in printed.splitlines():
        document = json.loads(line)
        for one in document.get("_aws", {}).get("CloudWatchMetrics", []):
            for names in one["Dimensions"]:
                values = [document[name] for name in sorted(names, reverse=True) if name != "service"]
                for metric in one["Metrics"]:
                    found.setdefault((metric["Name"], *values), []).extend(document[metric["Name"]])
    return found
