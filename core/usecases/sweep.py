"""Sweep: the backstop for lost wake-ups, dead workers and doubt that waits."""

from dataclasses import dataclass

from core.domain.errors import ExecutionError
from core.domain.keys import IntentKey
from core.usecases.execute import Execute
from core.usecases.reconcile import Reconcile
from ports.clock import Clock
from ports.executions import Executions


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: keys that were looked at, and keys that trouble left for the next."""

    seen: int
    postponed: int


class Sweep:
    """Takes over what is due, one by one, bounded; two sweepers at once are harmless."""

    def __init__(self, executions: Executions, execute: Execute, reconcile: Reconcile, clock: Clock) -> None:
        """Keep the parts."""
        self._executions = executions
        self._execute = execute
        self._reconcile = reconcile
        self._clock = clock

    def __call__(self, owner: str, limit: int = 100) -> Swept:
        """Look at up to ``limit`` due executions; ``owner`` names this sweeper."""
        postponed = 0
        due = self._executions.due(self._clock.now_ms(), limit)
        for key in due:
            try:
                self._settle(key, owner)
            except ExecutionError:
                # Its due date stands, so the next sweep comes by it again; the others must not wait for it.
                postponed += 1
        return Swept(seen=len(due), postponed=postponed)

    def _settle(self, key: IntentKey, owner: str) -> None:
        execution = self._executions.load(key)
        if execution is not None and execution.attempt.parked is not None:
            self._reconcile(key)
        else:
            self._execute.resume(key, owner)
