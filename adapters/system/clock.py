"""The machine's own clock and ids."""

import random
import secrets
import time

# A machine that slept has an old reading of the kill switches, so the time asleep must count where that can be told.
_ALSO_ASLEEP = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The clock port."""

    def now_ms(self) -> int:
        """Return wall-clock milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Return monotonic milliseconds."""
        return time.clock_gettime_ns(_ALSO_ASLEEP) // 1_000_000

    def pause(self, longest_ms: int) -> None:
        """Sleep for a random part of it."""
        time.sleep(random.uniform(0, longest_ms) / 1000)  # noqa: S311 - no secret


class SystemIds:
    """The ids port."""

    def fresh(self) -> str:
        """Return 128 random bits as hexadecimal digits."""
        return secrets.token_hex(16)
