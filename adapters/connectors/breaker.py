"""A circuit breaker whose states are pybreaker's; ADR 0016 says what is mended here, and why."""

import threading
from contextlib import suppress

import pybreaker

from adapters.connectors.health import Health
from core.domain.making import dataclass
from ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave to call. ``epoch``: of which time of the breaker; what a later one has overtaken moves nothing."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Shut:
    """No leave for so long."""

    wait_ms: int


class _FailingError(Exception):
    """How pybreaker is told of a failure."""


class Breaker:
    """Opens after ``failures`` in a row, for ``open_ms``; then one call at a time tries, until one finds it well.

    Nothing of it is held while a call is under way. A call that tries and is never reported, for its thread died or
    hangs, gives its place to the next one when its lease is over. Time is the clock's monotonic one.
    """

    def __init__(self, clock: Clock, *, failures: int, open_ms: int) -> None:
        """Begin closed."""
        self._clock = clock
        self._open_ms = open_ms
        self._circuit = pybreaker.CircuitBreaker(fail_max=failures, throw_new_error_on_trip=False)
        self._lock = threading.Lock()
        self._epoch = 0
        self._ready_ms = 0

    def admit(self, lease_ms: int) -> Ticket | Shut:
        """Give leave to call. ``lease_ms``: how long it takes at most, after which it is no longer waited for."""
        with self._lock:
            if self._circuit.current_state != pybreaker.STATE_CLOSED:
                now_ms = self._clock.monotonic_ms()
                if now_ms < self._ready_ms:
                    return Shut(self._ready_ms - now_ms)
                # Said here, so that pybreaker never asks its own clock, which is not monotonic.
                self._circuit.half_open()
                self._ready_ms = now_ms + lease_ms
                self._epoch += 1
            return Ticket(self._epoch)

    def report(self, ticket: Ticket, health: Health) -> bool:
        """Take what a call found; return whether the breaker opened or closed by it."""
        with self._lock:
            if ticket.epoch != self._epoch:
                return False
            before = self._circuit.current_state
            if health is Health.UNTOLD:
                # If it was to try, the next one may at once.
                self._ready_ms = 0
                return False
            with suppress(_FailingError):
                self._circuit.call(_tell, health)
            after = self._circuit.current_state
            if after == pybreaker.STATE_OPEN:
                self._ready_ms = self._clock.monotonic_ms() + self._open_ms
            self._epoch += int(after != before)
            return after != before

    @property
    def is_closed(self) -> bool:
        """Tell whether calls pass freely."""
        return self._circuit.current_state == pybreaker.STATE_CLOSED


def _tell(health: Health) -> None:
    if health is Health.FAILING:
        raise _FailingError
