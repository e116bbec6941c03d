"""The machine's own clock and ids."""

import secrets
import time


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
        """Return 128 random bits as hexadecimal digits."""
        return secrets.token_hex(16)
