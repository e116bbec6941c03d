from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from adapters.aws.approvals import FIRST_PAUSE_MS, TRIES, EventBridgeApprovals
from adapters.memory.clock import FakeClock
from core.domain.errors import StoreUnavailableError
from ports.wire.messages import approved_event
from tests.unit.aws.lines import Calls, Instead, error, fresh
from tests.unit.making import an_intent

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_sqs import SQSClient

Row = dict[str, Any]
TAKEN, BUSY, DENIED = {"EventId": "1"}, {"ErrorCode": "ThrottlingException"}, {"ErrorCode": "NotAuthorizedForSource"}


@dataclass(frozen=True, slots=True)
class Bus:
    client: EventBridgeClient
    calls: Calls
    approvals: EventBridgeApprovals
    clock: FakeClock
    sqs: SQSClient
    arrivals_url: str

    def arrived(self) -> list[Row]:
        found: list[Row] = []
        while messages := self.sqs.receive_message(QueueUrl=self.arrivals_url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in messages]
        return found

    def asked(self) -> list[int]:
        return [len(call["Entries"]) for call in self.calls.of("PutEvents")]


@pytest.fixture
def bus() -> Iterator[Bus]:
    with mock_aws():
        client, sqs, clock = fresh("events"), fresh("sqs"), FakeClock()
        url = sqs.create_queue(QueueName="arrivals")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        client.create_event_bus(Name="in")
        client.put_rule(Name="all", EventBusName="in", EventPattern='{"source": [{"prefix": ""}]}')
        client.put_targets(Rule="all", EventBusName="in", Targets=[{"Id": "arrivals", "Arn": arn}])
        yield Bus(client, Calls(client), EventBridgeApprovals(client, "in", clock), clock, sqs, url)


def answered(*entries: Row) -> Row:
    return {"FailedEntryCount": sum("ErrorCode" in it for it in entries), "Entries": list(entries)}


def test_an_event_arrives_as_it_was_written(bus: Bus) -> None:
    event = approved_event(an_intent(), "HUMAN", embed=True)

    assert bus.approvals.put([event]) == {}

    (arrived,) = bus.arrived()
    written = json.loads(event)
    assert {name: arrived[name] for name in written} == written


def test_ten_events_are_one_call_and_more_are_more(bus: Bus) -> None:
    assert bus.approvals.put([approved_event(an_intent())] * 23) == {}
    assert bus.asked() == [10, 10, 3]


def test_a_call_carries_at_most_256_kilobytes(bus: Bus) -> None:
    large = approved_event(an_intent(parameters={"content": "x" * 100_000}), embed=True)

    assert bus.approvals.put([large] * 3) == {}
    assert bus.asked() == [2, 1]


def test_only_the_entries_that_failed_are_sent_again(bus: Bus) -> None:
    Instead(bus.client, "PutEvents", answered(TAKEN, BUSY, TAKEN), answered(TAKEN))
    events = [approved_event(an_intent(trace_id=f"trace-{number}")) for number in range(3)]

    assert bus.approvals.put(events) == {}

    first, second = bus.calls.of("PutEvents")
    assert len(first["Entries"]) == 3
    assert second["Entries"] == [first["Entries"][1]]


def test_what_is_refused_for_good_is_not_sent_again_and_has_its_code(bus: Bus) -> None:
    Instead(bus.client, "PutEvents", answered(DENIED, TAKEN))

    assert bus.approvals.put([approved_event(an_intent())] * 2) == {0: "NotAuthorizedForSource"}
    assert bus.asked() == [2]


def test_tries_are_bounded_and_wait_longer_each_time(bus: Bus) -> None:
    Instead(bus.client, "PutEvents", answered(TAKEN, BUSY), *[answered(BUSY)] * TRIES)

    assert bus.approvals.put([approved_event(an_intent())] * 2) == {1: "ThrottlingException"}
    assert bus.asked() == [2, *[1] * (TRIES - 1)]
    assert bus.clock.monotonic_ms() == sum(FIRST_PAUSE_MS << tried for tried in range(TRIES - 1))


@pytest.mark.parametrize("entries", [[], [TAKEN], [TAKEN, {}]])
def test_an_entry_that_an_answer_does_not_plainly_take_is_not_taken(bus: Bus, entries: list[Row]) -> None:
    silent = {"FailedEntryCount": 0, "Entries": entries}
    Instead(bus.client, "PutEvents", silent, *[{"FailedEntryCount": 0, "Entries": []}] * TRIES)

    refused = bus.approvals.put([approved_event(an_intent())] * 2)
    assert refused == ({1: "NO_ANSWER"} if entries else {0: "NO_ANSWER", 1: "NO_ANSWER"})


def test_a_call_that_fails_is_transient(bus: Bus) -> None:
    Instead(bus.client, "PutEvents", error("InternalException"))

    with pytest.raises(StoreUnavailableError, match="InternalException"):
        bus.approvals.put([approved_event(an_intent())])
