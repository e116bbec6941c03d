"""Dead letters in SQLite."""

from collections.abc import Sequence

from adapters.sqlite.database import Database
from ports.dead_letters import DeadLetter

_NEWEST = "SELECT message_id, body, reason, at_ms FROM dead_letters ORDER BY place DESC LIMIT ?"
_COUNT = "SELECT count(*) FROM dead_letters"


class SqliteDeadLetters:
    """The dead letters port."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def newest(self, limit: int) -> Sequence[DeadLetter]:
        """Return dead letters, newest first."""
        rows = self._database.read(lambda connection: connection.execute(_NEWEST, (limit,)).fetchall())
        return [DeadLetter(*row) for row in rows]

    def count(self) -> int:
        """Count them."""
        (found,) = self._database.read(lambda connection: connection.execute(_COUNT).fetchone())
        return int(found)
