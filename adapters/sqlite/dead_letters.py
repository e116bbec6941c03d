"""Dead letters in SQLite."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial

from adapters.sqlite.database import Database
from ports.clock import Clock
from ports.dead_letters import DeadLetter

PIECE = 100

_NEWEST = "SELECT message_id, body, reason, at_ms FROM dead_letters ORDER BY place DESC LIMIT ?"
_COUNT = "SELECT count(*) FROM dead_letters"
_BELOW = "SELECT place, message_id, body, reason, at_ms FROM dead_letters WHERE place < ? ORDER BY place DESC LIMIT ?"
_TAKE = "DELETE FROM dead_letters WHERE place = ?"
_SEND = "INSERT INTO messages (message_id, body, visible_at_ms, receive_count, sent_at_ms) VALUES (?, ?, ?, 0, ?)"
_ABOVE_ALL = 2**62


class SqliteDeadLetters:
    """The dead letters port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep the database."""
        self._database = database
        self._clock = clock

    def newest(self, limit: int) -> Sequence[DeadLetter]:
        """Return dead letters, newest first."""
        rows = self._database.read(lambda connection: connection.execute(_NEWEST, (limit,)).fetchall())
        return [DeadLetter(*row) for row in rows]

    def count(self) -> int:
        """Count them."""
        (found,) = self._database.read(lambda connection: connection.execute(_COUNT).fetchone())
        return int(found)

    def redrive(self, chosen: Callable[[DeadLetter], bool], limit: int) -> Sequence[DeadLetter]:
        """Move each in a transaction of its own, newest first; a message keeps its id, and so its owner."""
        moved: list[DeadLetter] = []
        below = _ABOVE_ALL
        while len(moved) < limit:
            rows = self._database.read(partial(_below, below))
            for below, message_id, body, reason, at_ms in rows:
                letter = DeadLetter(message_id, body, reason, at_ms)
                if len(moved) < limit and chosen(letter) and self._move(below, letter):
                    moved.append(letter)
            if len(rows) < PIECE:
                break
        return moved

    def _move(self, place: int, letter: DeadLetter) -> bool:
        now_ms = self._clock.now_ms()

        def move(connection: sqlite3.Connection) -> bool:
            if connection.execute(_TAKE, (place,)).rowcount == 0:
                return False
            connection.execute(_SEND, (letter.message_id, letter.body, now_ms, now_ms))
            return True

        return self._database.write(move)


def _below(place: int, connection: sqlite3.Connection) -> list[tuple[int, str, str, str, int]]:
    return connection.execute(_BELOW, (place, PIECE)).fetchall()
