"""Draining: what came of the deliveries of one run, and when nothing is left that waiting would settle."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING

from core.domain.attempt import CompensationStatus
from core.domain.errors import TransientError
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.making import dataclass
from entrypoints.handled import Handled, Verdict
from entrypoints.worker import Worker
from ports.backlog import Backlog
from ports.clock import Clock
from ports.executions import Executions

if TYPE_CHECKING:
    from entrypoints.container.embedded import EmbeddedContainer

TICK_S = 0.05
LOOK_AHEAD = 1_000
MAX_REFUSED_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an intent stands, in two words. ``is_parked``: it waits for an operator."""

    status: str
    error_code: str | None = None
    is_parked: bool = False
    is_open: bool = False

    @classmethod
    def of(cls, execution: Execution) -> "Standing":
        """Return where an execution stands."""
        attempt = execution.attempt
        fault = execution.outcome.fault if execution.outcome else attempt.last_error
        code = fault.error_code if fault else None
        if attempt.parked is not None:
            return cls("IN_DOUBT", code, is_parked=True)
        if attempt.work is not None:
            return cls("RUNNING", is_open=True)
        if attempt.compensation is CompensationStatus.FAILED:
            return cls(attempt.status.value, "UNDO_FAILED")
        return cls(attempt.status.value, code)


class Tally:
    """Counts what became of deliveries; called from many threads. ``keep`` remembers each intent of a run that ends."""

    def __init__(self, *, keep: bool) -> None:
        """Start at nothing."""
        self.settled = 0
        self.refused: list[Handled] = []
        self.refused_by_code: Counter[str] = Counter()
        self.put_back: Counter[str] = Counter()
        self.ended: Counter[Standing] = Counter()
        self._reached: dict[IntentKey, Standing | None] = {}
        self._keep = keep
        self._lock = threading.Lock()

    def __call__(self, handled: Handled) -> None:
        """Count one delivery."""
        with self._lock:
            self._count(handled)

    def reached(self, executions: Executions) -> Iterator[tuple[IntentKey, Standing]]:
        """Yield every intent that was reached and where it stands; one that had not ended is looked at again."""
        for key, known in list(self._reached.items()):
            execution = None if known is not None else executions.load(key)
            if known is not None:
                yield key, known
            elif execution is not None:
                yield key, Standing.of(execution)

    def _count(self, handled: Handled) -> None:
        if handled.verdict is Verdict.PUT_BACK:
            self.put_back[handled.error_code or "UNKNOWN_ERROR"] += 1
            return
        self.settled += 1
        if handled.verdict is Verdict.DEAD_LETTERED:
            self.refused_by_code[handled.error_code or "UNKNOWN_ERROR"] += 1
            if self._keep and len(self.refused) < MAX_REFUSED_KEPT:
                self.refused.append(handled)
            return
        standing = Standing.of(handled.execution) if handled.execution else None
        if self._keep and handled.key is not None:
            self._reached[handled.key] = None if standing is None or standing.is_open else standing
        elif standing is not None and not standing.is_open:
            self.ended[standing] += 1


def drain(
    container: "EmbeddedContainer", worker: Worker, tally: Tally, *, max_wait_s: float, tick: Callable[[], None]
) -> None:
    """Wait until nothing is left that can be settled soon, or the worker is stopped.

    ``max_wait_s`` bounds each stretch in which nothing is settled; put-backs do not count as progress.
    """
    backlog, executions, clock = container.backlog(), container.executions(), container.clock()
    seen, quiet_since = -1, monotonic()
    while not worker.stopping.wait(TICK_S):
        tick()
        if tally.settled != seen:
            seen, quiet_since = tally.settled, monotonic()
            continue
        left_s = quiet_since + max_wait_s - monotonic()
        sweeps = worker.sweeps
        is_idle = not worker.held and not is_more_coming(backlog, executions, clock, int(left_s * 1000))
        # Once more, for a receive or a sweep may have begun in between, and the stores not shown what it took.
        if is_idle and not worker.held and worker.sweeps == sweeps:
            return


def is_more_coming(backlog: Backlog, executions: Executions, clock: Clock, within_ms: int) -> bool:
    """Tell whether a message becomes visible, or an execution that is not parked becomes due, within this time."""
    if within_ms <= 0:
        return False
    until_ms = clock.now_ms() + within_ms
    try:
        next_ms = backlog.next_visible_ms()
        if next_ms is not None and next_ms <= until_ms:
            return True
        due = (executions.load(key) for key in executions.due(until_ms, LOOK_AHEAD))
        return any(it is not None and it.attempt.is_open for it in due)
    except TransientError:
        return True
