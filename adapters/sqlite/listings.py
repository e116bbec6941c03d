"""Listings in SQLite: places in an index, then each execution by itself."""

import sqlite3
from collections.abc import Sequence

from adapters.sqlite import reading
from adapters.sqlite.database import Database
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from ports.listings import Page

_COLUMNS = "SELECT started_at_ms, account_id, intent_id FROM attempts"
_BY_ACCOUNT = (
    f"{_COLUMNS} WHERE tenant_id = :tenant AND account_id = :account"
    " AND (started_at_ms, intent_id) < (:started_at_ms, :after_intent)"
    " ORDER BY started_at_ms DESC, intent_id DESC LIMIT :limit"
)
_BY_TENANT = (
    f"{_COLUMNS} WHERE tenant_id = :tenant"
    " AND (started_at_ms, account_id, intent_id) < (:started_at_ms, :after_account, :after_intent)"
    " ORDER BY started_at_ms DESC, account_id DESC, intent_id DESC LIMIT :limit"
)
_PARKED = (
    "SELECT tenant_id, account_id, intent_id FROM attempts WHERE is_parked AND tenant_id = ?"
    " ORDER BY started_at_ms DESC LIMIT ?"
)
_ALL_PARKED = (
    "SELECT tenant_id, account_id, intent_id FROM attempts WHERE is_parked ORDER BY started_at_ms DESC LIMIT ?"
)
_COUNTS = "SELECT status, count(*) FROM attempts INDEXED BY attempts_by_tenant GROUP BY status"
_TENANTS = """
WITH RECURSIVE known (tenant_id) AS (
    SELECT min(tenant_id) FROM {table}
    UNION ALL
    SELECT (SELECT min(tenant_id) FROM {table} WHERE tenant_id > known.tenant_id)
    FROM known WHERE known.tenant_id IS NOT NULL)
SELECT tenant_id FROM known WHERE tenant_id IS NOT NULL
"""
_FIRST = f"{2**62}//"


class SqliteListings:
    """The listings port; a place is ``started_at_ms/account/intent`` of the last row shown."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def by_account(self, tenant_id: str, account_id: str, *, limit: int, place: str | None) -> Page:
        """Return executions of one account, newest first."""
        return self._page(_BY_ACCOUNT, tenant_id, account_id, limit, place)

    def by_tenant(self, tenant_id: str, *, limit: int, place: str | None) -> Page:
        """Return executions of one tenant, newest first."""
        return self._page(_BY_TENANT, tenant_id, "", limit, place)

    def parked(self, tenant_id: str | None, *, limit: int) -> Sequence[Execution]:
        """Return what waits for an operator, newest first."""
        sql, names = (_ALL_PARKED, (limit,)) if tenant_id is None else (_PARKED, (tenant_id, limit))
        rows = self._database.read(lambda connection: connection.execute(sql, names).fetchall())
        found = self._executions([IntentKey(*row) for row in rows])
        return [it for it in found if it.attempt.parked is not None]

    def counts(self) -> dict[str, int]:
        """Count by status."""
        return dict(self._database.read(lambda connection: connection.execute(_COUNTS).fetchall()))

    def tenants(self) -> Sequence[str]:
        """Return the tenants that occur, skipping from one to the next."""
        attempts, intents = _TENANTS.format(table="attempts"), _TENANTS.format(table="intents")
        sql = f"SELECT * FROM ({attempts}) UNION SELECT * FROM ({intents})"  # noqa: S608 - made of constants
        rows = self._database.read(lambda connection: connection.execute(sql).fetchall())
        return sorted(tenant for (tenant,) in rows)

    def _page(self, sql: str, tenant_id: str, account_id: str, limit: int, place: str | None) -> Page:
        started_at_ms, after_account, after_intent = (place or _FIRST).split("/")
        names = {
            "tenant": tenant_id,
            "account": account_id,
            "started_at_ms": int(started_at_ms),
            "after_account": after_account,
            "after_intent": after_intent,
            "limit": limit + 1,
        }
        rows = self._database.read(lambda connection: connection.execute(sql, names).fetchall())
        shown = rows[:limit]
        executions = self._executions([IntentKey(tenant_id, account, intent) for _, account, intent in shown])
        return Page(executions, "/".join(map(str, shown[-1])) if len(rows) > limit else None)

    def _executions(self, keys: Sequence[IntentKey]) -> list[Execution]:
        def load(connection: sqlite3.Connection) -> list[Execution]:
            found = (reading.load(connection, key) for key in keys)
            return [it for it in found if it is not None]

        return self._database.read(load)
