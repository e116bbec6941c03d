"""Launch: hand an approved action to an orchestrator, which takes the steps. It stands where Execute stands."""

from core.domain.claiming import Order
from core.domain.errors import PayloadConflictError
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.orchestration import orchestration
from core.usecases.start import Start
from ports.clock import Clock
from ports.executions import Executions
from ports.intents import Intents
from ports.orchestrator import Orchestrator
from ports.wake_ups import WakeUps


class Launch:
    """Starts each orchestration under its own name, so that a redelivery starts no second one."""

    def __init__(
        self,
        executions: Executions,
        intents: Intents,
        start: Start,
        orchestrator: Orchestrator,
        wake_ups: WakeUps,
        clock: Clock,
    ) -> None:
        """Keep the ports."""
        self._executions = executions
        self._intents = intents
        self._start = start
        self._orchestrator = orchestrator
        self._wake_ups = wake_ups
        self._clock = clock

    def __call__(self, order: Order) -> Execution | None:
        """Start what an event asks for, and return what is there of it already.

        Raises:
            IntentNotFoundError: there is no such intent yet; deliver again within the grace period.
            PayloadConflictError: the id was used with another body; the refusal is written.
            NameTakenError: see the port.
            TransientError: a store of ours could not be reached; deliver again.
        """
        existing = self._executions.load(order.key)
        if existing is not None:
            self._start.check_same(order, existing)
            if not existing.attempt.is_open:
                return existing
        self._keep(order)
        self._orchestrator.start(orchestration(order))
        return existing

    def resume(self, key: IntentKey, owner: str) -> Execution | None:
        """Start what is to go on with open work; None where no attempt is. For wake-ups, retries and undo.

        Whom the wake-up was for must still hold it: whoever took it over since goes on, and needs no waking.
        """
        existing = self._executions.load(key)
        if existing is None:
            return None
        attempt = existing.attempt
        if not attempt.is_open or attempt.owner != owner:
            return existing
        if attempt.waiting and attempt.due_at_ms is not None and self._clock.now_ms() < attempt.due_at_ms:
            # A queue that cannot delay for long enough delivers early; it is asked again.
            self._wake_ups.at(key, owner, attempt.due_at_ms)
            return existing
        brief = attempt.brief
        order = Order(key, owner, None, brief.approval_source, brief.auto_executed)
        self._orchestrator.start(orchestration(order, run=attempt.run, generation=attempt.generation))
        return existing

    def _keep(self, order: Order) -> None:
        """Store an embedded intent, for an orchestration's state has no room for it; otherwise it must be there."""
        if order.intent is None:
            self._start.intent(order)
            return
        try:
            self._intents.put(order.intent)
        except PayloadConflictError as conflict:
            self._start.refuse(order, conflict)
            raise
