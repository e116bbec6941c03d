"""SIGKILL of worker processes that share one queue: DynamoDB, SQS, EventBridge and S3 on an emulator."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.aws.intents import DynamoIntents
from core.domain.intent import Intent
from ports.wire.messages import approved_event
from tests.contract.dynamo import made
from tests.e2e.barriers import SETTLED, WINDOWS
from tests.e2e.yard import (
    ANYWHERE,
    LEAST_IN_EACH,
    PLACES,
    Yard,
    check_signals,
    check_truth,
    every_outcome,
    laid_out,
    struck_down,
)
from tests.emulators import clients

KILLS = max(50, int(os.environ.get("ACTONCE_AWS_KILLS", "50")))
SETTLED_S = 90.0
STOPPED_S = 20.0
HEADING = """
target = "aws"
[paths]
registry = ["registry"]
[aws]
endpoint_url = "{endpoint_url}"
region = "{region}"
table_prefix = "{prefix}"
queue_url = "{queue_url}"
dead_letter_queue_url = "{dead_letter_url}"
bus_name = "{bus}"
artifacts_bucket = "{bucket}"
paging_secret = "{bucket}"
"""
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "test", "BARRIER_TARGET": "aws"}


@dataclass
class Cloud:
    """The yard, and what lies in the emulator beside it."""

    yard: Yard
    intents: DynamoIntents
    queue_url: str
    signals_url: str
    endpoint_url: str

    def publish(self) -> None:
        """Send new intents: half of them inside their events, half by id alone, as upstream does."""
        client = clients.sqs(self.endpoint_url)
        for place, intent in enumerate(self.yard.fresh()):
            if place % 2 == 0:
                self.intents.put(intent)
            client.send_message(QueueUrl=self.queue_url, MessageBody=_event(intent, embed=place % 2 == 1))

    def worker(self, pause: str | None = None, skip: int = 0) -> subprocess.Popen[bytes]:
        return self.yard.start("worker", "--stop-s", "10", pause=pause, skip=skip, environment=CREDENTIALS)

    def signals(self) -> list[dict[str, Any]]:
        """Every signal that reached the subscribed queue."""
        client = clients.sqs(self.endpoint_url)
        told: list[dict[str, Any]] = []
        while True:
            found = client.receive_message(QueueUrl=self.signals_url, MaxNumberOfMessages=10, VisibilityTimeout=600)
            if not found.get("Messages"):
                return told
            told += [json.loads(message["Body"]) for message in found["Messages"]]


def _event(intent: Intent, *, embed: bool) -> str:
    return approved_event(intent, embed=embed)


@pytest.fixture
def cloud(tmp_path: Path, emulator: str) -> Iterator[Cloud]:
    sqs, events, s3 = clients.sqs(emulator), clients.events(emulator), clients.s3(emulator)
    name = f"kills-{secrets.token_hex(4)}"
    urls = [sqs.create_queue(QueueName=f"{name}-{what}")["QueueUrl"] for what in ("work", "dead", "signals")]
    queue_url, dead_letter_url, signals_url = urls
    events.create_event_bus(Name=name)
    events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps({"source": ["cc-native"]}))
    arn = sqs.get_queue_attributes(QueueUrl=signals_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "signals", "Arn": arn}])
    clients.secretsmanager(emulator).create_secret(Name=name, SecretString=secrets.token_hex(32))
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    with made(clients.dynamodb(emulator)) as tables:
        heading = HEADING.format(
            endpoint_url=emulator,
            region=clients.REGION,
            prefix=tables.name(""),
            queue_url=queue_url,
            dead_letter_url=dead_letter_url,
            bus=name,
            bucket=name,
        )
        with laid_out(tmp_path, heading=heading, visibility_s=2.0, call_slack_ms=1_500) as yard:
            applied = yard.actonce("registry", "apply", environment=CREDENTIALS)
            assert applied.returncode == 0, applied.stderr
            yield Cloud(yard, DynamoIntents(tables), queue_url, signals_url, emulator)


def settled(cloud: Cloud) -> list[dict[str, Any]]:
    """Wait until every intent has ended or is parked; return the outcomes."""
    end = time.monotonic() + SETTLED_S
    while time.monotonic() < end:
        outcomes = every_outcome(cloud.yard, CREDENTIALS)
        if len(outcomes) == len(cloud.yard.intents) and all(it["status"] != "RUNNING" for it in outcomes):
            return outcomes
    raise AssertionError(f"not settled in time: {cloud.yard.output()}")


@pytest.mark.xdist_group("queue")
@pytest.mark.service
@pytest.mark.timeout(1_800)
def test_fifty_kills_of_two_workers_on_one_queue_write_nothing_twice_and_lose_nothing(cloud: Cloud) -> None:
    chance = random.Random(20_262)
    fell: Counter[str] = Counter()
    struck: set[str] = set()
    peer = cloud.worker()
    for number in range(KILLS):
        place = PLACES[number % len(PLACES)]
        if place == ANYWHERE:
            # The peer itself dies, whatever it is at, and another takes its place.
            peer, victim = cloud.worker(), peer
        else:
            victim = cloud.worker(pause=place, skip=chance.randrange(2))
        inside = struck_down(cloud.yard, victim, place, chance, feed=cloud.publish)
        assert inside is not None, cloud.yard.output()
        fell.update({window for window, _ in inside})
        struck |= {intent for window, intent in inside if window != SETTLED}
    print(f"\n{KILLS} kills; in each window: {dict(fell)}")
    outcomes = settled(cloud)
    assert {window: n for window, n in fell.items() if n < LEAST_IN_EACH.get(window, 0)} == {}
    assert set(WINDOWS) <= set(fell)
    check_truth(cloud.yard, outcomes, struck)
    peer.send_signal(signal.SIGTERM)
    assert peer.wait(timeout=STOPPED_S) == 0, cloud.yard.output()
    check_signals(outcomes, cloud.signals())
    verified = cloud.yard.actonce("ledger", "verify", environment=CREDENTIALS)
    assert verified.returncode == 0, verified.stdout
