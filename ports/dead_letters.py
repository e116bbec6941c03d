"""The dead letters port: what was turned away, and why."""

from collections.abc import Callable, Sequence
from typing import Protocol

from core.domain.making import dataclass


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was turned away."""

    message_id: str
    body: str
    reason: str
    at_ms: int


class DeadLetters(Protocol):
    """Looking at dead letters, and sending them back."""

    def newest(self, limit: int) -> Sequence[DeadLetter]:
        """Return up to ``limit`` dead letters, newest first."""
        ...

    def count(self) -> int:
        """Return how many there are."""
        ...

    def redrive(self, chosen: Callable[[DeadLetter], bool], limit: int) -> Sequence[DeadLetter]:
        """Send up to ``limit`` letters of those that are ``chosen`` back to the queue, and return them.

        Sent before it is removed: whoever dies in between leaves a letter whose message is delivered all the same.

        Raises:
            StoreUnavailableError: some may have been sent back.
        """
        ...
