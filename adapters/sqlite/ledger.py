"""The ledger in SQLite, read in bounded pieces so that no reader holds the log for long."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial

from adapters.sqlite.database import Database
from core.domain.attempt import ChainHead
from core.domain.draft import chain_of
from core.domain.ledger import Chain, LedgerEntry, LedgerEvent
from ports.wire.rows import ATTEMPT

PIECE = 500

_ENTRIES = (
    "SELECT sequence, event, at_ms, body, previous, sha256 FROM ledger"
    " WHERE tenant_id = ? AND subject = ? ORDER BY sequence"
)
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


class SqliteLedger:
    """The ledger port."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def entries(self, chain: Chain) -> Sequence[LedgerEntry]:
        """Return a whole chain."""
        place = (chain.tenant_id, chain.subject)
        rows = self._database.read(lambda connection: connection.execute(_ENTRIES, place).fetchall())
        return [
            LedgerEntry(chain, sequence, LedgerEvent(event), at_ms, body, previous, sha256)
            for sequence, event, at_ms, body, previous, sha256 in rows
        ]

    def chains(self, tenant_id: str | None) -> Iterator[tuple[Chain, ChainHead | None]]:
        """Yield every intent's chain with its head, even where no entry is left of it, then those without a row."""
        tenants = (tenant_id or "", tenant_id or _AFTER_ALL)
        for *_, body in self._pieces(_ATTEMPTS, 3, tenants):
            attempt = ATTEMPT.parse(body)
            yield Chain(attempt.key.tenant_id, chain_of(attempt)), attempt.head
        for tenant, subject in self._pieces(_ROWLESS, 2, tenants):
            yield Chain(tenant, subject), None

    def _pieces(self, sql: str, width: int, tenants: tuple[str, str]) -> Iterator[tuple[str, ...]]:
        """Yield the rows of a query that goes on after a place, which is the first ``width`` columns of a row."""
        place: tuple[str, ...] = ("",) * width
        while True:
            rows = self._database.read(partial(_fetch, sql, (*place, *tenants, PIECE)))
            yield from rows
            if len(rows) < PIECE:
                return
            place = rows[-1][:width]


def _fetch(sql: str, names: tuple[str | int, ...], connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    return connection.execute(sql, names).fetchall()
