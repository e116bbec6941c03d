from __future__ import annotations

import pytest

from adapters.aws.dead_letters import MAX_LOOKS, REDRIVEN
from core.domain.errors import StoreUnavailableError
from tests.unit.aws.lines import AWS_WORDS, Instead, error
from tests.unit.aws.queues import Desk


def test_a_letter_that_sqs_moved_by_itself_has_its_own_id_and_says_so(desk: Desk) -> None:
    message_id = desk.client.send_message(QueueUrl=desk.dead_letter_url, MessageBody="one")["MessageId"]

    (letter,) = desk.dead_letters.newest(1)

    assert (letter.message_id, letter.body, letter.reason) == (message_id, "one", REDRIVEN)


def test_a_look_takes_at_most_a_hundred_letters(desk: Desk) -> None:
    for _ in range(12):
        entries = [{"Id": str(place), "MessageBody": "bad"} for place in range(10)]
        desk.client.send_message_batch(QueueUrl=desk.dead_letter_url, Entries=entries)  # type: ignore[arg-type]

    assert len(desk.dead_letters.newest(1_000)) == 100
    assert desk.calls.count("ReceiveMessage") == MAX_LOOKS
    assert desk.dead_letters.count() == 120


def test_letters_are_put_back_even_when_a_later_look_fails(desk: Desk) -> None:
    desk.client.send_message(QueueUrl=desk.dead_letter_url, MessageBody="one")
    first = desk.client.receive_message(
        QueueUrl=desk.dead_letter_url, VisibilityTimeout=30, AttributeNames=["SentTimestamp"]
    )
    Instead(desk.client, "ReceiveMessage", first, error("RequestThrottled"))

    with pytest.raises(StoreUnavailableError) as caught:
        desk.dead_letters.newest(10)

    assert AWS_WORDS not in str(caught.value)
    assert [letter.body for letter in desk.dead_letters.newest(10)] == ["one"]


def test_letters_that_cannot_be_put_back_are_shown_all_the_same(desk: Desk) -> None:
    desk.client.send_message(QueueUrl=desk.dead_letter_url, MessageBody="one")
    Instead(desk.client, "ChangeMessageVisibilityBatch", error("RequestThrottled"))

    assert [letter.body for letter in desk.dead_letters.newest(10)] == ["one"]
    assert desk.dead_letters.count() == 1
