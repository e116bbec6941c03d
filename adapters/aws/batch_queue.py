"""The queue as a Lambda function sees it: SQS received for us, and removes what we do not report as failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ports.queue import Delivery

if TYPE_CHECKING:
    from adapters.aws.queue import SqsQueue


class BatchQueue:
    """The queue port for the deliveries of a batch; whoever answers the batch reports those that were put back."""

    def __init__(self, queue: SqsQueue) -> None:
        """Keep the queue that the batch comes from."""
        self._queue = queue

    def send(self, bodies: Sequence[str], *, delay_ms: int = 0) -> None:
        """Enqueue, as the queue itself does."""
        self._queue.send(bodies, delay_ms=delay_ms)

    def receive(self, limit: int, *, visibility_ms: int) -> Sequence[Delivery]:
        """Refuse: what was received here nobody would remove.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(f"Lambda receives, not the function: {limit} for {visibility_ms} ms.")

    def acknowledge(self, delivery: Delivery) -> None:
        """Leave it to Lambda, which removes every message of a batch that is not reported as failed."""

    def put_back(self, delivery: Delivery, *, delay_ms: int) -> None:
        """Make visible again later; it must be reported as failed, or Lambda removes it all the same.

        Raises:
            StoreUnavailableError: it comes back by itself when its visibility ends.
        """
        self._queue.put_back(delivery, delay_ms=delay_ms)

    def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Copy to the dead letters with the reason; Lambda removes the message.

        Whoever dies in between leaves a message that is redelivered and copied once more, which is harmless: both
        letters bear the same original id.

        Raises:
            StoreUnavailableError: it was perhaps copied, and is redelivered.
        """
        self._queue.copy_to_dead_letters(delivery, reason)


def delivery_of(record: Mapping[str, Any]) -> Delivery:
    """Return the delivery that a record of a batch is.

    Raises:
        KeyError: the record is not of SQS.
    """
    attributes = record["attributes"]
    return Delivery(
        message_id=record["messageId"],
        receipt=record["receiptHandle"],
        body=record["body"],
        receive_count=int(attributes["ApproximateReceiveCount"]),
        first_sent_at_ms=int(attributes["SentTimestamp"]),
    )
