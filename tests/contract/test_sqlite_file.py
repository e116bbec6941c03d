import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.memory.clock import CountingIds, FakeClock
from adapters.sqlite.artifacts import SqliteArtifacts
from adapters.sqlite.database import Database
from adapters.sqlite.executions import SqliteExecutions
from adapters.sqlite.internal_objects import SqliteInternalObjects
from adapters.sqlite.kill_switches import SqliteKillSwitches
from adapters.sqlite.ledger import SqliteLedger
from adapters.sqlite.queue import SqliteQueue
from adapters.sqlite.schema import STEPS
from core.domain.draft import chain_of
from core.domain.errors import ConfigurationError, StoreUnavailableError, SwitchUnreadableError
from core.domain.ledger import verify
from ports.artifacts import MAX_ARTIFACT_BYTES
from tests.contract.samples import claimed, key, settled


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database(path, busy_timeout_ms=50)
    yield opened
    opened.close()


def test_what_was_written_is_there_when_the_file_is_opened_again(path: Path) -> None:
    first = Database(path)
    change = claimed()
    SqliteExecutions(first).commit(change)
    first.close()
    second = Database(path)
    assert SqliteExecutions(second).load(key()) == change.execution
    second.close()


def test_every_connection_syncs_each_commit_to_a_write_ahead_log(database: Database) -> None:
    for run in (database.read, database.write):
        assert run(lambda connection: connection.execute("PRAGMA synchronous").fetchone()) == (2,)
        assert run(lambda connection: connection.execute("PRAGMA journal_mode").fetchone()) == ("wal",)


def test_a_file_of_a_newer_version_is_refused_with_what_to_do(path: Path) -> None:
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()
    with pytest.raises(ConfigurationError, match=r"newer actonce.*Install that version"):
        Database(path)


def test_a_database_of_something_else_is_refused_and_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE precious (it TEXT)")
    connection.close()
    with pytest.raises(ConfigurationError, match="something else"):
        Database(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("precious",)]
    connection.close()


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("these are my notes, and they are long enough to be a header" * 100)
    with pytest.raises(ConfigurationError, match="not a database"):
        Database(path)


def test_a_file_in_a_folder_that_is_not_there_is_unavailable(path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        Database(path.parent / "missing" / "store.db")


def test_while_another_writes_reads_go_on_and_writes_are_unavailable(path: Path, database: Database) -> None:
    executions = SqliteExecutions(database)
    change = claimed()
    executions.commit(change)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError):
        executions.commit(settled(change.execution))
    assert executions.load(key()) == change.execution
    other.execute("ROLLBACK")
    executions.commit(settled(change.execution))
    other.close()


def test_switches_that_cannot_be_read_are_unreadable_and_not_open(path: Path) -> None:
    path.parent.joinpath("gone").mkdir()
    database = Database(path.parent / "gone" / "store.db")
    switches = SqliteKillSwitches(database, unknown_tenants_enabled=True)
    shutil.rmtree(path.parent / "gone")
    with pytest.raises(SwitchUnreadableError):
        switches.read("acme")
    database.close()


def test_a_revision_is_never_written_twice(database: Database) -> None:
    executions = SqliteExecutions(database)
    first = claimed()
    second = settled(first.execution)
    executions.commit(first)
    executions.commit(second)
    attempt = replace(second.execution.attempt, version=3)
    third = replace(second, expected_version=2, execution=replace(second.execution, attempt=attempt), entries=())
    with pytest.raises(sqlite3.IntegrityError):
        executions.commit(third)
    assert executions.load(key()) == second.execution


def test_a_chain_whose_rows_are_gone_is_still_told_of(path: Path, database: Database) -> None:
    change = claimed()
    SqliteExecutions(database).commit(change)
    thief = sqlite3.connect(path)
    thief.execute("DELETE FROM ledger")
    thief.commit()
    thief.close()
    ledger = SqliteLedger(database)
    ((chain, head),) = ledger.chains("acme")
    assert chain.subject == chain_of(change.execution.attempt)
    assert verify(ledger.entries(chain), head) == "the chain ends at entry 0, but 2 were written"


def test_a_lost_acknowledgement_only_means_a_redelivery(path: Path, database: Database) -> None:
    clock = FakeClock()
    queue = SqliteQueue(database, clock, CountingIds())
    queue.send(["one"])
    (delivery,) = queue.receive(1, visibility_ms=1_000)
    queue.acknowledge(delivery)
    survivor = Database(path)
    clock.advance(1_000)
    (again,) = SqliteQueue(survivor, clock, CountingIds(1)).receive(1, visibility_ms=1_000)
    assert (again.message_id, again.receive_count) == (delivery.message_id, 2)
    survivor.close()


def test_closing_writes_the_acknowledgements_that_wait(path: Path) -> None:
    clock = FakeClock()
    first = Database(path)
    queue = SqliteQueue(first, clock, CountingIds())
    queue.send(["one"])
    (delivery,) = queue.receive(1, visibility_ms=1_000)
    queue.acknowledge(delivery)
    first.close()
    first.close()
    clock.advance(1_000)
    second = Database(path)
    assert SqliteQueue(second, clock, CountingIds(1)).receive(1, visibility_ms=1_000) == ()
    second.close()


def test_an_empty_queue_is_asked_without_writing(path: Path, database: Database) -> None:
    queue = SqliteQueue(database, FakeClock(), CountingIds())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert queue.receive(1, visibility_ms=1_000) == ()
    other.close()


def test_the_log_is_cut_when_the_reader_that_kept_it_is_gone(path: Path) -> None:
    limit = 1024 * 1024
    database = Database(path, max_log_bytes=limit)
    objects = SqliteInternalObjects(database)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM attempts").fetchone()
    for number in range(100):
        objects.put("acme", "account-1", "note", f"big-{number}", "x" * 40_000)
    log = path.with_name("store.db-wal")
    assert log.stat().st_size > 3 * limit
    reader.execute("COMMIT")
    reader.close()
    for number in range(256):
        objects.put("acme", "account-1", "note", f"small-{number}", "x")
    assert log.stat().st_size <= 2 * limit
    database.close()


def test_an_artifact_over_the_bound_is_not_stored(database: Database) -> None:
    with pytest.raises(StoreUnavailableError, match="over"):
        SqliteArtifacts(database).put(key(), "x" * (MAX_ARTIFACT_BYTES + 1))
