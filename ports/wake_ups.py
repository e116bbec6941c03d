"""The wake-ups port."""

from typing import Protocol

from core.domain.keys import IntentKey


class WakeUps(Protocol):
    """Deliveries to ourselves, so that waiting burns no redelivery. Losing one is harmless: the sweeper comes by."""

    def at(self, key: IntentKey, owner: str, due_at_ms: int) -> None:
        """Deliver this key to the same owner at or after ``due_at_ms``, or earlier where the queue's bound is shorter.

        Raises:
            StoreUnavailableError: not enqueued.
        """
        ...
