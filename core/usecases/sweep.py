"""Sweep: the backstop for lost wake-ups, dead workers and doubt that waits."""

from collections.abc import Callable, Sequence

from core.domain.errors import ExecutionError
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.making import dataclass
from core.usecases.execute import Execute
from core.usecases.reconcile import Reconcile
from ports.clock import Clock
from ports.executions import Executions

MAX_TROUBLED = 5_000


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: keys looked at, keys that trouble left for the next, and what became of the others."""

    seen: int
    postponed: int
    reached: tuple[Execution, ...] = ()


class Sweep:
    """Takes over what is due, one by one, bounded; two sweepers at once are harmless."""

    def __init__(self, executions: Executions, execute: Execute, reconcile: Reconcile, clock: Clock) -> None:
        """Keep the parts."""
        self._executions = executions
        self._execute = execute
        self._reconcile = reconcile
        self._clock = clock
        self._troubled: set[IntentKey] = set()

    def __call__(
        self, owner: str, limit: int = 100, *, grace_ms: int = 0, is_over: Callable[[], bool] = lambda: False
    ) -> Swept:
        """Look at up to ``limit`` executions that are due for ``grace_ms``; ``owner`` names this sweeper.

        ``is_over`` is asked before each; once it says so, the rest is left for the next sweep.
        """
        seen = postponed = 0
        reached: list[Execution] = []
        for key in self._due(limit, grace_ms):
            if is_over():
                break
            seen += 1
            try:
                execution = self._settle(key, owner)
            except (ExecutionError, LookupError, TypeError, ValueError):
                # A store, or a row that is not what it should be. Its due date stands, so a later sweep comes by it
                # again; the others must not wait for it.
                postponed += 1
                self._troubled.add(key)
            else:
                self._troubled.discard(key)
                reached += [] if execution is None else [execution]
        return Swept(seen, postponed, tuple(reached))

    def _due(self, limit: int, grace_ms: int) -> Sequence[IntentKey]:
        """Return what is due, what left trouble the last time behind all others, lest it be all that is ever seen."""
        if len(self._troubled) >= MAX_TROUBLED:
            self._troubled.clear()
        due = self._executions.due(self._clock.now_ms() - grace_ms, limit + len(self._troubled))
        fresh = [key for key in due if key not in self._troubled]
        return [*fresh, *(key for key in due if key in self._troubled)][:limit]

    def _settle(self, key: IntentKey, owner: str) -> Execution | None:
        execution = self._executions.load(key)
        if execution is not None and execution.attempt.parked is not None:
            return self._reconcile(execution)
        return self._execute.resume(key, owner)
