"""One core for the threads of one process: they never run Python at the same time, and hand over sooner there."""

import os
from contextlib import suppress
from pathlib import Path

CAN_PLACE = hasattr(os, "sched_setaffinity")


class OneCore:
    """Lets threads run on one core only, which no other process with the same file of locks has taken.

    Where the system cannot do that, or no core is free, they run wherever they like.
    """

    def __init__(self, locks: Path) -> None:
        """Take a core, if one can be had; ``locks`` is a file whose byte n is locked by who has core n."""
        self._file: int | None = None
        self._core: int | None = None
        allowed = sorted(os.sched_getaffinity(0)) if CAN_PLACE else []
        if len(allowed) > 1:
            # Another store's processes know nothing of these locks, so not all begin with the same core.
            first = os.getpid() % len(allowed)
            with suppress(OSError):
                self._take(locks, allowed[first:] + allowed[:first])

    def __call__(self) -> None:
        """Place the calling thread for as long as it lives; threads that it starts later stay there too."""
        if self._core is not None:
            # A core may be taken from the process at any time; then it runs where it may.
            with suppress(OSError):
                os.sched_setaffinity(0, {self._core})

    def close(self) -> None:
        """Leave the core to another process; threads that are placed stay where they are."""
        if self._file is not None:
            os.close(self._file)
            self._file = self._core = None

    def _take(self, locks: Path, cores: list[int]) -> None:
        import fcntl  # noqa: PLC0415 - not on every system that has Python

        self._file = os.open(locks, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for core in cores:
            with suppress(BlockingIOError, PermissionError):
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, core)
                self._core = core
                return
