"""Group commit: writers that arrive while one transaction is under way share the next one, and its one fsync.

There is no thread of its own: a writer that finds nobody leading leads, on its own thread, for all who wait.
"""

import contextlib
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar, cast

from adapters.sqlite.faults import is_unavailable, translated
from core.domain.errors import StoreUnavailableError

T = TypeVar("T")
Value = str | int | None
Statement = tuple[str, tuple[Value, ...]]

MAX_GROUP = 256
TIDY_EVERY = 256
# What waits joins a transaction when it is this much or this old, and gets one of its own when it is much more.
JOIN_LATER, JOIN_LATER_S = 32, 0.05
MAX_LATER, MAX_LATER_S = 500, 0.1


class Ticket(Generic[T]):
    """One writer's operation, and what became of it."""

    __slots__ = ("_error", "_is_settled", "_operation", "_result", "wake")

    def __init__(self, operation: Callable[[sqlite3.Connection], T]) -> None:
        """Keep the operation; the lock is held until somebody wakes the writer."""
        self._operation = operation
        self._result: T | None = None
        self._error: BaseException | None = None
        self._is_settled = False
        self.wake = threading.Lock()
        self.wake.acquire()

    def run(self, connection: sqlite3.Connection) -> None:
        """Run the operation; what it raises undoes the whole transaction."""
        self._result = self._operation(connection)

    def run_apart(self, connection: sqlite3.Connection) -> None:
        """Run the operation so that its own failure undoes nothing but itself."""
        connection.execute("SAVEPOINT operation")
        with self:
            self._result = self._operation(connection)
        if self._error is not None:
            connection.execute("ROLLBACK TO operation")
        connection.execute("RELEASE operation")

    def __enter__(self) -> None:
        """Begin to catch what the operation raises."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        """Keep the operation's own error for its writer; a failing store fails the whole group."""
        if not isinstance(error, Exception) or is_unavailable(error):
            return False
        self._error = error
        return True

    def fail(self, error: Exception) -> None:
        """Put the group's failure in the place of whatever the operation found: it may rest on what is undone."""
        self._error = error

    def settle(self) -> None:
        """Let the writer go on."""
        self._is_settled = True
        if self.wake.locked():
            self.wake.release()

    def is_settled(self) -> bool:
        """Tell whether the outcome is there."""
        return self._is_settled

    def outcome(self) -> T:
        """Return the operation's result, or raise its error."""
        if self._error is not None:
            raise self._error
        return cast("T", self._result)


Run = Callable[[Ticket[object], sqlite3.Connection], None]


class GroupCommit:
    """Runs operations in shared transactions; each is durable when its ``write`` returns."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], tidy: Callable[[sqlite3.Connection], None]) -> None:
        """Keep how to connect; the connection is used by whoever leads, one at a time, who also tidies at times."""
        self._connect = connect
        self._tidy = tidy
        self._groups = 0
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._is_led = False
        self._waiting: deque[Ticket[object]] = deque()
        self._later: list[Statement] = []
        self._later_since_s = 0.0
        self._taken: list[Statement] = []

    @property
    def has_later(self) -> bool:
        """Tell whether statements wait."""
        return bool(self._later)

    def later(self, statement: Statement) -> None:
        """Keep a statement whose loss is harmless for a later transaction, where many cost little more than one."""
        with self._lock:
            if not self._later:
                self._later_since_s = time.monotonic()
            self._later.append(statement)
        if self._is_later_due(MAX_LATER, MAX_LATER_S):
            self.flush()

    def run_later(self, connection: sqlite3.Connection) -> None:
        """Run what waits, inside the transaction that is under way."""
        with self._lock:
            self._taken, self._later = self._later, []
        for statement in self._taken:
            connection.execute(*statement)

    def write(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Run an operation in a durable transaction, and raise what it raises.

        Raises:
            StoreUnavailableError: it may or may not have been done.
        """
        ticket = Ticket(operation)
        with self._lock:
            self._waiting.append(cast("Ticket[object]", ticket))
        while not self._leads(ticket):
            ticket.wake.acquire()
        return ticket.outcome()

    def flush(self) -> None:
        """Write what waits, now."""
        if self._later:
            self.write(self.run_later)

    def close(self) -> None:
        """Write what waits, and let go of the connection."""
        self.flush()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _leads(self, ticket: Ticket[T]) -> bool:
        """Return True when the ticket is settled: by somebody before, or now by leading; False to wait."""
        with self._lock:
            if ticket.is_settled():
                return True
            if self._is_led:
                return False
            self._is_led = True
        try:
            while not ticket.is_settled():
                self._run_group()
            self._tidy_at_times()
        finally:
            self._step_down()
        return True

    def _tidy_at_times(self) -> None:
        self._groups += 1
        if self._groups % TIDY_EVERY == 0 and self._connection is not None:
            self._tidy(self._connection)

    def _step_down(self) -> None:
        # Leading is offered, not handed over: whoever writes next may take it, so that a dead waiter stops nobody.
        with self._lock:
            self._is_led = False
            if self._waiting and self._waiting[0].wake.locked():
                self._waiting[0].wake.release()

    def _run_group(self) -> None:
        group: list[Ticket[object]] = []
        is_done = False
        try:
            self._transact(group)
            is_done = True
        except sqlite3.Error as error:
            for ticket in group:
                ticket.fail(translated(error))
            is_done = True
            self._let_go()
        finally:
            if not is_done:
                # An interrupt, not an error: the others must hear of it all the same.
                for ticket in group:
                    ticket.fail(StoreUnavailableError("The writer was interrupted."))
                self._let_go()
            for ticket in group:
                ticket.settle()

    def _transact(self, group: list[Ticket[object]]) -> None:
        group.append(self._waiting.popleft())
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._run_all(connection, group, Ticket.run)
        except Exception as error:
            if is_unavailable(error):
                raise
            # One of them failed by itself, which is rare: all over again behind savepoints, too dear to be the rule.
            connection.rollback()
            self._put_back_later()
            connection.execute("BEGIN IMMEDIATE")
            self._run_all(connection, group, Ticket.run_apart)
        connection.execute("COMMIT")

    def _run_all(self, connection: sqlite3.Connection, group: list[Ticket[object]], run: Run) -> None:
        self._taken = []
        if self._is_later_due(JOIN_LATER, JOIN_LATER_S):
            self.run_later(connection)
        for ticket in group:
            run(ticket, connection)
        # Those who came while these ran, and while they run, come along.
        while self._waiting and len(group) < MAX_GROUP:
            ticket = self._waiting.popleft()
            group.append(ticket)
            run(ticket, connection)

    def _put_back_later(self) -> None:
        with self._lock:
            self._later = self._taken + self._later

    def _is_later_due(self, count: int, age_s: float) -> bool:
        waiting = len(self._later)
        return waiting >= count or (waiting > 0 and time.monotonic() - self._later_since_s >= age_s)

    def _let_go(self) -> None:
        """Drop the connection: after a failure nobody knows what it still holds."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
            self._connection.close()
            self._connection = None
