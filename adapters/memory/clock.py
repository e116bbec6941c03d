"""A clock and ids that do what they are told."""


class FakeClock:
    """Time that stands still until it is advanced; milliseconds."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        """Start at a moment."""
        self._now_ms = now_ms
        self._monotonic_ms = 0

    def now_ms(self) -> int:
        """Return wall-clock milliseconds."""
        return self._now_ms

    def monotonic_ms(self) -> int:
        """Return monotonic milliseconds."""
        return self._monotonic_ms

    def pause(self, longest_ms: int) -> None:
        """Let all of it pass."""
        self.advance(longest_ms)

    def advance(self, by_ms: int) -> None:
        """Let time pass on both scales."""
        self._now_ms += by_ms
        self._monotonic_ms += by_ms

    def jump(self, by_ms: int) -> None:
        """Move the wall clock alone, as a time server does."""
        self._now_ms += by_ms


class CountingIds:
    """Ids in sequence; ``seed`` keeps two sources apart."""

    def __init__(self, seed: int = 0) -> None:
        """Start counting."""
        self._seed = seed
        self._count = 0

    def fresh(self) -> str:
        """Return the next id, 32 hexadecimal digits."""
        self._count += 1
        return f"{self._seed:08x}{self._count:024x}"
