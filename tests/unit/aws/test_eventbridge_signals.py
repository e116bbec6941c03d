from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws

from adapters.aws.signals import EventBridgeSignals
from core.domain.errors import StoreUnavailableError
from core.domain.signal import Signal, SignalType
from ports.wire.signal import signal_document, signal_json
from tests.unit.aws.lines import AWS_WORDS, Calls, Cut, Instead, error, fresh
from tests.unit.making import KEY, NOW_MS, TRACE

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_sqs import SQSClient

SMALL = 10


@dataclass(frozen=True, slots=True)
class Bus:
    """A bus whose every event arrives in a queue."""

    client: EventBridgeClient
    calls: Calls
    signals: EventBridgeSignals
    sqs: SQSClient
    arrivals_url: str

    def arrived(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while messages := self.sqs.receive_message(QueueUrl=self.arrivals_url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in messages]
        return found

    def ids(self) -> list[str]:
        return sorted(event["detail"]["metadata"]["id"] for event in self.arrived())


@pytest.fixture
def bus() -> Iterator[Bus]:
    with mock_aws():
        client, sqs = fresh("events"), fresh("sqs")
        url = sqs.create_queue(QueueName="arrivals")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        client.create_event_bus(Name="out")
        client.put_rule(Name="all", EventBusName="out", EventPattern='{"source": [{"prefix": ""}]}')
        client.put_targets(Rule="all", EventBusName="out", Targets=[{"Id": "arrivals", "Arn": arn}])
        yield Bus(client, Calls(client), EventBridgeSignals(client, "out", "our-source"), sqs, url)


def signals(*sizes: int) -> list[Signal]:
    return [
        Signal(f"s{place}", SignalType.ACTION_REFUSED, KEY, 1, NOW_MS, TRACE, "", reason="x" * size)
        for place, size in enumerate(sizes)
    ]


def calls_of(bus: Bus) -> list[int]:
    return [len(call["Entries"]) for call in bus.calls.of("PutEvents")]


def test_a_signal_arrives_as_the_json_lines_adapter_would_write_it(bus: Bus) -> None:
    (signal,) = signals(SMALL)

    assert list(bus.signals.publish([signal])) == []

    (event,) = bus.arrived()
    assert (event["source"], event["detail-type"]) == ("our-source", "ACTION_REFUSED")
    assert event["detail"] == signal_document(signal)


def test_nothing_to_publish_asks_for_nothing(bus: Bus) -> None:
    assert list(bus.signals.publish([])) == []
    assert bus.calls.seen == []


def test_ten_signals_are_one_call_and_more_are_more(bus: Bus) -> None:
    assert list(bus.signals.publish(signals(*[SMALL] * 23))) == []

    assert calls_of(bus) == [10, 10, 3]
    assert len(bus.arrived()) == 23


def test_a_call_carries_at_most_256_kilobytes(bus: Bus) -> None:
    assert list(bus.signals.publish(signals(100_000, 100_000, 100_000, 200_000, SMALL))) == []

    assert calls_of(bus) == [2, 1, 2]


def test_a_call_is_measured_to_the_byte(bus: Bus) -> None:
    one = signals(SMALL)[0]
    overhead = len(signal_json(one)) - SMALL + len("our-source") + len("ACTION_REFUSED")
    half = 131_072 - overhead

    bus.signals.publish(signals(half, half))
    bus.signals.publish(signals(half, half + 1))

    assert calls_of(bus) == [2, 1, 1]


def test_exactly_the_signals_that_were_not_accepted_are_given_back(bus: Bus) -> None:
    sent = signals(*[SMALL] * 4)
    answer = {
        "FailedEntryCount": 2,
        "Entries": [
            {"EventId": "1"},
            {"ErrorCode": "ThrottlingException", "ErrorMessage": AWS_WORDS},
            {"EventId": "3"},
            {"ErrorCode": "InternalFailure", "ErrorMessage": AWS_WORDS},
        ],
    }
    Instead(bus.client, "PutEvents", answer)

    assert list(bus.signals.publish(sent)) == [sent[1], sent[3]]


def test_when_each_signal_is_refused_by_itself_all_are_given_back(bus: Bus) -> None:
    sent = signals(SMALL, SMALL)
    refused = {"ErrorCode": "InternalFailure"}
    Instead(bus.client, "PutEvents", {"FailedEntryCount": 2, "Entries": [refused, refused]})

    assert list(bus.signals.publish(sent)) == sent


@pytest.mark.parametrize(
    "entries",
    [[], [{"EventId": "1"}], [{"EventId": "1"}, {}], [{"EventId": "1"}, {"EventId": "2", "ErrorCode": "Odd"}]],
)
def test_an_answer_that_does_not_plainly_accept_a_signal_has_not_accepted_it(
    bus: Bus, entries: list[dict[str, str]]
) -> None:
    sent = signals(SMALL, SMALL)
    Instead(bus.client, "PutEvents", {"FailedEntryCount": 0, "Entries": entries})

    assert list(bus.signals.publish(sent)) == (sent if not entries else [sent[1]])


@pytest.mark.parametrize("code", ["InternalException", "ThrottlingException", "ResourceNotFoundException"])
def test_a_call_that_fails_with_nothing_accepted_is_transient(bus: Bus, code: str) -> None:
    Instead(bus.client, "PutEvents", error(code))

    with pytest.raises(StoreUnavailableError, match=code) as caught:
        bus.signals.publish(signals(SMALL))

    assert AWS_WORDS not in str(caught.value)


def test_a_bus_that_cannot_be_reached_is_transient(bus: Bus) -> None:
    Cut(bus.client, ReadTimeoutError(endpoint_url="https://events.test"))

    with pytest.raises(StoreUnavailableError):
        bus.signals.publish(signals(SMALL))


def test_a_call_that_fails_beside_one_that_is_accepted_gives_back_its_own_signals(bus: Bus) -> None:
    sent = signals(*[SMALL] * 15)
    Instead(bus.client, "PutEvents", error("InternalException"))

    assert list(bus.signals.publish(sent)) == sent[:10]
    assert bus.ids() == sorted(it.signal_id for it in sent[10:])


def test_a_signal_that_is_too_large_by_itself_keeps_back_no_other(bus: Bus) -> None:
    sent = signals(SMALL, 300_000, SMALL)
    accepted = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}
    Instead(bus.client, "PutEvents", accepted, error("ValidationException"), accepted)

    assert list(bus.signals.publish(sent)) == [sent[1]]
    assert calls_of(bus) == [1, 1, 1]
