"""Executions in SQLite: each verb one transaction."""

import sqlite3
from collections.abc import Sequence

from adapters.sqlite import chains, intents, reading
from adapters.sqlite.database import Database
from core.domain.execution import Change, Execution, Refusal, StaleError
from core.domain.keys import IntentKey
from core.domain.making import dataclass
from core.domain.refusing import refusal_chain, refusal_entry, refusal_signal
from ports.wire.rows import ATTEMPT, EFFECT, OUTCOME, REFUSAL

_INSERT = "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_UPDATE = (
    "UPDATE attempts SET version = ?, status = ?, due_at_ms = ?, is_parked = ?, body = ?"
    " WHERE tenant_id = ? AND account_id = ? AND intent_id = ? AND version = ?"
)
_EFFECT = (
    "INSERT INTO effects VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (tenant_id, account_id, intent_id, run, kind) DO UPDATE SET body = excluded.body"
)
_OUTCOME = "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?)"
_REFUSAL = "INSERT INTO refusals VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_DUE = (
    "SELECT tenant_id, account_id, intent_id FROM attempts WHERE due_at_ms <= ?"
    " ORDER BY due_at_ms, tenant_id, account_id, intent_id LIMIT ?"
)


class SqliteExecutions:
    """The executions port."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def load(self, key: IntentKey) -> Execution | None:
        """Return the execution as the last commit left it."""
        return self._database.read(lambda connection: reading.load(connection, key))

    def commit(self, change: Change) -> None:
        """Write the whole change in one transaction, or nothing of it."""
        self._database.write(_rows(change).write)

    def refuse(self, refusal: Refusal) -> bool:
        """Append to the side chain and the outbox, once."""
        row = (*_place(refusal.key), refusal.refusal_id, REFUSAL.dump(refusal))

        def append(connection: sqlite3.Connection) -> bool:
            if connection.execute(_REFUSAL, row).rowcount == 0:
                return False
            entry = refusal_entry(refusal, chains.head(connection, refusal_chain(refusal.key)))
            chains.append(connection, chains.ledger_rows([entry]))
            chains.put(connection, chains.outbox_rows([refusal_signal(refusal, entry)]))
            return True

        return self._database.write(append)

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        """Return the keys that are due, the longest first."""
        rows = self._database.read(lambda connection: connection.execute(_DUE, (now_ms, limit)).fetchall())
        return [IntentKey(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class _Rows:
    """A change as rows, made before the transaction begins so that nobody waits for it."""

    change: Change
    attempt: str
    effects: list[tuple[str, str, str, int, str, str]]
    outcome: tuple[str, str, str, int, str] | None
    intent: intents.IntentRow | None
    entries: list[chains.LedgerRow]
    signals: list[chains.OutboxRow]

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all of it; the attempt's version is the condition for the rest."""
        if not self._take_version(connection):
            raise StaleError(reading.load(connection, self.change.key))
        if self.intent is not None:
            intents.put(connection, self.intent)
        for row in self.effects:
            connection.execute(_EFFECT, row)
        if self.outcome is not None:
            connection.execute(_OUTCOME, self.outcome)
        chains.append(connection, self.entries)
        chains.put(connection, self.signals)

    def _take_version(self, connection: sqlite3.Connection) -> bool:
        attempt, place = self.change.execution.attempt, _place(self.change.key)
        version, status, due_at_ms = attempt.version, attempt.status.value, attempt.due_at_ms
        is_parked = attempt.parked is not None
        if self.change.expected_version == 0:
            row = (*place, version, status, attempt.started_at_ms, due_at_ms, is_parked, self.attempt)
            return connection.execute(_INSERT, row).rowcount == 1
        changed = (version, status, due_at_ms, is_parked, self.attempt, *place, self.change.expected_version)
        return connection.execute(_UPDATE, changed).rowcount == 1


def _rows(change: Change) -> _Rows:
    place = _place(change.key)
    outcome = change.outcome
    return _Rows(
        change=change,
        attempt=ATTEMPT.dump(change.execution.attempt),
        effects=[(*place, it.run, it.kind.value, EFFECT.dump(it)) for it in change.effects],
        outcome=(*place, outcome.revision, OUTCOME.dump(outcome)) if outcome else None,
        intent=intents.row_of(change.intent) if change.intent else None,
        entries=chains.ledger_rows(change.entries),
        signals=chains.outbox_rows(change.signals),
    )


def _place(key: IntentKey) -> tuple[str, str, str]:
    return key.tenant_id, key.account_id, key.intent_id
