"""SQS in virtual time: the client that ``SqsQueue`` calls, and what Lambda does with the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.memory.clock import FakeClock

VISIBILITY_MS = 60_000


@dataclass
class Message:
    """One message. A receipt is its id and how often it was received."""

    message_id: str
    body: str
    sent_ms: int
    visible_ms: int
    receive_count: int = 0


@dataclass
class VirtualSqs:
    """One queue with its dead letters, to which nothing is sent but what we bury."""

    clock: FakeClock
    messages: dict[str, Message] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)
    _sent: int = 0

    def send_message_batch(self, **asked: Any) -> Mapping[str, Any]:  # noqa: ANN401 - as botocore
        for entry in asked["Entries"]:
            self._put(entry["MessageBody"], entry["DelaySeconds"] * 1_000)
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]]}

    def send_message(self, **asked: Any) -> Mapping[str, Any]:  # noqa: ANN401
        self.letters.append(asked["MessageAttributes"]["reason"]["StringValue"])
        return {}

    def change_message_visibility(self, **asked: Any) -> Mapping[str, Any]:  # noqa: ANN401
        message = self.messages[asked["ReceiptHandle"]]
        message.visible_ms = self.clock.now_ms() + asked["VisibilityTimeout"] * 1_000
        return {}

    def next_ms(self) -> int | None:
        return min((it.visible_ms for it in self.messages.values()), default=None)

    def receive(self) -> Mapping[str, Any]:
        """Take the message that waits longest, as a record that Lambda gives to a function."""
        message = min(self.messages.values(), key=lambda it: it.visible_ms)
        message.visible_ms = self.clock.now_ms() + VISIBILITY_MS
        message.receive_count += 1
        attributes = {
            "ApproximateReceiveCount": str(message.receive_count),
            "SentTimestamp": str(message.sent_ms),
        }
        return {
            "messageId": message.message_id,
            "receiptHandle": message.message_id,
            "body": message.body,
            "attributes": attributes,
        }

    def remove(self, record: Mapping[str, Any]) -> None:
        """Remove what was not reported as failed."""
        del self.messages[record["messageId"]]

    def _put(self, body: str, delay_ms: int) -> None:
        self._sent += 1
        now_ms = self.clock.now_ms()
        self.messages[str(self._sent)] = Message(str(self._sent), body, now_ms, now_ms + delay_ms)
