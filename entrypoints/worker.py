"""Worker: threads that share the queue, with the sweeper and the relay beside them, in one process."""

import logging
import threading
from collections.abc import Callable
from time import monotonic
from traceback import extract_tb

from core.domain.errors import TransientError
from core.usecases.relay import Relay
from core.usecases.sweep import Sweep
from entrypoints.handled import Handled
from entrypoints.hands import Hands
from entrypoints.intake import Intake
from ports.queue import Queue
from ports.visibility import Visibility

log = logging.getLogger("actonce.worker")

TROUBLE_S = 1.0
RELAY_EVERY_S = 0.1
LONGEST_EXTENDING_S = 5.0
# Of a visibility; what is past its half is extended, so a few failures in a row do not matter.
EXTENDING_SHARE = 0.1
# A receive is a synced commit, or costs money, so few threads, too, share one among several deliveries.
LEAST_AHEAD = 10
Observer = Callable[[Handled], None]


def ahead_of(threads: int) -> int:
    """Return how many deliveries so many threads fetch at once at first."""
    return max(LEAST_AHEAD, 2 * threads)


class Worker:
    """Runs until it is stopped. A thread that dies of a fault of ours stops the others and is told of.

    Whoever is free takes the next delivery, so that a slow one holds up one thread and nobody else.
    """

    def __init__(  # noqa: PLR0913 - what runs side by side, and how
        self,
        queue: Queue,
        intake: Intake,
        sweep: Sweep,
        relay: Relay,
        *,
        visibility: Visibility | None,
        threads: int,
        visibility_s: float,
        sweep_every_s: float,
        look_every_s: float,
        sweeper: str,
        place: Callable[[], None] | None,
    ) -> None:
        """Keep the parts; nothing runs before ``start``. ``sweeper`` is the owner that the sweeper claims as.

        ``look_every_s``: how often the outbox is looked at for what others left there; what this worker
        brought about is published a moment later anyway. ``place`` is called by each thread
        before its work.
        """
        self.stopping = threading.Event()
        self.fault: str | None = None
        self.sweeps = 0  # How many were begun.
        self._hands = Hands(
            queue, ahead=ahead_of(threads), visibility_s=visibility_s, visibility=visibility, look=intake.read_ahead
        )
        self._intake = intake
        self._sweep = sweep
        self._relay = relay
        self._threads = threads
        self._sweep_every_s = sweep_every_s
        self._look_every_s = look_every_s
        self._extend_every_s = min(LONGEST_EXTENDING_S, EXTENDING_SHARE * visibility_s)
        self._sweeper = sweeper
        self._place = place
        self._is_sweeping = False
        self._told = threading.Event()
        self._ended = threading.Event()
        self._running: list[threading.Thread] = []

    def start(self, observe: Observer) -> None:
        """Start the threads; ``observe`` is called from them, once for each delivery."""
        jobs: list[Callable[[], None]] = [lambda: self._serve(observe)] * self._threads
        jobs += [self._sweep_on, self._relay_on]
        self._running += [self._thread(f"actonce-{number}", job) for number, job in enumerate(jobs)]
        # Not among those that are waited for: it goes on while they finish what is under way.
        extending = self._thread("actonce-extending", self._extend_on)
        for thread in (*self._running, extending):
            thread.start()

    @property
    def held(self) -> int:
        """How many deliveries are in our hands; a sweep that is under way counts as one, for it may hold some work."""
        return self._hands.held() + self._is_sweeping

    def stop(self, timeout_s: float) -> bool:
        """Put back what nobody started on, finish the rest, publish what is told; False when it took too long."""
        self.stopping.set()
        until = monotonic() + timeout_s
        self._hands.give_back()
        for thread in self._running:
            thread.join(max(0.0, until - monotonic()))
        self._ended.set()
        self._try("relay", lambda: self._relay_until(until))
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
                self._hands.wait()
                continue
            try:
                observe(self._intake(delivery))
            finally:
                self._hands.done(delivery)
                self._told.set()

    def _sweep_on(self) -> None:
        while not self.stopping.wait(self._sweep_every_s):
            self._is_sweeping = True
            self.sweeps += 1
            try:
                self._try("sweep", lambda: self._sweep(self._sweeper))
                self._told.set()
            except Exception as fault:  # noqa: BLE001 - the last line: what cannot be swept must not stop the queue
                _tell_fault("sweep", fault)
            finally:
                self._is_sweeping = False

    def _relay_on(self) -> None:
        look_at = monotonic()
        while not self.stopping.wait(RELAY_EVERY_S):
            if self._told.is_set() or monotonic() >= look_at:
                self._told.clear()
                look_at = monotonic() + self._look_every_s
                self._try("relay", self._relay_once)

    def _relay_once(self) -> None:
        is_done = False
        try:
            is_done = self._relay() == 0
        finally:
            if not is_done:
                self._told.set()

    def _relay_until(self, until: float) -> None:
        """Publish what is there, for as long as there is time; others may go on writing meanwhile."""
        while self._relay() and monotonic() < until:
            pass

    def _extend_on(self) -> None:
        while not self._ended.wait(self._extend_every_s):
            self._hands.extend()

    def _thread(self, name: str, job: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=self._guarded, args=(job,), name=name, daemon=True)

    def _try(self, what: str, job: Callable[[], object]) -> None:
        try:
            job()
        except TransientError as trouble:
            _note(what, trouble)

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            if self._place is not None:
                self._place()
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
