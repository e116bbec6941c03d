"""The floor: a plain loop over sqlite3 that makes the two commits of an action, with the same rows' bytes."""

import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from adapters.sqlite.database import CACHE_KIB, CHECKPOINT_PAGES, Database
from benchmarks.assembly import Embedded
from core.domain.canonical import compact
from core.domain.execution import Change, Execution, Refusal
from core.domain.keys import IntentKey
from core.domain.ledger import LedgerEntry
from ports.executions import Executions
from ports.wire.rows import ATTEMPT, EFFECT, OUTCOME, SIGNAL

INTENT = "INSERT INTO intents VALUES ('acme', ?, ?, ?, ?)"
CLAIM = "INSERT INTO attempts VALUES ('acme', ?, ?, 1, 'RUNNING', ?, ?, 0, ?)"
SETTLE = (
    "UPDATE attempts SET version = 2, status = 'SUCCEEDED', due_at_ms = NULL, is_parked = 0, body = ?"
    " WHERE tenant_id = 'acme' AND account_id = ? AND intent_id = ? AND version = 1"
)
PREPARE = "INSERT INTO effects VALUES ('acme', ?, ?, 1, 'action', ?)"
APPLIED = (
    "UPDATE effects SET body = ?"
    " WHERE tenant_id = 'acme' AND account_id = ? AND intent_id = ? AND run = 1 AND kind = 'action'"
)
TELL = "INSERT INTO outcomes VALUES ('acme', ?, ?, 1, ?)"
NOTE = "INSERT INTO ledger VALUES ('acme', ?, ?, ?, ?, ?, ?, ?)"
MARK = "INSERT INTO outbox (tenant_id, account_id, intent_id, revision, signal_id, body) VALUES ('acme', ?, ?, 1, ?, ?)"


class Watched:
    """The executions port, keeping the changes that go through it."""

    def __init__(self, inner: Executions) -> None:
        self._inner = inner
        self.changes: list[Change] = []

    def load(self, key: IntentKey) -> Execution | None:
        return self._inner.load(key)

    def commit(self, change: Change) -> None:
        self.changes.append(change)
        self._inner.commit(change)

    def refuse(self, refusal: Refusal) -> bool:
        return self._inner.refuse(refusal)

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        return self._inner.due(now_ms, limit)


class Bare:
    """The rows of one real action, written again and again under fresh ids; no queue, no JSON, no decisions."""

    def __init__(self, folder: Path) -> None:
        first, second = _changes(folder / "sample")
        intent, outcome = first.intent, second.outcome
        if intent is None or outcome is None:
            raise LookupError("the sample is not one whole action")
        self._fingerprint, self._document = intent.fingerprint, compact(intent.document())
        self._claimed, self._ended = first.execution.attempt, second.execution.attempt
        self._attempts = ATTEMPT.dump(self._claimed), ATTEMPT.dump(self._ended)
        self._effects = EFFECT.dump(first.effects[0]), EFFECT.dump(second.effects[0])
        self._outcome, self._signal = OUTCOME.dump(outcome), SIGNAL.dump(second.signals[0])
        self._signal_id = second.signals[0].signal_id
        self._entries = first.entries, second.entries
        self._connection = _open(folder / "bare.db")

    def work(self, count: int, group: int = 1) -> None:
        """Make the two commits of so many actions, or of so many at once in each commit."""
        execute = self._connection.execute
        for begun in range(0, count, group):
            names = [secrets.token_hex(16) for _ in range(min(group, count - begun))]
            for write in (self._first, self._second):
                execute("BEGIN IMMEDIATE")
                for name in names:
                    write(f"account-{name[:2]}", name)
                execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def _first(self, account: str, name: str) -> None:
        execute, due = self._connection.execute, self._claimed.due_at_ms
        execute(CLAIM, (account, name, self._claimed.started_at_ms, due, self._attempts[0]))
        execute(INTENT, (account, name, self._fingerprint, self._document))
        execute(PREPARE, (account, name, self._effects[0]))
        self._note(f"{account}/{name}", self._entries[0])

    def _second(self, account: str, name: str) -> None:
        execute = self._connection.execute
        execute(SETTLE, (self._attempts[1], account, name))
        execute(APPLIED, (self._effects[1], account, name))
        execute(TELL, (account, name, self._outcome))
        self._note(f"{account}/{name}", self._entries[1])
        execute(MARK, (account, name, self._signal_id, self._signal))

    def _note(self, subject: str, entries: Sequence[LedgerEntry]) -> None:
        rows = [(subject, it.sequence, it.event, it.at_ms, it.body, it.previous, it.sha256) for it in entries]
        self._connection.executemany(NOTE, rows)


def _changes(folder: Path) -> tuple[Change, Change]:
    """Carry out one action, and return its two changes."""
    folder.mkdir()
    seen: list[Watched] = []

    def watch(inner: Executions) -> Executions:
        seen.append(Watched(inner))
        return seen[0]

    embedded = Embedded(folder, watch)
    embedded.fill(1)
    embedded.work(1)
    embedded.close()
    first, second = seen[0].changes
    return first, second


def _open(path: Path) -> sqlite3.Connection:
    """Return a plain connection to our tables, as safe and as roomy as ours."""
    Database(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    return connection
