"""The queue port: where events wait until they are carried out."""

from collections.abc import Sequence
from typing import Protocol

from core.domain.making import dataclass


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message in our hands until its visibility ends. ``message_id`` survives a redelivery."""

    message_id: str
    receipt: str
    body: str
    receive_count: int
    first_sent_at_ms: int


class Queue(Protocol):
    """Durable, at least once, unordered."""

    def send(self, bodies: Sequence[str], *, delay_ms: int = 0) -> None:
        """Enqueue, durably when it returns; visible after ``delay_ms``."""
        ...

    def receive(self, limit: int, *, visibility_ms: int) -> Sequence[Delivery]:
        """Take up to ``limit`` messages, invisible to others for ``visibility_ms``."""
        ...

    def acknowledge(self, delivery: Delivery) -> None:
        """Remove a message; lost acknowledgements only cause a redelivery."""
        ...

    def put_back(self, delivery: Delivery, *, delay_ms: int) -> None:
        """Make a message visible again after ``delay_ms``."""
        ...

    def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Move a message to the dead letters with the reason, atomically."""
        ...
