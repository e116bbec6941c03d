"""What comes again: dead letters that are sent back, and events that are replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.emulators import clients
from tests.integration.aws_desk import AwsDesk, an_aws_desk
from tests.integration.desk import NAMED, Desk, an_open_desk, event, many, one

HOURS = ("--from", "2026-11-24T08:00:00", "--to", "2026-11-24T09:30:00Z")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return an_open_desk(tmp_path)


@pytest.fixture
def aws_desk(tmp_path: Path, request: pytest.FixtureRequest) -> AwsDesk:
    request.getfixturevalue("moto")
    return an_aws_desk(tmp_path, None)


def by_ids_alone(number: int = 1) -> str:
    document = json.loads(event(number))
    del document["detail"]["data"]["intent"]
    return json.dumps(document)


def replayed(number: int = 1) -> str:
    """The event as an archive brings it: under another id, with the name of the replay."""
    return json.dumps({**json.loads(event(number)), "id": "another", "replay-name": "actonce-again"})


def letters(desk: Desk) -> list[str]:
    return [it["reason"].partition(":")[0] for it in many(desk.ok("dead-letters", "--json"))]


def buried(desk: Desk) -> None:
    """One whose intent never came, one that is no event, one whose body is another than the first."""
    desk.config.write_text("[timing]\nintent_grace_ms = 1\n" + desk.config.read_text("utf-8"), encoding="utf-8")
    desk.ok("run", desk.events(event(2)))
    assert desk("run", desk.events(by_ids_alone(), "garbage", event(2, "Another"))).exit_code == 6
    assert sorted(letters(desk)) == ["INTENT_NOT_FOUND", "INVALID_EVENT", "PAYLOAD_CONFLICT"]


def test_a_dry_run_shows_what_would_go_back_and_changes_nothing(desk: Desk) -> None:
    buried(desk)
    desk.ok("publish", desk.events(event(1)))
    done = desk("redrive", "--json")
    stays = {it["reason"].partition(":")[0]: it["stays_because"] for it in many(done.stdout)}
    assert done.exit_code == 0
    assert stays["INTENT_NOT_FOUND"] is None
    assert stays["PAYLOAD_CONFLICT"] == "the intent's first body stands"
    assert stays["INVALID_EVENT"]
    assert "1 would be sent back: say so with --yes" in done.stderr
    assert len(letters(desk)) == 3
    assert "stays: the intent's first body stands" in desk.ok("redrive")


def test_a_letter_goes_back_once_something_can_come_of_it_and_is_carried_out(desk: Desk) -> None:
    buried(desk)
    refused = desk("redrive", "--reason", "INTENT_NOT_FOUND", "--yes")
    assert (refused.exit_code, "stays: its intent is still not there" in refused.stdout) == (4, True)
    desk.ok("publish", desk.events(event(1)))
    desk.ok("cancel", "intent-1", *NAMED)
    assert "1 sent back" in desk("redrive", "--yes").stderr
    assert sorted(letters(desk)) == ["INVALID_EVENT", "PAYLOAD_CONFLICT"]
    desk("run")
    assert desk.status(1)["status"] == "CANCELLED"


def test_letters_are_chosen_by_id_and_forced_ones_are_buried_again_with_their_reason(desk: Desk) -> None:
    buried(desk)
    (bad,) = (it for it in many(desk.ok("dead-letters", "--json")) if it["body"] == "garbage")
    assert desk("redrive", "--id", "no-such-letter").exit_code == 3
    assert desk("redrive", "--id", bad["message_id"], "--yes").exit_code == 4
    assert "1 sent back" in desk("redrive", "--id", bad["message_id"], "--force", "--yes").stderr
    assert len(letters(desk)) == 2
    desk("run")
    assert sorted(letters(desk)) == ["INTENT_NOT_FOUND", "INVALID_EVENT", "PAYLOAD_CONFLICT"]


def test_on_sqs_letters_go_back_message_by_message(aws_desk: AwsDesk) -> None:
    at = clients.sqs(None)
    dead = at.get_queue_url(QueueName=f"{aws_desk.prefix}dead")["QueueUrl"]
    work = at.get_queue_url(QueueName=f"{aws_desk.prefix}work")["QueueUrl"]
    attributes = {"reason": {"DataType": "String", "StringValue": "UNKNOWN_ERROR: a fault"}}
    for body in (event(1), event(2), "garbage"):
        at.send_message(QueueUrl=dead, MessageBody=body, MessageAttributes=attributes)  # type: ignore[arg-type]
    done = aws_desk("redrive", "--reason", "UNKNOWN_ERROR", "--yes")
    assert (done.exit_code, "2 sent back. They are carried out by actonce worker." in done.stderr) == (0, True)
    found = at.receive_message(QueueUrl=work, MaxNumberOfMessages=10)["Messages"]
    assert sorted(it["Body"] for it in found) == sorted([event(1), event(2)])
    assert [it["body"] for it in many(aws_desk.ok("dead-letters", "--json"))] == ["garbage"]


def test_a_replayed_event_is_an_ordinary_redelivery(desk: Desk) -> None:
    desk.ok("run", desk.events(event(1)))
    before = desk.status(1)
    assert one(desk.ok("run", desk.events(replayed(1), replayed(1)), "--json")) == before
    assert desk.objects() == 1
    assert one(desk.ok("run", desk.events(replayed(2)), "--json"))["status"] == "SUCCEEDED"
    assert desk.objects() == 2
    assert "no dead letters" in desk.ok("dead-letters")


def test_an_embedded_installation_says_that_it_has_no_archive(desk: Desk) -> None:
    done = desk("replay", *HOURS)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "actonce publish FILE" in done.stderr


def archived(desk: AwsDesk) -> str:
    """Make an archive of the bus, with an event in it, and return the URL of the queue that the bus brings it to."""
    events, sqs = clients.events(None), clients.sqs(None)
    bus = f"{desk.prefix}bus"
    url = sqs.get_queue_url(QueueName=f"{desk.prefix}work")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="approved", EventBusName=bus, EventPattern='{"detail-type": ["ACTION_APPROVED"]}')
    events.put_targets(Rule="approved", EventBusName=bus, Targets=[{"Id": "work", "Arn": arn}])
    events.create_archive(ArchiveName="archive", EventSourceArn=events.describe_event_bus(Name=bus)["Arn"])
    document = json.loads(event(1))
    events.put_events(
        Entries=[
            {
                "EventBusName": bus,
                "Source": document["source"],
                "DetailType": document["detail-type"],
                "Detail": json.dumps(document["detail"]),
            }
        ]
    )
    desk.config.write_text(desk.config.read_text("utf-8") + 'archive = "archive"\n', encoding="utf-8")
    return url


def test_what_the_archive_holds_comes_to_the_queue_again_under_the_name_of_its_replay(aws_desk: AwsDesk) -> None:
    url = archived(aws_desk)
    whole = ("replay", "--from", "2020-01-01", "--to", "2020-01-02")
    assert "has begun" in aws_desk.ok(*whole)
    assert "was begun before" in aws_desk.ok(*whole)
    assert "has begun" in aws_desk.ok(*whole, "--name", "once-more")
    found = clients.sqs(None).receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    names = [json.loads(it["Body"]).get("replay-name") for it in found]
    assert set(names) - {None} == {"actonce-20200101T000000-20200102T000000", "once-more"}


def test_a_replay_that_cannot_be_is_refused_in_one_line(aws_desk: AwsDesk) -> None:
    archived(aws_desk)
    for moments in (("--from", "2020-01-02", "--to", "2020-01-01"), ("--from", "2020-01-01", "--to", "9999-01-01")):
        done = aws_desk("replay", *moments)
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    text = aws_desk.config.read_text("utf-8").replace('archive = "archive"', 'archive = "another"')
    aws_desk.config.write_text(text, encoding="utf-8")
    done = aws_desk("replay", *HOURS)
    assert (done.exit_code, "no archive another" in done.stderr) == (2, True)
