"""Internal objects in SQLite."""

import sqlite3

from adapters.sqlite.database import Database

_PUT = "INSERT INTO internal_objects VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_OF = "WHERE tenant_id = ? AND account_id = ? AND kind = ? AND object_id = ?"
_GET = f"SELECT fields FROM internal_objects {_OF}"  # noqa: S608 - made of constants
_DELETE = f"DELETE FROM internal_objects {_OF}"  # noqa: S608 - made of constants


class SqliteInternalObjects:
    """The internal objects port."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def put(self, tenant_id: str, account_id: str, kind: str, object_id: str, fields: str) -> str:
        """Store once; return what is stored."""
        place = (tenant_id, account_id, kind, object_id)

        def put(connection: sqlite3.Connection) -> str:
            connection.execute(_PUT, (*place, fields))
            (stored,) = connection.execute(_GET, place).fetchone()
            return str(stored)

        return self._database.write(put)

    def get(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> str | None:
        """Return the fields."""
        place = (tenant_id, account_id, kind, object_id)
        found = self._database.read(lambda connection: connection.execute(_GET, place).fetchone())
        return None if found is None else str(found[0])

    def delete(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> bool:
        """Remove."""
        place = (tenant_id, account_id, kind, object_id)
        return self._database.write(lambda connection: connection.execute(_DELETE, place).rowcount == 1)
