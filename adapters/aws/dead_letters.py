"""Dead letters in SQS, looked at without taking them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from adapters.aws.cutting import MAX_BATCH
from adapters.aws.faults import calling
from adapters.aws.queue import ORIGIN, REASON
from core.domain.errors import StoreUnavailableError
from ports.dead_letters import DeadLetter

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

MAX_LOOKS = 10
VISIBILITY_S = 10
REDRIVEN = "(none: SQS moved it here after too many receives)"


class SqsDeadLetters:
    """The dead letters port.

    Approximate by nature: a queue cannot be listed. A look takes at most a hundred letters and puts them back, so
    where there are more, the newest are those among the hundred that SQS chose; a letter that somebody else is
    looking at is missing; the count lags.
    """

    def __init__(self, client: SQSClient, dead_letter_url: str, wait_s: int = 1, *, queue_url: str = "") -> None:
        """Keep the client; ``wait_s`` above 0 asks all of SQS's servers, and is spent once to learn of the end.

        ``queue_url`` is where letters are sent back to, and is needed for nothing else.
        """
        self._client = client
        self._dead_letter_url = dead_letter_url
        self._wait_s = wait_s
        self._queue_url = queue_url

    def newest(self, limit: int) -> Sequence[DeadLetter]:
        """Return dead letters, newest first; buried twice is shown twice.

        Raises:
            StoreUnavailableError: they could not be read.
        """
        seen: list[MessageTypeDef] = []
        try:
            for _ in range(MAX_LOOKS):
                messages = self._look()
                if not messages:
                    break
                seen += messages
        finally:
            self._put_back(seen)
        letters = {message["MessageId"]: _letter(message) for message in seen}
        return sorted(letters.values(), key=lambda it: it.at_ms, reverse=True)[:limit]

    def count(self) -> int:
        """Count them, roughly; those that somebody looks at are counted too."""
        answer = calling(
            self._client.get_queue_attributes,
            QueueUrl=self._dead_letter_url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(int(number) for number in answer["Attributes"].values())

    def redrive(self, chosen: Callable[[DeadLetter], bool], limit: int) -> Sequence[DeadLetter]:
        """Send back message by message: to the queue first, then out of the dead letters."""
        moved: list[DeadLetter] = []
        left: list[MessageTypeDef] = []
        try:
            for _ in range(MAX_LOOKS):
                messages = self._look()
                for message in messages:
                    letter = _letter(message)
                    if len(moved) < limit and chosen(letter):
                        self._send_back(message)
                        moved.append(letter)
                    else:
                        left.append(message)
                if not messages or len(moved) == limit:
                    break
        finally:
            self._put_back(left)
        return moved

    def _send_back(self, message: MessageTypeDef) -> None:
        calling(self._client.send_message, QueueUrl=self._queue_url, MessageBody=message["Body"])
        calling(self._client.delete_message, QueueUrl=self._dead_letter_url, ReceiptHandle=message["ReceiptHandle"])

    def _look(self) -> Sequence[MessageTypeDef]:
        answer = calling(
            self._client.receive_message,
            QueueUrl=self._dead_letter_url,
            MaxNumberOfMessages=MAX_BATCH,
            VisibilityTimeout=VISIBILITY_S,
            WaitTimeSeconds=self._wait_s,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=[REASON, ORIGIN],
        )
        return answer.get("Messages", [])

    def _put_back(self, messages: Sequence[MessageTypeDef]) -> None:
        """Make them visible at once; where that fails they come back by themselves, seconds later."""
        for start in range(0, len(messages), MAX_BATCH):
            batch = messages[start : start + MAX_BATCH]
            try:
                calling(
                    self._client.change_message_visibility_batch,
                    QueueUrl=self._dead_letter_url,
                    Entries=[
                        {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
                        for place, message in enumerate(batch)
                    ],
                )
            except StoreUnavailableError:
                return


def _letter(message: MessageTypeDef) -> DeadLetter:
    return DeadLetter(
        message_id=_attribute(message, ORIGIN) or message["MessageId"],
        body=message["Body"],
        reason=_attribute(message, REASON) or REDRIVEN,
        at_ms=int(message["Attributes"]["SentTimestamp"]),
    )


def _attribute(message: MessageTypeDef, name: str) -> str | None:
    found = message.get("MessageAttributes", {}).get(name)
    return None if found is None else found.get("StringValue")
