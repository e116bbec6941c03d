import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from adapters.sqlite.database import Database
from core.domain.errors import PayloadConflictError, StoreUnavailableError

PUT = "INSERT INTO artifacts VALUES (?, ?)"
Operation = Callable[[sqlite3.Connection], str]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "store.db", busy_timeout_ms=100)
    yield opened
    opened.close()


class Crowd:
    """Writers that all wait behind one leader, so that they are sure to share a transaction."""

    def __init__(self, database: Database) -> None:
        self.outcomes: dict[str, object] = {}
        self.threads_seen: set[int] = set()
        self._database = database
        self._may_go = threading.Event()
        self._is_leading = threading.Event()

    def run(self, operations: dict[str, Operation], leader: Operation) -> None:
        first = self._start("leader", lambda connection: self._hold(connection, leader))
        assert self._is_leading.wait(10)
        others = []
        for name, operation in operations.items():
            others.append(self._start(name, operation))
            self._await_waiting(len(others))
        self._may_go.set()
        for thread in (first, *others):
            thread.join(10)
            assert not thread.is_alive()

    def _hold(self, connection: sqlite3.Connection, leader: Operation) -> str:
        self._is_leading.set()
        assert self._may_go.wait(10)
        return leader(connection)

    def _start(self, name: str, operation: Operation) -> threading.Thread:
        def write() -> None:
            try:
                self.outcomes[name] = self._database.write(lambda connection: self._seen(connection, operation))
            except (PayloadConflictError, StoreUnavailableError, KeyboardInterrupt) as error:
                self.outcomes[name] = error

        thread = threading.Thread(target=write)
        thread.start()
        return thread

    def _seen(self, connection: sqlite3.Connection, operation: Operation) -> str:
        self.threads_seen.add(threading.get_ident())
        return operation(connection)

    def _await_waiting(self, count: int) -> None:
        until = monotonic() + 10
        while len(self._database._group._waiting) < count:
            assert monotonic() < until
            sleep(0.001)


def putting(name: str) -> Operation:
    def put(connection: sqlite3.Connection) -> str:
        connection.execute(PUT, (name, "content"))
        return name

    return put


def conflicting(name: str) -> Operation:
    def put(connection: sqlite3.Connection) -> str:
        connection.execute(PUT, (name, "content"))
        raise PayloadConflictError(name)

    return put


def stored(database: Database) -> set[str]:
    rows = database.read(lambda connection: connection.execute("SELECT reference FROM artifacts").fetchall())
    return {reference for (reference,) in rows}


def test_one_writer_does_its_work_on_its_own_thread(database: Database) -> None:
    assert database.write(lambda _: threading.get_ident()) == threading.get_ident()
    assert threading.active_count() == 1


def test_a_group_is_led_by_one_thread_and_each_follower_gets_its_own_result(database: Database) -> None:
    names = [f"writer-{number}" for number in range(20)]
    crowd = Crowd(database)
    crowd.run({name: putting(name) for name in names}, putting("leader"))
    assert crowd.outcomes == {name: name for name in (*names, "leader")}
    assert len(crowd.threads_seen) == 1
    assert stored(database) == {*names, "leader"}


def test_each_follower_gets_its_own_error_and_undoes_only_itself(database: Database) -> None:
    good, bad = [f"good-{number}" for number in range(10)], [f"bad-{number}" for number in range(10)]
    operations = {name: putting(name) for name in good} | {name: conflicting(name) for name in bad}
    crowd = Crowd(database)
    crowd.run(dict(sorted(operations.items(), key=lambda it: it[0][-1])), conflicting("leader"))
    assert stored(database) == set(good)
    for name in (*bad, "leader"):
        error = crowd.outcomes[name]
        assert isinstance(error, PayloadConflictError)
        assert error.message == name


def test_a_store_that_fails_under_one_writer_fails_for_the_whole_group(database: Database) -> None:
    def overflow(connection: sqlite3.Connection) -> str:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        connection.execute(PUT, ("huge", "x" * 1_000_000))
        return "huge"

    crowd = Crowd(database)
    crowd.run(
        {"good": putting("good"), "bad": conflicting("bad"), "full": overflow, "next": putting("next")},
        putting("leader"),
    )
    failed = {name for name, it in crowd.outcomes.items() if isinstance(it, StoreUnavailableError)}
    assert failed == {"leader", "good", "bad", "full"}
    assert stored(database) == {"next"}


def test_an_interrupt_of_the_leader_is_told_to_its_group_and_stops_nobody_else(database: Database) -> None:
    def interrupted(connection: sqlite3.Connection) -> str:
        connection.execute(PUT, ("half", "content"))
        raise KeyboardInterrupt

    crowd = Crowd(database)
    crowd.run({"good": putting("good"), "half": interrupted, "next": putting("next")}, putting("leader"))
    assert isinstance(crowd.outcomes["leader"], KeyboardInterrupt)
    assert isinstance(crowd.outcomes["good"], StoreUnavailableError)
    assert isinstance(crowd.outcomes["half"], StoreUnavailableError)
    assert crowd.outcomes["next"] == "next"
    assert stored(database) == {"next"}


def test_many_threads_lose_no_write(database: Database) -> None:
    def write(thread: int) -> None:
        for number in range(25):
            database.write(putting(f"{thread}-{number}"))

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored(database) == {f"{thread}-{number}" for thread in range(16) for number in range(25)}
