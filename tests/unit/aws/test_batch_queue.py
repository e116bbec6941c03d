from __future__ import annotations

import pytest

from adapters.aws.batch_queue import BatchQueue, delivery_of
from core.domain.errors import StoreUnavailableError
from tests.unit.aws.lines import Instead, error
from tests.unit.aws.queues import Desk


@pytest.fixture
def queue(desk: Desk) -> BatchQueue:
    return BatchQueue(desk.queue)


def test_what_is_acknowledged_is_left_to_lambda(desk: Desk, queue: BatchQueue) -> None:
    (delivery,) = desk.received()
    queue.acknowledge(delivery)
    desk.queue.flush()
    assert (desk.left(), desk.calls.count("DeleteMessageBatch")) == (1, 0)


def test_what_is_put_back_becomes_visible_after_its_delay(desk: Desk, queue: BatchQueue) -> None:
    (delivery,) = desk.received()
    queue.put_back(delivery, delay_ms=3_500)
    (call,) = desk.calls.of("ChangeMessageVisibility")
    assert (call["ReceiptHandle"], call["VisibilityTimeout"]) == (delivery.receipt, 4)


def test_finding_17_what_is_dead_lettered_is_copied_with_its_reason_and_left_to_lambda(
    desk: Desk, queue: BatchQueue
) -> None:
    (delivery,) = desk.received()
    queue.dead_letter(delivery, "INVALID_EVENT: it is not JSON")
    (letter,) = desk.buried()
    assert letter["Body"] == delivery.body
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "INVALID_EVENT: it is not JSON"
    assert letter["MessageAttributes"]["original_message_id"]["StringValue"] == delivery.message_id
    assert (desk.left(), desk.calls.count("DeleteMessage")) == (1, 0)


def test_a_letter_that_was_perhaps_not_copied_is_told(desk: Desk, queue: BatchQueue) -> None:
    (delivery,) = desk.received()
    Instead(desk.client, "SendMessage", error("InternalError"))
    with pytest.raises(StoreUnavailableError):
        queue.dead_letter(delivery, "reason")


def test_what_is_sent_goes_to_the_queue_itself(desk: Desk, queue: BatchQueue) -> None:
    queue.send(["a", "b"])
    assert desk.left() == 2


def test_a_function_never_receives(queue: BatchQueue) -> None:
    with pytest.raises(NotImplementedError):
        queue.receive(10, visibility_ms=1_000)


def test_a_record_of_lambda_is_the_delivery_that_sqs_gave(desk: Desk) -> None:
    (delivery,) = desk.received()
    record = {
        "messageId": delivery.message_id,
        "receiptHandle": delivery.receipt,
        "body": delivery.body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(delivery.first_sent_at_ms)},
    }
    assert delivery_of(record) == delivery
