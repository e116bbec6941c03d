"""The registry in SQLite: a version, once there, never changes, so it is read once per process."""

import sqlite3
from collections.abc import Sequence

from adapters.sqlite.database import Database
from core.domain.errors import RegistryConflictError
from core.domain.registry import RegistryEntry
from ports.wire.rows import REGISTRY_ENTRY

_GET = "SELECT body FROM registry WHERE action_type = ? AND version = ?"
_PUT = "INSERT INTO registry VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_ALL = "SELECT body FROM registry ORDER BY action_type, version"


class SqliteRegistry:
    """The registry port."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database
        self._known: dict[tuple[str, int], RegistryEntry] = {}

    def entry(self, action_type: str, version: int) -> RegistryEntry | None:
        """Return one version; one that is missing is asked for again the next time."""
        known = self._known.get((action_type, version))
        if known is not None:
            return known
        place = (action_type, padded(version))
        found = self._database.read(lambda connection: connection.execute(_GET, place).fetchone())
        if found is None:
            return None
        entry = REGISTRY_ENTRY.parse(found[0])
        self._known[action_type, version] = entry
        return entry

    def apply(self, entry: RegistryEntry) -> bool:
        """Add a version, by the condition that it is not there."""
        place = (entry.action_type, padded(entry.version))
        row = (*place, REGISTRY_ENTRY.dump(entry))

        def put(connection: sqlite3.Connection) -> bool:
            if connection.execute(_PUT, row).rowcount == 1:
                return True
            (body,) = connection.execute(_GET, place).fetchone()
            if REGISTRY_ENTRY.parse(body) != entry:
                raise RegistryConflictError(
                    f"{entry.action_type} version {entry.version} exists with other content; publish a new version."
                )
            return False

        return self._database.write(put)

    def entries(self) -> Sequence[RegistryEntry]:
        """Return all, by action type and version."""
        rows = self._database.read(lambda connection: connection.execute(_ALL).fetchall())
        return [REGISTRY_ENTRY.parse(body) for (body,) in rows]


def padded(version: int) -> str:
    """Return a version as text that sorts like the number, up to 2^53 - 1."""
    return f"{version:016d}"
