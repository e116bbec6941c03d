"""Worker: threads that share the queue, with the sweeper and the relay beside them, in one process."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from traceback import extract_tb

from core.domain.errors import TransientError
from core.usecases.relay import Relay
from core.usecases.sweep import Sweep
from entrypoints.intake import Handled, Intake
from ports.queue import Delivery, Queue

log = logging.getLogger("actonce.worker")

IDLE_S = 0.05
TROUBLE_S = 1.0
RELAY_EVERY_S = 0.1
# A receive is a synced commit, so few threads, too, share one among several deliveries.
LEAST_AHEAD = 10
Observer = Callable[[Handled], None]


class Hands:
    """Deliveries that this process holds: fetched ahead by one receive, taken by whichever thread is free."""

    def __init__(self, queue: Queue, *, ahead: int, visibility_s: float) -> None:
        """Fetch up to ``ahead`` at once; one that waited here beyond its visibility is dropped, for it comes back."""
        self._queue = queue
        self._ahead = ahead
        self._visibility_s = visibility_s
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Delivery, float]] = deque()
        self._taken = 0
        self._empty_until = 0.0

    def take(self) -> Delivery | None:
        """Return a delivery to handle, None when the queue shows none now.

        Raises:
            TransientError: the queue could not be read.
        """
        with self._lock:
            if not self._waiting and monotonic() >= self._empty_until:
                until = monotonic() + self._visibility_s
                received = self._queue.receive(self._ahead, visibility_ms=int(self._visibility_s * 1000))
                self._waiting.extend((delivery, until) for delivery in received)
                if not received:
                    # One empty answer serves all threads for a moment.
                    self._empty_until = monotonic() + IDLE_S
            while self._waiting:
                delivery, until = self._waiting.popleft()
                if monotonic() < until:
                    self._taken += 1
                    return delivery
        return None

    def done(self) -> None:
        """Note that a taken delivery left our hands."""
        with self._lock:
            self._taken -= 1

    def held(self) -> int:
        """Return how many are in our hands."""
        with self._lock:
            return len(self._waiting) + self._taken

    def give_back(self) -> None:
        """Put back what nobody started on."""
        with self._lock:
            while self._waiting:
                self._queue.put_back(self._waiting.popleft()[0], delay_ms=0)


class Worker:
    """Runs until it is stopped. A thread that dies of a fault of ours stops the others and is told of."""

    def __init__(  # noqa: PLR0913 - what runs side by side, and how
        self,
        queue: Queue,
        intake: Intake,
        sweep: Sweep,
        relay: Relay,
        *,
        threads: int,
        visibility_s: float,
        sweep_every_s: float,
        sweeper: str,
    ) -> None:
        """Keep the parts; nothing runs before ``start``. ``sweeper`` is the owner that the sweeper claims as."""
        self.stopping = threading.Event()
        self.fault: str | None = None
        self._hands = Hands(queue, ahead=max(LEAST_AHEAD, 2 * threads), visibility_s=visibility_s)
        self._intake = intake
        self._sweep = sweep
        self._relay = relay
        self._threads = threads
        self._sweep_every_s = sweep_every_s
        self._sweeper = sweeper
        self._running: list[threading.Thread] = []

    def start(self, observe: Observer) -> None:
        """Start the threads; ``observe`` is called from them, once for each delivery."""
        jobs: list[Callable[[], None]] = [lambda: self._serve(observe)] * self._threads
        jobs += [self._sweep_on, self._relay_on]
        for number, job in enumerate(jobs):
            thread = threading.Thread(target=self._guarded, args=(job,), name=f"actonce-{number}", daemon=True)
            self._running.append(thread)
            thread.start()

    @property
    def held(self) -> int:
        """How many deliveries are in our hands."""
        return self._hands.held()

    def stop(self, timeout_s: float) -> bool:
        """Finish what is under way, put back the rest, publish what is told; False when it took too long."""
        self.stopping.set()
        until = monotonic() + timeout_s
        for thread in self._running:
            thread.join(max(0.0, until - monotonic()))
        self._try("give back", self._hands.give_back)
        self._try("relay", self._relay_all)
        return not any(thread.is_alive() for thread in self._running)

    def _serve(self, observe: Observer) -> None:
        while not self.stopping.is_set():
            try:
                delivery = self._hands.take()
            except TransientError as trouble:
                _note("receive", trouble)
                self.stopping.wait(TROUBLE_S)
                continue
            if delivery is None:
                self.stopping.wait(IDLE_S)
                continue
            try:
                observe(self._intake(delivery))
            finally:
                self._hands.done()

    def _sweep_on(self) -> None:
        while not self.stopping.wait(self._sweep_every_s):
            try:
                self._try("sweep", lambda: self._sweep(self._sweeper))
            except Exception as fault:  # noqa: BLE001 - the last line: what cannot be swept must not stop the queue
                _tell_fault("sweep", fault)

    def _relay_on(self) -> None:
        while not self.stopping.wait(RELAY_EVERY_S):
            self._try("relay", self._relay)

    def _relay_all(self) -> None:
        while self._relay():
            pass

    def _try(self, what: str, job: Callable[[], object]) -> None:
        try:
            job()
        except TransientError as trouble:
            _note(what, trouble)

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as fault:  # noqa: BLE001 - the last line of a thread: told, and the others stop
            self.fault = _tell_fault("thread", fault)
            self.stopping.set()


def _tell_fault(doing: str, fault: Exception) -> str:
    """Log an unforeseen fault by its class name and place, without its text, and return the name."""
    name, last = type(fault).__name__, extract_tb(fault.__traceback__)[-1]
    where = f"{last.name}:{last.lineno}"
    log.error("unforeseen", extra={"fields": {"doing": doing, "error": name, "where": where}})
    return name


def _note(what: str, trouble: TransientError) -> None:
    log.warning("trouble", extra={"fields": {"doing": what, "error_code": trouble.error_code}})
