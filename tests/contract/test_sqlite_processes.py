import multiprocessing
import os
import signal
import subprocess
import sys
from collections import Counter
from multiprocessing.synchronize import Barrier
from pathlib import Path

from adapters.sqlite.database import Database
from adapters.sqlite.executions import SqliteExecutions
from adapters.sqlite.ledger import SqliteLedger
from adapters.sqlite.queue import SqliteQueue
from adapters.system.clock import SystemClock, SystemIds
from core.domain.execution import StaleError
from core.domain.ledger import verify
from tests.contract.samples import claimed, intent, key

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 4
INTENTS = 20
MESSAGES = 60

WRITER = """
import sys
from adapters.sqlite.database import Database
from adapters.sqlite.executions import SqliteExecutions
from tests.contract.samples import claimed, intent, key, settled

executions = SqliteExecutions(Database(sys.argv[1]))
for number in range(100_000):
    change = claimed(intent(key(f"intent-{number}")))
    executions.commit(change)
    print("claimed", number, flush=True)
    executions.commit(settled(change.execution))
    print("settled", number, flush=True)
"""


def race(path: Path, name: str, start: Barrier) -> list[str]:
    """Open a file that may not be there yet, claim every intent, and take messages; return what was got."""
    start.wait()
    database = Database(path)
    executions = SqliteExecutions(database)
    got = [f"claim {number}" for number in range(INTENTS) if has_won(executions, number, name)]
    queue = SqliteQueue(database, SystemClock(), SystemIds())
    start.wait()
    while taken := queue.receive(3, visibility_ms=60_000):
        got += [f"message {delivery.body}" for delivery in taken]
    database.close()
    return got


def has_won(executions: SqliteExecutions, number: int, name: str) -> bool:
    try:
        executions.commit(claimed(intent(key(f"intent-{number}")), owner=name, nonce=name))
    except StaleError:
        return False
    return True


def test_processes_that_share_a_file_win_each_claim_and_message_once(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        start = manager.Barrier(PROCESSES + 1)
        with context.Pool(PROCESSES) as pool:
            runs = [pool.apply_async(race, (path, f"process-{number}", start)) for number in range(PROCESSES)]
            start.wait(60)
            database = Database(path)
            SqliteQueue(database, SystemClock(), SystemIds()).send([str(number) for number in range(MESSAGES)])
            start.wait(60)
            got = Counter(it for run in runs for it in run.get(60))
    expected = [f"claim {number}" for number in range(INTENTS)] + [f"message {number}" for number in range(MESSAGES)]
    assert got == Counter(expected)
    database.close()


def test_a_process_killed_while_writing_loses_nothing_that_had_returned(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        told = [writer.stdout.readline().split() for _ in range(60)]
        os.kill(writer.pid, signal.SIGKILL)
        told += [line.split() for line in writer.stdout if line.endswith("\n")]
        writer.stdout.close()
        assert writer.wait() == -signal.SIGKILL
        check(path, {(word, int(number)) for word, number in told})
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def check(path: Path, told: set[tuple[str, int]]) -> None:
    """Everything that was told is there, and the file and its chains are whole."""
    database = Database(path)
    executions, ledger = SqliteExecutions(database), SqliteLedger(database)
    for word, number in told:
        execution = executions.load(key(f"intent-{number}"))
        assert execution is not None
        assert word == "claimed" or execution.outcome is not None
    for chain, head in ledger.chains(None):
        assert verify(ledger.entries(chain), head) is None
    assert database.read(lambda connection: connection.execute("PRAGMA integrity_check").fetchone()) == ("ok",)
    database.close()
