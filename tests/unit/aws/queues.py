"""A queue and its dead letters on moto."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from adapters.aws.dead_letters import SqsDeadLetters
from adapters.aws.queue import SqsQueue
from adapters.memory.clock import FakeClock
from ports.queue import Delivery
from tests.unit.aws.lines import Calls, fresh

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

LONG_MS = 600_000


@dataclass(frozen=True, slots=True)
class Desk:
    client: SQSClient
    calls: Calls
    clock: FakeClock
    queue_url: str
    dead_letter_url: str
    queue: SqsQueue
    dead_letters: SqsDeadLetters

    def received(self, count: int = 1) -> list[Delivery]:
        self.queue.send([str(number) for number in range(count)])
        found: list[Delivery] = []
        while len(found) < count:
            found += self.queue.receive(10, visibility_ms=LONG_MS)
        return found

    def left(self) -> int:
        """How many messages the queue holds, whether visible or not."""
        return sum(int(it) for it in self._attributes(self.queue_url).values())

    def buried(self) -> Sequence[Any]:
        answer = self.client.receive_message(
            QueueUrl=self.dead_letter_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=0
        )
        return answer.get("Messages", [])

    def _attributes(self, url: str) -> dict[Any, str]:
        names: list[Any] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return self.client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with mock_aws():
        client, clock = fresh("sqs"), FakeClock()
        work = client.create_queue(QueueName="work")["QueueUrl"]
        dead = client.create_queue(QueueName="dead")["QueueUrl"]
        queue = SqsQueue(client, work, dead, clock, wait_s=0)
        yield Desk(client, Calls(client), clock, work, dead, queue, SqsDeadLetters(client, dead, wait_s=0))
