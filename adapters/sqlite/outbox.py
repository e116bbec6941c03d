"""The outbox in SQLite: a row is the mark."""

from collections.abc import Sequence

from adapters.sqlite.database import Database
from core.domain.signal import Signal
from ports.wire.rows import SIGNAL

_PENDING = "SELECT body FROM outbox ORDER BY place LIMIT ?"
_PUBLISHED = (
    "DELETE FROM outbox WHERE tenant_id = ? AND account_id = ? AND intent_id = ? AND revision = ? AND signal_id = ?"
)


class SqliteOutbox:
    """The outbox port."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def pending(self, limit: int) -> Sequence[Signal]:
        """Return unpublished signals, oldest first."""
        rows = self._database.read(lambda connection: connection.execute(_PENDING, (limit,)).fetchall())
        return [SIGNAL.parse(body) for (body,) in rows]

    def published(self, signals: Sequence[Signal]) -> None:
        """Remove their rows."""
        marks = [(it.key.tenant_id, it.key.account_id, it.key.intent_id, it.revision, it.signal_id) for it in signals]
        if marks:
            self._database.write(lambda connection: connection.executemany(_PUBLISHED, marks))
