"""The dead letters port: what was turned away, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was turned away."""

    message_id: str
    body: str
    reason: str
    at_ms: int


class DeadLetters(Protocol):
    """Reads over dead letters."""

    def newest(self, limit: int) -> Sequence[DeadLetter]:
        """Return up to ``limit`` dead letters, newest first."""
        ...

    def count(self) -> int:
        """Return how many there are."""
        ...
