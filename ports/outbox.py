"""The outbox port."""

from collections.abc import Sequence
from typing import Protocol

from core.domain.signal import Signal


class Outbox(Protocol):
    """Signals that were written with what they tell, and still bear the mark that they are to be published."""

    def pending(self, limit: int) -> Sequence[Signal]:
        """Return up to ``limit`` unpublished signals, oldest first."""
        ...

    def published(self, signals: Sequence[Signal]) -> None:
        """Remove the mark of these signals, durably; one that has none stays as it is."""
        ...
