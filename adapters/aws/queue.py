"""The queue over SQS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from adapters.aws.acknowledgements import Acknowledgements
from adapters.aws.cutting import MAX_BATCH, MAX_BYTES, cut, size_of_text
from adapters.aws.faults import calling, code_of
from core.domain.errors import InvalidEventError, StoreUnavailableError
from ports.clock import Clock
from ports.queue import Delivery

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import (
        MessageAttributeValueTypeDef,
        MessageTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

MAX_DELAY_S = 900
MAX_VISIBILITY_S = 43_200
MAX_PUT_BACK_S = 39_600
"""SQS counts its twelve hours from when the message was received, so one is left for what is past already."""
MAX_REASON_BYTES = 1_024
TRIES = 3
REASON, ORIGIN = "reason", "original_message_id"

_BURIAL_S = 30
# What SQS and its emulators say of a receipt whose message is gone, visible again or with somebody else.
_NOT_HELD = frozenset(
    {
        "AWS.SimpleQueueService.MessageNotInflight",
        "InvalidParameterValue",
        "MessageNotInflight",
        "ReceiptHandleIsInvalid",
    }
)


class SqsQueue:
    """The queue and visibility ports.

    SQS ends no receipt when it gives a message to somebody else: an old one may still remove, put back or bury it.
    Times are rounded up to whole seconds. Calls are repeated by the client given, never here.
    """

    def __init__(self, client: SQSClient, queue_url: str, dead_letter_url: str, clock: Clock, wait_s: int = 5) -> None:
        """Keep the client; ``wait_s`` (0 to 20) is how long a receive waits for the first message."""
        self._client = client
        self._queue_url = queue_url
        self._dead_letter_url = dead_letter_url
        self._wait_s = wait_s
        self._done = Acknowledgements(client, queue_url, clock)

    def send(self, bodies: Sequence[str], *, delay_ms: int = 0) -> None:
        """Enqueue; the delay is at most 900 s.

        Raises:
            InvalidEventError: a body is over 262,144 bytes; nothing was sent.
            StoreUnavailableError: some were perhaps not sent.
        """
        if any(len(body.encode()) > MAX_BYTES for body in bodies):
            raise InvalidEventError(f"The body is over {MAX_BYTES} bytes.")
        delay_s = min(MAX_DELAY_S, _seconds(delay_ms))
        for batch in cut(bodies, size_of_text):
            self._send_batch(batch, delay_s)

    def receive(self, limit: int, *, visibility_ms: int) -> Sequence[Delivery]:
        """Take up to 10 by one long poll; due acknowledgements go out before and after it."""
        self._done.flush_if_due()
        answer = calling(
            self._client.receive_message,
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=min(limit, MAX_BATCH),
            VisibilityTimeout=min(MAX_VISIBILITY_S, max(1, _seconds(visibility_ms))),
            WaitTimeSeconds=self._wait_s,
            AttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )
        self._done.flush_if_due()
        return [_delivery(message) for message in answer.get("Messages", [])]

    def acknowledge(self, delivery: Delivery) -> None:
        """Remove with the next batch of ten, or half a second later; a loss only causes a redelivery."""
        self._done.add(delivery.receipt)

    def put_back(self, delivery: Delivery, *, delay_ms: int) -> None:
        """Make visible again later, within eleven hours; nothing where it is no longer ours.

        Raises:
            StoreUnavailableError: it comes back by itself when its visibility ends.
        """
        calling(self._hold, delivery, min(MAX_PUT_BACK_S, _seconds(delay_ms)))

    def extend(self, delivery: Delivery, visibility_ms: int) -> None:
        """Keep invisible, within eleven hours; nothing where it is no longer ours."""
        calling(self._hold, delivery, min(MAX_PUT_BACK_S, max(1, _seconds(visibility_ms))))

    def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Copy to the dead letters with the reason, then remove; nothing where it is no longer ours.

        SQS has no transaction over two queues: whoever dies in between leaves a message that is redelivered and
        buried once more, which is harmless, for both letters bear the same original id. A body within a kilobyte of
        the limit has no room for its reason; the redrive policy buries it without one.

        Raises:
            StoreUnavailableError: it was perhaps copied, and is redelivered.
        """
        if not calling(self._hold, delivery, _BURIAL_S):
            return
        self.copy_to_dead_letters(delivery, reason)
        calling(self._client.delete_message, QueueUrl=self._queue_url, ReceiptHandle=delivery.receipt)

    def copy_to_dead_letters(self, delivery: Delivery, reason: str) -> None:
        """Write the body and the reason to the dead letters, and leave the message where it is.

        Raises:
            StoreUnavailableError: it was perhaps copied.
        """
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            REASON: {"DataType": "String", "StringValue": shown_reason(reason)},
            ORIGIN: {"DataType": "String", "StringValue": delivery.message_id},
        }
        calling(
            self._client.send_message,
            QueueUrl=self._dead_letter_url,
            MessageBody=delivery.body,
            MessageAttributes=attributes,
        )

    def flush(self) -> None:
        """Send the acknowledgements that wait."""
        self._done.flush()

    def close(self) -> None:
        """Send the acknowledgements that wait; the client is whoever's made it."""
        self._done.flush()

    def _send_batch(self, bodies: Sequence[str], delay_s: int) -> None:
        waiting: dict[str, SendMessageBatchRequestEntryTypeDef] = {
            str(place): {"Id": str(place), "MessageBody": body, "DelaySeconds": delay_s}
            for place, body in enumerate(bodies)
        }
        for _ in range(TRIES):
            answer = calling(self._client.send_message_batch, QueueUrl=self._queue_url, Entries=list(waiting.values()))
            for sent in answer.get("Successful", []):
                waiting.pop(sent["Id"], None)
            if not waiting:
                return
        raise StoreUnavailableError(f"SendMessageBatch left {len(waiting)} of {len(bodies)} unsent.")

    def _hold(self, delivery: Delivery, visibility_s: int) -> bool:
        """Set how long it stays invisible; False where it is no longer ours."""
        try:
            self._client.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=delivery.receipt, VisibilityTimeout=visibility_s
            )
        except ClientError as error:
            if code_of(error) in _NOT_HELD:
                return False
            raise
        return True


def shown_reason(reason: str) -> str:
    """Return a reason as an attribute may hold it: not empty, in characters of XML 1.0, at most 1,024 bytes."""
    allowed = "".join(it if _is_allowed(it) else "\N{REPLACEMENT CHARACTER}" for it in reason)
    return allowed.encode()[:MAX_REASON_BYTES].decode(errors="ignore") or "(none given)"


def _is_allowed(character: str) -> bool:
    return (
        character in "\t\n\r"
        or " " <= character <= "\ud7ff"
        or "\ue000" <= character <= "\ufffd"
        or character >= "\U00010000"
    )


def _seconds(milliseconds: int) -> int:
    return -(-max(0, milliseconds) // 1000)


def _delivery(message: MessageTypeDef) -> Delivery:
    attributes = message["Attributes"]
    return Delivery(
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        receive_count=int(attributes["ApproximateReceiveCount"]),
        first_sent_at_ms=int(attributes["SentTimestamp"]),
    )
