"""Wake-ups in SQLite: messages to ourselves that become visible when they are due."""

from adapters.sqlite.queue import SqliteQueue
from core.domain.keys import IntentKey
from ports.wire.messages import wake_up_body


class SqliteWakeUps:
    """The wake-ups port."""

    def __init__(self, queue: SqliteQueue) -> None:
        """Keep the queue."""
        self._queue = queue

    def at(self, key: IntentKey, owner: str, due_at_ms: int) -> None:
        """Enqueue a delivery to ourselves."""
        self._queue.send_for([wake_up_body(key, owner)], due_at_ms)
