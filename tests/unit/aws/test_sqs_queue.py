from __future__ import annotations

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from adapters.aws.cutting import MAX_BYTES
from adapters.aws.queue import MAX_REASON_BYTES, TRIES
from adapters.aws.wake_ups import SqsWakeUps
from adapters.memory.clock import CountingIds, FakeClock
from adapters.memory.queue import MemoryQueue
from core.domain.errors import InvalidEventError, StoreUnavailableError
from tests.unit.aws.lines import AWS_WORDS, Cut, Instead, LosingEntries, error
from tests.unit.aws.queues import LONG_MS, Desk
from tests.unit.making import KEY, NOW_MS

URL = "https://sqs.test"


def bodies_of(entries: list[dict[str, str]]) -> list[str]:
    return [entry["MessageBody"] for entry in entries]


@pytest.mark.parametrize(
    ("sizes", "calls"),
    [
        ([1] * 10, [10]),
        ([1] * 23, [10, 10, 3]),
        ([MAX_BYTES], [1]),
        ([MAX_BYTES, 1], [1, 1]),
        ([MAX_BYTES // 2] * 4, [2, 2]),
        ([100_000, 100_000, 100_000, 1], [2, 2]),
    ],
)
def test_bodies_are_sent_by_tens_and_256_kilobytes(desk: Desk, sizes: list[int], calls: list[int]) -> None:
    bodies = [chr(ord("a") + place) * size for place, size in enumerate(sizes)]

    desk.queue.send(bodies)

    sent = [call["Entries"] for call in desk.calls.of("SendMessageBatch")]
    assert [len(entries) for entries in sent] == calls
    assert [body for entries in sent for body in bodies_of(entries)] == bodies


def test_bodies_are_measured_in_bytes(desk: Desk) -> None:
    desk.queue.send(["ü" * (MAX_BYTES // 4), "ü" * (MAX_BYTES // 4 + 1)])

    assert desk.calls.count("SendMessageBatch") == 2


def test_a_body_over_the_limit_is_refused_and_nothing_is_sent(desk: Desk) -> None:
    with pytest.raises(InvalidEventError, match="over 262144 bytes"):
        desk.queue.send(["small", "ü" * (MAX_BYTES // 2 + 1)])

    assert desk.calls.seen == []


def test_only_the_entries_that_failed_are_sent_again(desk: Desk) -> None:
    LosingEntries(desk.client, "SendMessageBatch", [1, 3])

    desk.queue.send(["a", "b", "c", "d", "e"])

    sent = [bodies_of(call["Entries"]) for call in desk.calls.of("SendMessageBatch")]
    assert sent == [["a", "b", "c", "d", "e"], ["b", "d"]]
    assert desk.left() == 5


def test_entries_that_keep_failing_are_given_up_on_with_none_of_the_words_of_aws(desk: Desk) -> None:
    failed = [{"Id": "1", "Code": "InternalError", "Message": AWS_WORDS}]
    Instead(desk.client, "SendMessageBatch", *[{"Successful": [{"Id": "0"}], "Failed": failed}] * TRIES)

    with pytest.raises(StoreUnavailableError, match="1 of 2 unsent") as caught:
        desk.queue.send(["a", "b"])

    assert desk.calls.count("SendMessageBatch") == TRIES
    assert AWS_WORDS not in str(caught.value)


@pytest.mark.parametrize(("delay_ms", "delay_s"), [(0, 0), (-5, 0), (1, 1), (1_000, 1), (1_001, 2), (10**9, 900)])
def test_a_delay_is_in_whole_seconds_and_at_most_900(desk: Desk, delay_ms: int, delay_s: int) -> None:
    desk.queue.send(["one"], delay_ms=delay_ms)

    (call,) = desk.calls.of("SendMessageBatch")
    assert [entry["DelaySeconds"] for entry in call["Entries"]] == [delay_s]


@pytest.mark.parametrize(("visibility_ms", "visibility_s"), [(0, 1), (1, 1), (1_001, 2), (10**9, 43_200)])
def test_a_receive_hides_what_it_takes_for_whole_seconds(desk: Desk, visibility_ms: int, visibility_s: int) -> None:
    desk.queue.receive(99, visibility_ms=visibility_ms)

    (call,) = desk.calls.of("ReceiveMessage")
    assert (call["VisibilityTimeout"], call["MaxNumberOfMessages"]) == (visibility_s, 10)


@pytest.mark.parametrize(("delay_ms", "visibility_s"), [(0, 0), (-1, 0), (1, 1), (2_001, 3), (10**9, 39_600)])
def test_what_is_put_back_is_hidden_for_whole_seconds(desk: Desk, delay_ms: int, visibility_s: int) -> None:
    (delivery,) = desk.received()

    desk.queue.put_back(delivery, delay_ms=delay_ms)

    (call,) = desk.calls.of("ChangeMessageVisibility")
    assert call["VisibilityTimeout"] == visibility_s


def test_extending_never_makes_a_message_visible(desk: Desk) -> None:
    (delivery,) = desk.received()

    desk.queue.extend(delivery, 0)

    (call,) = desk.calls.of("ChangeMessageVisibility")
    assert call["VisibilityTimeout"] == 1


@pytest.mark.parametrize(
    "code",
    [
        "AWS.SimpleQueueService.MessageNotInflight",
        "MessageNotInflight",
        "ReceiptHandleIsInvalid",
        "InvalidParameterValue",
    ],
)
def test_what_is_no_longer_ours_is_left_alone(desk: Desk, code: str) -> None:
    (delivery,) = desk.received()
    Instead(desk.client, "ChangeMessageVisibility", *[error(code)] * 3)

    desk.queue.put_back(delivery, delay_ms=0)
    desk.queue.extend(delivery, 1_000)
    desk.queue.dead_letter(delivery, "bad")

    assert desk.buried() == []
    assert desk.calls.count("DeleteMessage") == 0


def test_a_reason_is_bounded_in_bytes_and_made_of_allowed_characters(desk: Desk) -> None:
    for reason in ("\x00\x1b[31m", "\ufffe\uffff", "ü" * MAX_REASON_BYTES, "\U0001f600" * 300, "", "fine\n"):
        (delivery,) = desk.received()
        desk.queue.dead_letter(delivery, reason)

    sent = [call["MessageAttributes"]["reason"]["StringValue"] for call in desk.calls.of("SendMessage")]
    assert sent == [
        "\ufffd\ufffd[31m",
        "\ufffd\ufffd",
        "ü" * (MAX_REASON_BYTES // 2),
        "\U0001f600" * (MAX_REASON_BYTES // 4),
        "(none given)",
        "fine\n",
    ]


def test_a_letter_that_could_not_be_copied_is_not_removed(desk: Desk) -> None:
    (delivery,) = desk.received()
    Instead(desk.client, "SendMessage", error("RequestThrottled"))

    with pytest.raises(StoreUnavailableError):
        desk.queue.dead_letter(delivery, "bad")

    assert (desk.left(), len(desk.buried())) == (1, 0)


def test_whoever_dies_between_copy_and_removal_buries_twice_under_one_id(desk: Desk) -> None:
    (delivery,) = desk.received()
    Instead(desk.client, "DeleteMessage", error("InternalError"))

    with pytest.raises(StoreUnavailableError):
        desk.queue.dead_letter(delivery, "bad")
    assert desk.left() == 1
    desk.queue.dead_letter(delivery, "bad")

    assert desk.left() == 0
    origins = {letter["MessageAttributes"]["original_message_id"]["StringValue"] for letter in desk.buried()}
    assert (len(desk.buried()), origins) == (2, {delivery.message_id})


@pytest.mark.parametrize("code", ["RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "AccessDenied"])
def test_what_the_queue_says_no_to_is_transient_and_in_our_own_words(desk: Desk, code: str) -> None:
    (delivery,) = desk.received()
    for operation in ("ReceiveMessage", "ChangeMessageVisibility", "SendMessageBatch"):
        Instead(desk.client, operation, error(code))

    for verb in (
        lambda: desk.queue.receive(1, visibility_ms=LONG_MS),
        lambda: desk.queue.put_back(delivery, delay_ms=0),
        lambda: desk.queue.send(["one"]),
    ):
        with pytest.raises(StoreUnavailableError, match=code) as caught:
            verb()
        assert AWS_WORDS not in str(caught.value)


def test_a_queue_that_cannot_be_reached_is_transient(desk: Desk) -> None:
    for fault in (ConnectTimeoutError(endpoint_url=URL), ReadTimeoutError(endpoint_url=URL)):
        Cut(desk.client, fault)

        with pytest.raises(StoreUnavailableError, match=type(fault).__name__) as caught:
            desk.queue.send(["one"])
        assert URL not in str(caught.value)


@pytest.mark.parametrize(("due_in_ms", "delay_s"), [(-5, 0), (0, 0), (1, 1), (899_001, 900), (10**9, 900)])
def test_a_wake_up_is_delayed_until_it_is_due_or_900_seconds(desk: Desk, due_in_ms: int, delay_s: int) -> None:
    desk.clock.jump(NOW_MS - desk.clock.now_ms())

    SqsWakeUps(desk.queue, desk.clock).at(KEY, "worker", NOW_MS + due_in_ms)

    (call,) = desk.calls.of("SendMessageBatch")
    assert [entry["DelaySeconds"] for entry in call["Entries"]] == [delay_s]


def test_a_wake_up_asks_no_queue_for_more_than_900_seconds() -> None:
    clock = FakeClock(NOW_MS)
    queue = MemoryQueue(clock, CountingIds())

    SqsWakeUps(queue, clock).at(KEY, "worker", NOW_MS + 10**9)

    assert queue.next_visible_ms() == NOW_MS + 900_000
