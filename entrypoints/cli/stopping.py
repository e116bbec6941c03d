"""Stopping: what SIGTERM and SIGINT do to a command that works, and how they end its waits."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from entrypoints.publishing import Source


class Stopped(Exception):
    """A signal came."""


class Stopping:
    """The first signal asks to stop; a second one ends the process.

    A handler runs in the middle of whatever the main thread does, so it sets a plain flag and takes no lock.
    """

    def __init__(self) -> None:
        """Begin unasked."""
        self.is_asked = False
        self._is_reading = False

    def __call__(self, number: int, _: FrameType | None) -> None:
        """Take a signal."""
        signal.signal(number, signal.SIG_DFL)
        self.is_asked = True
        if self._is_reading:
            raise Stopped

    def check(self) -> None:
        """Raise Stopped when it was asked for."""
        if self.is_asked:
            raise Stopped

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Take the signals while this lasts."""
        before = {number: signal.signal(number, self) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def reading(self, source: Source) -> "Interruptible":
        """Return a source whose waits a signal ends."""
        return Interruptible(self, source)

    @contextmanager
    def awaiting(self) -> Iterator[None]:
        """Let a signal raise Stopped while this lasts."""
        self._is_reading = True
        try:
            self.check()
            yield
        finally:
            self._is_reading = False


class Interruptible:
    """A source whose waits a signal ends."""

    def __init__(self, stopping: Stopping, source: Source) -> None:
        """Keep the source."""
        self._stopping = stopping
        self._source = source

    def read1(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes, empty at the end."""
        with self._stopping.awaiting():
            return self._source.read1(size)
