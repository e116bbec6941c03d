"""What only services outside this process can show: events that arrive, secrets that are kept, one call for ten."""

import json
from typing import Any

import pytest

from core.domain.errors import ConfigurationError
from core.domain.signal import Signal, SignalType
from ports.wire.signal import signal_document
from tests.contract.aws_backends import AwsServices
from tests.contract.samples import NOW_MS, key

LOOKS = 50
LONG_MS = 30_000


def arrived(aws: AwsServices, count: int) -> list[dict[str, Any]]:
    """Wait for events; they arrive a moment after they were accepted."""
    found: list[dict[str, Any]] = []
    for _ in range(LOOKS):
        answer = aws.clients.sqs.receive_message(QueueUrl=aws.arrivals_url, MaxNumberOfMessages=10)
        found += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        if len(found) >= count:
            break
        aws.pass_time(50)
    return found


def test_every_signal_arrives_as_it_was_published(aws: AwsServices) -> None:
    sent = [
        Signal(f"s{place}", SignalType.ACTION_REFUSED, key(), 1, NOW_MS, "", "", reason="ü" * 20_000)
        for place in range(12)
    ]
    assert list(aws.signals.publish(sent)) == []
    events = {event["detail"]["metadata"]["id"]: event for event in arrived(aws, 12)}
    assert len(events) == 12
    for signal in sent:
        event = events[signal.signal_id]
        assert (event["source"], event["detail-type"]) == ("cc-native", "ACTION_REFUSED")
        assert event["detail"] == signal_document(signal)


def test_a_secret_is_given_by_its_name_and_an_absent_one_is_not(aws: AwsServices) -> None:
    name = aws.arrivals_url.rsplit("/", 1)[-1]
    aws.clients.secrets_manager.create_secret(Name=name, SecretString="value")
    assert aws.secrets.get(name) == "value"
    with pytest.raises(ConfigurationError):
        aws.secrets.get(f"{name}-absent")


def test_a_dead_letter_keeps_a_reason_of_any_characters(aws: AwsServices) -> None:
    aws.queue.send(["one"])
    (bad,) = aws.queue.receive(1, visibility_ms=LONG_MS)
    aws.queue.dead_letter(bad, "\x00 ü \U0001f600 \uffff")
    assert [letter.reason for letter in aws.dead_letters.newest(1)] == ["\ufffd ü \U0001f600 \ufffd"]
