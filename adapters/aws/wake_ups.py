"""Wake-ups over SQS: messages to ourselves, delayed as far as SQS delays."""

from core.domain.keys import IntentKey
from ports.clock import Clock
from ports.queue import Queue
from ports.wire.messages import wake_up_body

MAX_DELAY_MS = 900_000


class SqsWakeUps:
    """The wake-ups port. What is due in more than 900 s is woken early, and whoever is woken asks again."""

    def __init__(self, queue: Queue, clock: Clock) -> None:
        """Keep the queue."""
        self._queue = queue
        self._clock = clock

    def at(self, key: IntentKey, owner: str, due_at_ms: int) -> None:
        """Enqueue a delivery to ourselves."""
        delay_ms = min(MAX_DELAY_MS, max(0, due_at_ms - self._clock.now_ms()))
        self._queue.send([wake_up_body(key, owner)], delay_ms=delay_ms)
