"""The clock port."""

from typing import Protocol


class Clock(Protocol):
    """Time, in milliseconds. The two scales are never compared with each other; a pause is a part of time."""

    def now_ms(self) -> int:
        """Return wall-clock milliseconds since the epoch; may jump within the declared skew."""
        ...

    def monotonic_ms(self) -> int:
        """Return milliseconds that never run backwards, of this process only."""
        ...

    def pause(self, longest_ms: int) -> None:
        """Let some of these milliseconds pass, how many is by chance: those who collided are not to meet again."""
        ...
