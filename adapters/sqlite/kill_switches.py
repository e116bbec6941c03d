"""Kill switches in SQLite: one read sees them all at one moment."""

import sqlite3
from collections.abc import Sequence

from adapters.sqlite import chains
from adapters.sqlite.database import Database
from core.domain.errors import StoreUnavailableError, SwitchUnreadableError
from core.domain.refusing import switch_chain, switch_entry
from core.domain.switches import Switch, SwitchReading

# No id has these forms, so no tenant and no action type can be taken for them.
_EVERY_TENANT = "*"
_EVERY_TYPE = "*"

_READ = "SELECT tenant_id, action_type, is_enabled FROM switches WHERE tenant_id IN (?, ?)"
_CLOSED = "SELECT tenant_id, action_type FROM switches WHERE NOT is_enabled ORDER BY tenant_id, action_type"
_SET = (
    "INSERT INTO switches VALUES (?, ?, ?)"
    " ON CONFLICT (tenant_id, action_type) DO UPDATE SET is_enabled = excluded.is_enabled"
)


class SqliteKillSwitches:
    """The kill switches port; a tenant without a row is closed unless the installation says otherwise."""

    def __init__(self, database: Database, *, unknown_tenants_enabled: bool = False) -> None:
        """Keep the database."""
        self._database = database
        self._unknown_enabled = unknown_tenants_enabled

    def read(self, tenant_id: str) -> SwitchReading:
        """Return all that bears on a tenant."""
        names = (_EVERY_TENANT, tenant_id)
        try:
            rows = self._database.read(lambda connection: connection.execute(_READ, names).fetchall())
        except StoreUnavailableError as error:
            raise SwitchUnreadableError(f"The kill switches cannot be read: {error.message}") from error
        enabled = {(tenant, action_type): bool(is_enabled) for tenant, action_type, is_enabled in rows}
        return SwitchReading(
            global_enabled=enabled.get((_EVERY_TENANT, _EVERY_TYPE), True),
            tenant_enabled=enabled.get((tenant_id, _EVERY_TYPE), self._unknown_enabled),
            disabled_action_types=frozenset(
                action_type for (_, action_type), is_on in enabled.items() if not is_on and action_type != _EVERY_TYPE
            ),
        )

    def close(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        """Stop."""
        self._set(switch, closed=True, operator=operator, reason=reason, at_ms=at_ms)

    def open(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        """Resume; opening a tenant's switch makes the tenant known."""
        self._set(switch, closed=False, operator=operator, reason=reason, at_ms=at_ms)

    def closed(self) -> Sequence[Switch]:
        """Return what is closed."""
        rows = self._database.read(lambda connection: connection.execute(_CLOSED).fetchall())
        switches = [
            Switch(
                tenant_id=None if tenant == _EVERY_TENANT else tenant,
                action_type=None if action_type == _EVERY_TYPE else action_type,
            )
            for tenant, action_type in rows
        ]
        return sorted(switches, key=str)

    def _set(self, switch: Switch, *, closed: bool, operator: str, reason: str, at_ms: int) -> None:
        row = (switch.tenant_id or _EVERY_TENANT, switch.action_type or _EVERY_TYPE, not closed)

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(_SET, row)
            head = chains.head(connection, switch_chain(switch))
            entry = switch_entry(switch, head, closed=closed, operator=operator, reason=reason, at_ms=at_ms)
            chains.append(connection, chains.ledger_rows([entry]))

        self._database.write(change)
