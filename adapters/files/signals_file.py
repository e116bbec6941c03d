"""Signals as JSON Lines in a file: the way out of an embedded installation."""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from core.domain.errors import StoreUnavailableError
from core.domain.signal import Signal
from ports.wire.event import DEFAULT_SOURCE
from ports.wire.signal import signal_line


class JsonLinesSignals:
    """Appends one event a line, durable when ``publish`` returns; several processes may share the file."""

    def __init__(self, path: Path, *, source: str = DEFAULT_SOURCE) -> None:
        """Keep where to write; the file is made with its first signal."""
        self._path = path
        self._source = source

    def publish(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        """Append the signals; none is ever refused.

        Raises:
            StoreUnavailableError: the file cannot be written; some lines may be there, and come again.
        """
        if not signals:
            return ()
        lines = "".join(f"{signal_line(it, source=self._source)}\n" for it in signals).encode()
        try:
            self._append(lines)
        except OSError as fault:
            raise StoreUnavailableError(f"The signals file cannot be written: {fault.strerror}.") from fault
        return ()

    def _append(self, lines: bytes) -> None:
        is_new = not self._path.exists()
        file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            _write_whole(file, _end_of_torn_line(file) + lines)
            os.fsync(file)
        finally:
            os.close(file)
        if is_new:
            _keep_name(self._path.parent)


def _end_of_torn_line(file: int) -> bytes:
    """Return the newline that a writer that died in the middle of its line still owes."""
    size = os.fstat(file).st_size
    return b"" if size == 0 or os.pread(file, 1, size - 1) == b"\n" else b"\n"


def _write_whole(file: int, octets: bytes) -> None:
    rest = memoryview(octets)
    while rest:
        rest = rest[os.write(file, rest) :]


def _keep_name(folder: Path) -> None:
    """Make a new file's name durable, which its own fsync does not."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
