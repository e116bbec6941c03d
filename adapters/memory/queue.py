"""The queue, its dead letters and wake-ups in memory."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.domain.keys import IntentKey
from core.domain.making import dataclass
from ports.clock import Clock
from ports.dead_letters import DeadLetter
from ports.ids import Ids
from ports.queue import Delivery


@dataclass(frozen=True, slots=True)
class _Message:
    delivery: Delivery
    visible_at_ms: int


class MemoryQueue:
    """The queue, dead letters and backlog ports."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        """Start empty."""
        self._clock = clock
        self._ids = ids
        self._lock = threading.Lock()
        self._messages: dict[str, _Message] = {}
        self._dead: list[DeadLetter] = []

    def send(self, bodies: Sequence[str], *, delay_ms: int = 0) -> None:
        """Enqueue."""
        now_ms = self._clock.now_ms()
        with self._lock:
            for body in bodies:
                message_id = self._ids.fresh()
                delivery = Delivery(message_id, "", body, 0, now_ms)
                self._messages[message_id] = _Message(delivery, now_ms + delay_ms)

    def receive(self, limit: int, *, visibility_ms: int) -> Sequence[Delivery]:
        """Take what is visible."""
        now_ms = self._clock.now_ms()
        with self._lock:
            visible = [it for it in self._messages.values() if it.visible_at_ms <= now_ms][:limit]
            taken = []
            for message in visible:
                count = message.delivery.receive_count + 1
                delivery = replace(message.delivery, receipt=self._ids.fresh(), receive_count=count)
                self._messages[delivery.message_id] = _Message(delivery, now_ms + visibility_ms)
                taken.append(delivery)
        return taken

    def acknowledge(self, delivery: Delivery) -> None:
        """Remove, if the receipt is still the latest."""
        with self._lock:
            if self._holds(delivery):
                del self._messages[delivery.message_id]

    def put_back(self, delivery: Delivery, *, delay_ms: int) -> None:
        """Make visible again later."""
        with self._lock:
            if self._holds(delivery):
                message = self._messages[delivery.message_id]
                visible_at_ms = self._clock.now_ms() + delay_ms
                self._messages[delivery.message_id] = replace(message, visible_at_ms=visible_at_ms)

    def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Move to the dead letters."""
        with self._lock:
            if self._holds(delivery):
                del self._messages[delivery.message_id]
                self._dead.append(DeadLetter(delivery.message_id, delivery.body, reason, self._clock.now_ms()))

    def next_visible_ms(self) -> int | None:
        """Return when the next message becomes or became visible."""
        with self._lock:
            return min((it.visible_at_ms for it in self._messages.values()), default=None)

    def newest(self, limit: int) -> Sequence[DeadLetter]:
        """Return dead letters, newest first."""
        with self._lock:
            return self._dead[: -limit - 1 : -1]

    def count(self) -> int:
        """Count the dead letters."""
        with self._lock:
            return len(self._dead)

    def redrive(self, chosen: Callable[[DeadLetter], bool], limit: int) -> Sequence[DeadLetter]:
        """Send back, newest first."""
        now_ms = self._clock.now_ms()
        with self._lock:
            found = [it for it in reversed(self._dead) if chosen(it)][:limit]
            for letter in found:
                self._dead.remove(letter)
                delivery = Delivery(letter.message_id, "", letter.body, 0, now_ms)
                self._messages[letter.message_id] = _Message(delivery, now_ms)
        return found

    def _holds(self, delivery: Delivery) -> bool:
        message = self._messages.get(delivery.message_id)
        return message is not None and message.delivery.receipt == delivery.receipt


class MemoryWakeUps:
    """The wake-ups port; keeps them in the order of asking."""

    def __init__(self, queue: MemoryQueue, clock: Clock) -> None:
        """Keep the queue."""
        self._queue = queue
        self._clock = clock

    def at(self, key: IntentKey, owner: str, due_at_ms: int) -> None:
        """Enqueue a delivery to ourselves."""
        body = json.dumps({"wake_up": {"key": [key.tenant_id, key.account_id, key.intent_id], "owner": owner}})
        self._queue.send([body], delay_ms=max(0, due_at_ms - self._clock.now_ms()))
