"""The examples for publishers publish what the system takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from examples.publishing.publish import main as publish
from ports.wire.messages import ApprovedEvent, parse_message
from tests.architecture.sources import ROOT
from tests.emulators import clients
from tests.npm_packages import said_by

pytestmark = pytest.mark.service

FOLDER = ROOT / "examples" / "publishing"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}


@dataclass(frozen=True)
class Bus:
    name: str
    endpoint_url: str
    arrived: Callable[[], list[ApprovedEvent]]


@pytest.fixture
def bus(emulator: str) -> Bus:
    """A bus, whose approved events arrive in a queue as they do in an installation."""
    sqs, events, name = clients.sqs(emulator), clients.events(emulator), f"bus-{uuid.uuid4().hex}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=name)
    pattern = {"source": ["cc-native"], "detail-type": ["ACTION_APPROVED"]}
    events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "arrivals", "Arn": arn}])

    def arrived() -> list[ApprovedEvent]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=10).get("Messages", [])
        messages = [parse_message(it["Body"]) for it in found]
        assert all(isinstance(it, ApprovedEvent) for it in messages)
        return [it for it in messages if isinstance(it, ApprovedEvent)]

    return Bus(name, emulator, arrived)


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (CREDENTIALS | {"AWS_DEFAULT_REGION": clients.REGION}).items():
        monkeypatch.setenv(name, value)


def test_the_publisher_in_python_publishes_what_a_worker_takes(bus: Bus) -> None:
    assert publish(["--bus", bus.name, "--intent-id", "intent-7", "--endpoint-url", bus.endpoint_url]) == 0
    (event,) = bus.arrived()
    assert event.intent is not None
    assert (event.key.intent_id, event.intent.parameters) == ("intent-7", {"content": "They asked for a call."})


def test_the_publisher_in_python_names_what_is_wrong_and_sends_nothing(
    bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(["--bus", bus.name, "--intent-id", "odd id", "--endpoint-url", bus.endpoint_url]) == 1
    assert "action_intent_id" in capsys.readouterr().err


def test_the_aws_cli_publishes_what_a_worker_takes(bus: Bus) -> None:
    if not said_by("aws", "--version"):
        # In CI too, for Ubuntu 24.04 has no package of it.
        pytest.skip("The AWS CLI is missing. On Debian: apt-get install awscli")
    said = run_script(bus.name, "--endpoint-url", bus.endpoint_url)
    assert (said.returncode, said.stdout.strip()) == (0, "published"), said.stderr
    (event,) = bus.arrived()
    assert event.intent is not None
    assert event.key.intent_id == "intent-cli-1"


def test_the_script_fails_where_an_entry_was_not_taken(tmp_path: Path) -> None:
    """What the CLI prints of an answer that refuses one entry, for no emulator can be made to give it."""
    stub = tmp_path / "aws"
    stub.write_text("#!/bin/sh\necho 1\n", encoding="utf-8")
    stub.chmod(0o755)
    said = run_script("any", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (said.returncode, said.stdout) == (1, "")
    assert "1 entries were not taken" in said.stderr


def test_the_entries_of_the_script_are_what_an_sdk_is_given_and_a_worker_takes(bus: Bus) -> None:
    (entry,) = json.loads((FOLDER / "entries.json").read_text(encoding="utf-8"))
    assert entry["EventBusName"] == "BUS"
    entry["EventBusName"] = bus.name
    answer = clients.events(bus.endpoint_url).put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 0
    (event,) = bus.arrived()
    assert event.intent is not None
    assert event.key.intent_id == "intent-cli-1"


def run_script(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    folders = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [str(FOLDER / "publish.sh"), *arguments],
        env={**os.environ, "PATH": folders, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
