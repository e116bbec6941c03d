"""The machine's own clock and ids."""

import time
import uuid


class SystemClock:
    """The clock port."""

    def now_ms(self) -> int:
        """Return wall-clock milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Return monotonic milliseconds."""
        return time.monotonic_ns() // 1_000_000


class SystemIds:
    """The ids port."""

    def fresh(self) -> str:
        """Return a random UUID's 32 hexadecimal digits."""
        return uuid.uuid4().hex
