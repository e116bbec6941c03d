"""The gauges port: how long the oldest of each kind has waited, for alarms."""

from typing import Protocol

from core.domain.making import dataclass


@dataclass(frozen=True, slots=True)
class Doubts:
    """What waits for an operator. ``oldest_at_ms`` is when the oldest attempt of it was started, None: there is none.

    Beyond the bound of a reading the count is too low, never too high.
    """

    count: int
    oldest_at_ms: int | None


class Gauges(Protocol):
    """Reads over a whole installation; bounded, and possibly a moment old.

    Any verb may raise StoreUnavailableError: it could not be read, and says nothing.
    """

    def doubts(self) -> Doubts:
        """Return what waits for an operator."""
        ...

    def oldest_due_ms(self) -> int | None:
        """Return the earliest due date of an execution, past or to come, None where none is due."""
        ...

    def oldest_unpublished_ms(self) -> int | None:
        """Return when the oldest signal was written that is still to be published, None where there is none."""
        ...
