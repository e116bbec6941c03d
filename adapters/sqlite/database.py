"""One file that several threads and processes read and write safely."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from adapters.sqlite.faults import reraise, translated
from adapters.sqlite.group import GroupCommit, Statement
from adapters.sqlite.schema import migrate
from core.domain.errors import ConfigurationError

T = TypeVar("T")

OPEN_TRIES = 50
OPEN_WAIT_S = 0.1
CHECKPOINT_PAGES = 4_000
CACHE_KIB = 16 * 1024
MAX_LOG_BYTES = 64 * 1024 * 1024


class Database:
    """The embedded store: write-ahead log, every commit synced, writers grouped, readers never in the way.

    ``busy_timeout_ms`` is how long one process waits for another's transaction. ``max_log_bytes`` bounds the log.
    """

    def __init__(self, path: str | Path, *, busy_timeout_ms: int = 5_000, max_log_bytes: int = MAX_LOG_BYTES) -> None:
        """Open the file, making it and its tables where they are missing.

        Raises:
            ConfigurationError: the file is not ours, or a newer version wrote it.
            StoreUnavailableError: it cannot be opened now.
        """
        self._path = Path(path)
        self._busy_timeout_ms = busy_timeout_ms
        self._max_log_bytes = max_log_bytes
        self._idle: list[sqlite3.Connection] = []
        self._is_closed = False
        try:
            self._create()
        except sqlite3.DatabaseError as error:
            raise self._refused(error) from error
        self._group = GroupCommit(self._connect, self._tidy)

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Run a query of one statement, so that it sees one moment.

        Raises:
            StoreUnavailableError: it could not be read now.
        """
        connection = self._reader()
        try:
            return query(connection)
        except sqlite3.Error as error:
            reraise(error)
        finally:
            self._release(connection)

    def write(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Run an operation in a transaction that is durable on return; what it raises undoes only itself.

        Raises:
            StoreUnavailableError: it may or may not have been done.
        """
        return self._group.write(operation)

    def later(self, statement: Statement) -> None:
        """Write what may be lost in a crash: with a transaction soon to come, or now when it has waited too long."""
        self._group.later(statement)

    @property
    def has_later(self) -> bool:
        """Tell whether such statements still wait."""
        return self._group.has_later

    def write_all(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Write what still waits and run an operation that must see it, in one transaction.

        Raises:
            StoreUnavailableError: it may or may not have been done.
        """

        def after(connection: sqlite3.Connection) -> T:
            self._group.run_later(connection)
            return operation(connection)

        return self._group.write(after)

    def close(self) -> None:
        """Write what waits and close every connection; nobody may be using the database."""
        if self._is_closed:
            return
        self._group.close()
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def _reader(self) -> sqlite3.Connection:
        # As many as ever read at once, whatever becomes of the threads.
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        try:
            return self._connect(read_only=True)
        except sqlite3.Error as error:
            reraise(error)

    def _create(self) -> None:
        is_new = not self._path.exists()
        if is_new and self._path.parent.is_dir():
            # It holds parameters in the clear, so it is for its owner alone.
            self._path.touch(mode=0o600)
        connection = self._first_connection()
        try:
            migrate(connection, str(self._path))
        finally:
            connection.close()
        if is_new:
            _sync_directory(self._path.parent)

    def _first_connection(self) -> sqlite3.Connection:
        # Turning to the write-ahead log needs the file alone, and does not wait for it.
        for left in reversed(range(OPEN_TRIES)):
            try:
                return self._connect()
            except sqlite3.OperationalError as error:
                if left == 0 or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(OPEN_WAIT_S)
        raise ConfigurationError(f"{self._path} cannot be opened.")

    def _connect(self, *, read_only: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=self._busy_timeout_ms / 1000,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        with contextlib.ExitStack() as undo:
            undo.callback(connection.close)
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA journal_size_limit = {self._max_log_bytes}")
            if read_only:
                connection.execute("PRAGMA query_only = ON")
            undo.pop_all()
        return connection

    def _release(self, connection: sqlite3.Connection) -> None:
        if self._is_closed:
            connection.close()
        else:
            self._idle.append(connection)

    def _tidy(self, connection: sqlite3.Connection) -> None:
        """Cut a log that readers kept from being reset; where they still do, the next call tries again."""
        log = self._path.with_name(self._path.name + "-wal")
        with contextlib.suppress(OSError, sqlite3.OperationalError):
            if log.stat().st_size > self._max_log_bytes:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def _refused(self, error: sqlite3.DatabaseError) -> Exception:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            return ConfigurationError(f"{self._path} is not a database. Point the store at another file.")
        return translated(error)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
