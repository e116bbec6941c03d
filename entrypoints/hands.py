"""Hands: the deliveries that one process holds, whether somebody works on them or they wait for a free thread."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from core.domain.errors import TransientError
from ports.queue import Delivery, Queue
from ports.visibility import Visibility

log = logging.getLogger("actonce.worker")

IDLE_S = 0.05
# What is fetched ahead waits here while another process may be free, so only what is soon worked off grows.
SOON_S = 0.25
MOST_AHEAD = 64
LONGEST_WAIT_S = 1.0
# A long poll is answered as soon as there is something, so what it brings was hidden from others a moment ago at most.
ANSWER_S = 1.0
# What is held longer is stuck: it comes back to somebody else, who finds the prepared effect.
MAX_HELD_S = 3_600.0


@dataclass(slots=True, eq=False)
class _Held:
    """One delivery. It is invisible to others from ``since`` on for the hands' visibility."""

    delivery: Delivery
    received: float
    since: float


class Hands:
    """Deliveries fetched ahead by one receive at a time, and taken by whichever thread is free.

    The lock is never held while the queue is asked: only whoever receives waits for a poll.
    """

    def __init__(
        self,
        queue: Queue,
        *,
        ahead: int,
        visibility_s: float,
        visibility: Visibility | None = None,
        look: Callable[[Sequence[Delivery]], None] = lambda _: None,
    ) -> None:
        """Fetch up to ``ahead`` at once, more where that is worked off soon, and only when nothing waits.

        ``look`` is shown what one receive brought, before anybody takes it.

        One that waited here beyond its visibility is dropped, for it comes back. ``visibility`` is how one that is
        held for long is kept from others; None where the queue has no such verb.
        """
        self._queue = queue
        self._ahead = self._least_ahead = ahead
        self._received_at, self._was_full = 0.0, False
        self._visibility_s = visibility_s
        self._visibility = visibility
        self._look = look
        self._changed = threading.Condition()
        self._waiting: deque[_Held] = deque()
        self._taken: dict[int, _Held] = {}
        self._is_receiving = False
        self._is_closed = False
        self._empty_until = 0.0

    def take(self) -> Delivery | None:
        """Return a delivery to handle, None when there is none now or somebody else is asking the queue.

        Raises:
            TransientError: the queue could not be read.
        """
        with self._changed:
            delivery = self._next()
            if delivery is not None or self._is_closed or self._is_receiving or monotonic() < self._empty_until:
                return delivery
            self._is_receiving = True
        self._receive()
        with self._changed:
            return self._next()

    def wait(self) -> None:
        """Wait for a moment, or until a receive has ended."""
        with self._changed:
            if not self._waiting and not self._is_closed:
                self._changed.wait(LONGEST_WAIT_S if self._is_receiving else IDLE_S)

    def done(self, delivery: Delivery) -> None:
        """Note that a taken delivery left our hands."""
        with self._changed:
            del self._taken[id(delivery)]

    def held(self) -> int:
        """Return how many are in our hands; a receive that is under way counts as one, for it may bring some."""
        with self._changed:
            return len(self._waiting) + len(self._taken) + self._is_receiving

    def extend(self) -> None:
        """Keep from others what is past half its visibility, where the queue can; to be called often, by one thread."""
        if self._visibility is None:
            return
        for held in self._ageing():
            begun = monotonic()
            try:
                self._visibility.extend(held.delivery, self._visibility_ms)
            except TransientError as trouble:
                _note("extend", trouble)
            else:
                held.since = begun

    def give_back(self) -> None:
        """Take no more, and put back what nobody started on; what a receive still brings is put back by it."""
        with self._changed:
            self._is_closed = True
            rest = [held.delivery for held in self._waiting]
            self._waiting.clear()
            self._changed.notify_all()
        self._put_back(rest)

    @property
    def _visibility_ms(self) -> int:
        return int(self._visibility_s * 1000)

    def _receive(self) -> None:
        begun = monotonic()
        rest: list[Delivery] = []
        received: list[Delivery] = []
        try:
            self._pace(begun)
            received += self._queue.receive(self._ahead, visibility_ms=self._visibility_ms)
            self._was_full = len(received) == self._ahead
            self._look(received)
        finally:
            with self._changed:
                self._is_receiving = False
                now = monotonic()
                if self._is_closed:
                    rest = received
                elif received:
                    since = max(begun, now - ANSWER_S)
                    self._waiting.extend(_Held(delivery, now, since) for delivery in received)
                else:
                    # One empty answer serves all threads for a moment.
                    self._empty_until = now + IDLE_S
                self._changed.notify_all()
        self._put_back(rest)

    def _pace(self, now: float) -> None:
        """Ask for twice as many where all that one asked for came and was worked off soon, else for half as many."""
        if self._was_full and now - self._received_at < SOON_S / 2:
            self._ahead = min(2 * self._ahead, max(MOST_AHEAD, self._least_ahead))
        else:
            self._ahead = max(self._ahead // 2, self._least_ahead)
        self._received_at = now

    def _next(self) -> Delivery | None:
        now = monotonic()
        while self._waiting:
            held = self._waiting.popleft()
            if now < held.since + self._visibility_s:
                self._taken[id(held.delivery)] = held
                return held.delivery
        return None

    def _ageing(self) -> list[_Held]:
        with self._changed:
            now = monotonic()
            return [
                held
                for held in (*self._taken.values(), *self._waiting)
                if now >= held.since + self._visibility_s / 2 and now < held.received + MAX_HELD_S
            ]

    def _put_back(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            try:
                self._queue.put_back(delivery, delay_ms=0)
            except TransientError as trouble:
                # It comes back by itself when its visibility ends.
                _note("give back", trouble)


def _note(what: str, trouble: TransientError) -> None:
    log.warning("trouble", extra={"fields": {"doing": what, "error_code": trouble.error_code}})
