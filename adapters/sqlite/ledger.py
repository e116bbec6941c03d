"""The ledger in SQLite, read in bounded pieces so that no reader holds the log for long."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from adapters.sqlite.database import Database
from core.domain.attempt import ChainHead
from core.domain.errors import LedgerUnreadableError
from core.domain.ledger import Chain, LedgerEntry, LedgerEvent
from ports.wire.rows import ATTEMPT

PIECE = 500

_ENTRIES = (
    "SELECT at_ms, subject, sequence, event, body, previous, sha256 FROM ledger"
    " WHERE tenant_id = ? AND subject = ? ORDER BY sequence"
)
_BETWEEN = (
    "SELECT at_ms, subject, sequence, event, body, previous, sha256 FROM ledger"
    " WHERE tenant_id = ? AND (at_ms, subject, sequence) > (?, ?, ?) AND at_ms < ?"
    " ORDER BY at_ms, subject, sequence LIMIT ?"
)
_TENANTS = """
WITH RECURSIVE known (tenant_id) AS (
    SELECT min(tenant_id) FROM ledger
    UNION ALL
    SELECT (SELECT min(tenant_id) FROM ledger WHERE tenant_id > known.tenant_id)
    FROM known WHERE known.tenant_id IS NOT NULL)
SELECT tenant_id FROM known WHERE tenant_id IS NOT NULL
"""
_ATTEMPTS = (
    "SELECT tenant_id, account_id, intent_id, body FROM attempts"
    " WHERE (tenant_id, account_id, intent_id) > (?, ?, ?) AND tenant_id >= ? AND tenant_id <= ?"
    " ORDER BY tenant_id, account_id, intent_id LIMIT ?"
)
_ROWLESS = (
    "SELECT DISTINCT tenant_id, subject FROM ledger"
    " WHERE (tenant_id, subject) > (?, ?) AND tenant_id >= ? AND tenant_id <= ?"
    " AND NOT EXISTS (SELECT 1 FROM attempts WHERE attempts.tenant_id = ledger.tenant_id"
    " AND account_id = substr(subject, 1, instr(subject, '/') - 1)"
    " AND intent_id = substr(subject, instr(subject, '/') + 1))"
    " ORDER BY tenant_id, subject LIMIT ?"
)
_AFTER_ALL = "\U0010ffff"
_BEFORE_ALL = -(2**62)

_EVENTS = frozenset(it.value for it in LedgerEvent)

_TYPES = (int, str, int, str, str, str, str)

_Row = tuple[int, str, int, str, str, str, str]


class SqliteLedger:
    """The ledger port."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def entries(self, chain: Chain) -> Sequence[LedgerEntry]:
        """Return a whole chain."""
        place = (chain.tenant_id, chain.subject)
        rows = self._database.read(lambda connection: connection.execute(_ENTRIES, place).fetchall())
        return [_entry(chain.tenant_id, row) for row in rows]

    def chains(self, tenant_id: str | None) -> Iterator[tuple[Chain, ChainHead | None]]:
        """Yield every intent's chain with its head, even where no entry is left of it, then those without a row."""
        tenants = (tenant_id or "", tenant_id or _AFTER_ALL)
        for tenant, account, intent, body in self._pieces(_ATTEMPTS, 3, tenants):
            # The chain that the row stands for; where its body is another one's, that chain does not end as this says.
            yield Chain(tenant, f"{account}/{intent}"), ATTEMPT.parse(body).head
        for tenant, subject in self._pieces(_ROWLESS, 2, tenants):
            yield Chain(tenant, subject), None

    def between(self, tenant_id: str, since_ms: int, before_ms: int) -> Iterator[LedgerEntry]:
        """Yield entries by stamp, out of the index by tenant and time."""
        place: tuple[int, str, int] = (since_ms, "", _BEFORE_ALL)
        while True:
            rows: list[_Row] = self._database.read(partial(_fetch, _BETWEEN, (tenant_id, *place, before_ms, PIECE)))
            for row in rows:
                yield _entry(tenant_id, row)
            if len(rows) < PIECE:
                return
            place = rows[-1][:3]

    def tenants(self) -> Sequence[str]:
        """Return the tenants that occur, skipping from one to the next."""
        rows = self._database.read(lambda connection: connection.execute(_TENANTS).fetchall())
        return sorted(tenant for (tenant,) in rows)

    def _pieces(self, sql: str, width: int, tenants: tuple[str, str]) -> Iterator[tuple[str, ...]]:
        """Yield the rows of a query that goes on after a place, which is the first ``width`` columns of a row."""
        place: tuple[str, ...] = ("",) * width
        while True:
            rows = self._database.read(partial(_fetch, sql, (*place, *tenants, PIECE)))
            yield from rows
            if len(rows) < PIECE:
                return
            place = rows[-1][:width]


def _fetch(sql: str, names: tuple[str | int, ...], connection: sqlite3.Connection) -> list[Any]:
    return connection.execute(sql, names).fetchall()


def _entry(tenant_id: str, row: _Row) -> LedgerEntry:
    """Return a row as an entry; SQLite keeps what does not fit a column's type as it was written."""
    at_ms, subject, sequence, event, body, previous, sha256 = row
    is_typed = all(isinstance(it, type_) for it, type_ in zip(row, _TYPES, strict=True))
    if not is_typed or event not in _EVENTS:
        raise LedgerUnreadableError(f"{tenant_id} {subject}: entry {sequence} cannot be read.")
    return LedgerEntry(Chain(tenant_id, subject), sequence, LedgerEvent(event), at_ms, body, previous, sha256)
