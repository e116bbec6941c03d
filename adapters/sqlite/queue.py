"""The queue in SQLite. Removing and putting back are written a moment later: losing them means a redelivery."""

import sqlite3
from collections.abc import Sequence

from adapters.sqlite.database import Database
from adapters.sqlite.group import Value
from ports.clock import Clock
from ports.ids import Ids
from ports.queue import Delivery

_SEND = "INSERT INTO messages (message_id, body, visible_at_ms, receive_count, sent_at_ms) VALUES (?, ?, ?, 0, ?)"
_VISIBLE = "SELECT 1 FROM messages WHERE visible_at_ms <= ? LIMIT 1"
_RECEIVE = (
    "UPDATE messages SET visible_at_ms = ?, receive_count = receive_count + 1 WHERE place IN"
    " (SELECT place FROM messages WHERE visible_at_ms <= ? ORDER BY visible_at_ms, place LIMIT ?)"
    " RETURNING place, message_id, body, receive_count, sent_at_ms"
)
_NEXT = "SELECT min(visible_at_ms) FROM messages"
# A receipt is a place and a receive count: who was given the message since holds another one.
_HELD = "WHERE place = ? AND receive_count = ? AND message_id = ?"
_REMOVE = f"DELETE FROM messages {_HELD}"  # noqa: S608 - made of constants
_PUT_BACK = f"UPDATE messages SET visible_at_ms = ? {_HELD}"  # noqa: S608 - made of constants
_BURY = "INSERT INTO dead_letters (message_id, body, reason, at_ms) VALUES (?, ?, ?, ?)"


class SqliteQueue:
    """The queue and backlog ports."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        """Keep the database."""
        self._database = database
        self._clock = clock
        self._ids = ids

    def send(self, bodies: Sequence[str], *, delay_ms: int = 0) -> None:
        """Enqueue."""
        self.send_for(bodies, self._clock.now_ms() + delay_ms)

    def send_for(self, bodies: Sequence[str], visible_at_ms: int) -> None:
        """Enqueue, visible from a moment on."""
        now_ms = self._clock.now_ms()
        rows = [(self._ids.fresh(), body, max(now_ms, visible_at_ms), now_ms) for body in bodies]
        self._database.write(lambda connection: connection.executemany(_SEND, rows))

    def receive(self, limit: int, *, visibility_ms: int) -> Sequence[Delivery]:
        """Take what is visible; nothing is written where nothing is."""
        now_ms = self._clock.now_ms()
        if not self._database.has_later and not self._has_visible(now_ms):
            return ()

        def take(connection: sqlite3.Connection) -> list[tuple[int, str, str, int, int]]:
            return connection.execute(_RECEIVE, (now_ms + visibility_ms, now_ms, limit)).fetchall()

        return [
            Delivery(message_id, f"{place}:{count}", body, count, sent_at_ms)
            for place, message_id, body, count, sent_at_ms in sorted(self._database.write_all(take))
        ]

    def acknowledge(self, delivery: Delivery) -> None:
        """Remove, if the receipt is still the latest."""
        self._database.later((_REMOVE, _held(delivery)))

    def put_back(self, delivery: Delivery, *, delay_ms: int) -> None:
        """Make visible again later, if the receipt is still the latest."""
        self._database.later((_PUT_BACK, (self._clock.now_ms() + delay_ms, *_held(delivery))))

    def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Move to the dead letters, if the receipt is still the latest."""
        letter = (delivery.message_id, delivery.body, reason, self._clock.now_ms())

        def move(connection: sqlite3.Connection) -> None:
            if connection.execute(_REMOVE, _held(delivery)).rowcount == 1:
                connection.execute(_BURY, letter)

        self._database.write(move)

    def next_visible_ms(self) -> int | None:
        """Return when the next message becomes or became visible; our own removals are written first."""
        ask = self._database.write_all if self._database.has_later else self._database.read
        (found,) = ask(lambda connection: connection.execute(_NEXT).fetchone())
        return None if found is None else int(found)

    def _has_visible(self, now_ms: int) -> bool:
        found = self._database.read(lambda connection: connection.execute(_VISIBLE, (now_ms,)).fetchone())
        return found is not None


def _held(delivery: Delivery) -> tuple[Value, ...]:
    place, count = delivery.receipt.split(":")
    return int(place), int(count), delivery.message_id
