"""The machine's own clock and ids."""

import contextlib
import os
import random
import time

_ID_BYTES = 16
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
    """The ids port. ``ahead`` ids are drawn at once, for each draw gives up the interpreter's lock to another thread.

    Where a running process's memory may be copied, as a snapshot of a function is, it must stay 1: both copies would
    hand out what was drawn ahead.
    """

    def __init__(self, ahead: int = 1) -> None:
        """Draw nothing yet."""
        self._ahead = ahead
        self._drawn: tuple[int, list[str]] = (0, [])

    def fresh(self) -> str:
        """Return 128 random bits as hexadecimal digits."""
        if self._ahead == 1:
            return os.urandom(_ID_BYTES).hex()
        process, drawn = self._drawn
        if process == os.getpid():
            # Taking from a list's end is one step for every thread, so no two get the same.
            with contextlib.suppress(IndexError):
                return drawn.pop()
        # None are left; or this process is a fork, and what it inherited is its parent's to give.
        digits = os.urandom(_ID_BYTES * self._ahead).hex()
        first, *rest = (digits[at : at + 2 * _ID_BYTES] for at in range(0, len(digits), 2 * _ID_BYTES))
        self._drawn = (os.getpid(), rest)
        return first
