"""The signals port: the way out to downstream readers."""

from collections.abc import Sequence
from typing import Protocol

from core.domain.signal import Signal


class Signals(Protocol):
    """Publishes at least once."""

    def publish(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        """Publish up to 10 signals and return those that were not accepted; they stay in the outbox.

        Raises:
            StoreUnavailableError: none is known to be accepted.
        """
        ...
