"""``actonce publish``: onto a bus, into a queue, into a database, or nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulators import clients
from tests.integration.aws_desk import AwsDesk, an_aws_desk
from tests.integration.desk import Desk, an_open_desk, event
from tests.unit.aws.lines import Instead

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient

Row = dict[str, Any]


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> AwsDesk:
    request.getfixturevalue("moto")
    return an_aws_desk(tmp_path, None)


def arrivals(desk: AwsDesk) -> str:
    """Let everything on the bus arrive in a queue, and return its URL."""
    sqs, events, name = clients.sqs(None), clients.events(None), f"{desk.prefix}bus"
    url = sqs.create_queue(QueueName=f"{desk.prefix}arrivals")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventBusName=name, EventPattern='{"detail-type": ["ACTION_APPROVED"]}')
    events.put_targets(Rule="all", EventBusName=name, Targets=[{"Id": "arrivals", "Arn": arn}])
    return url


def received(url: str) -> list[Row]:
    found: list[Row] = []
    while messages := clients.sqs(None).receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
    return found


def test_onto_a_bus_go_valid_events_alone_and_the_others_are_named(desk: AwsDesk) -> None:
    url = arrivals(desk)
    file = desk.events(*[event(number) for number in range(1, 13)], "garbage", '{"wake_up": {}}')

    done = desk("publish", "--bus", f"{desk.prefix}bus", file)

    assert (done.exit_code, done.stdout.partition(".")[0]) == (2, "12 published")
    assert "event 13: The body is not JSON." in done.stderr
    assert "event 14: The wake-up is not valid" in done.stderr
    ids = {it["detail"]["data"]["action_intent_id"] for it in received(url)}
    assert ids == {f"intent-{number}" for number in range(1, 13)}
    assert desk("status", "intent-1", "-t", "tenant-1", "-a", "account-1").exit_code == 3


@pytest.mark.usefixtures("moto")
def test_into_a_queue_that_is_named_they_go_without_a_table(tmp_path: Path) -> None:
    url = clients.sqs(None).create_queue(QueueName="theirs")["QueueUrl"]
    desk = AwsDesk(tmp_path, None, "none-")
    desk.config.write_text('[aws]\nregion = "eu-central-1"\n', encoding="utf-8")

    assert desk.ok("publish", "--queue", url, desk.events(event())).startswith("1 published.")

    assert [it["detail"]["data"]["action_intent_id"] for it in received(url)] == ["intent-1"]


def test_into_a_database_they_go_and_are_carried_out_from_there(tmp_path: Path) -> None:
    desk = an_open_desk(tmp_path)
    other = tmp_path / "other.db"
    assert "actonce run" in desk.ok("publish", "--db", str(other), desk.events(event()))
    assert desk("status", "intent-1", "-t", "tenant-1", "-a", "account-1").exit_code == 3
    shown = desk.ok("--db", str(other), "status", "intent-1", "-t", "tenant-1", "-a", "account-1", "--json")
    assert json.loads(shown)["status"] == "PENDING"


@pytest.mark.parametrize("where", [("--bus", "no-such-bus"), ("--queue", "https://sqs/none"), ("--db", "none/at/all")])
def test_a_dry_run_checks_every_line_and_opens_nothing(tmp_path: Path, where: tuple[str, str]) -> None:
    desk = Desk(tmp_path)
    desk.config.write_text("", encoding="utf-8")
    done = desk("publish", "--dry-run", *where, desk.events(event(), "{}"))
    assert (done.exit_code, done.stdout.strip()) == (2, "1 valid. Nothing was sent.")
    assert desk.ok("publish", "--dry-run", *where, desk.events(event())).strip() == "1 valid. Nothing was sent."


def test_many_refusals_are_counted_and_not_all_shown(tmp_path: Path) -> None:
    desk = an_open_desk(tmp_path)
    done = desk("publish", "--dry-run", desk.events(*["{}"] * 50))
    assert (done.stderr.count("event "), "... and 30 more." in done.stderr) == (20, True)


def test_two_places_are_one_too_many(tmp_path: Path) -> None:
    desk = an_open_desk(tmp_path)
    done = desk("publish", "--bus", "one", "--queue", "two", desk.events(event()))
    assert (done.exit_code, done.stderr.strip()) == (2, "actonce: Give one of --bus, --queue and --db.")


def test_what_the_bus_did_not_take_is_said_and_asks_to_be_tried_again(
    desk: AwsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, {"ErrorCode": "NotAuthorizedForSource"}]}
    answering(monkeypatch, refused)

    done = desk("publish", "--bus", f"{desk.prefix}bus", desk.events(event(1), event(2)))

    assert (done.exit_code, done.stdout.partition(".")[0]) == (7, "1 published")
    assert "event 2: not taken: NotAuthorizedForSource" in done.stderr


def answering(monkeypatch: pytest.MonkeyPatch, answer: Row) -> None:
    """Let the client that the command opens be answered in the service's place."""
    from adapters.aws import session

    given = session.Aws.client

    def opened(aws: session.Aws, service: str, patience: session.Patience) -> Any:  # noqa: ANN401 - as there
        client: EventBridgeClient = given(aws, service, patience)
        if service == "events":
            Instead(client, "PutEvents", answer)
        return client

    monkeypatch.setattr(session.Aws, "client", opened)
