"""Invoke: call the tool once for a prepared send, and settle what it answered."""

from core.domain.answer import Answer, Applied, Hold, NotSent
from core.domain.answering import INLINE_BYTES
from core.domain.draft import Draft
from core.domain.effect import Effect
from core.domain.execution import Execution
from core.domain.settling import record_answer
from core.domain.timing import Timing
from core.usecases.gate import CallGate, Switchboard
from core.usecases.transact import SETTLE_PATIENCE_MS, Transact
from ports.artifacts import Artifacts
from ports.clock import Clock
from ports.connector import Connectors


class Invoke:
    """The only place from which a connector's write is called."""

    def __init__(
        self,
        connectors: Connectors,
        artifacts: Artifacts,
        board: Switchboard,
        transact: Transact,
        clock: Clock,
        timing: Timing,
    ) -> None:
        """Keep the ports."""
        self._connectors = connectors
        self._artifacts = artifacts
        self._board = board
        self._transact = transact
        self._clock = clock
        self._timing = timing

    def __call__(self, execution: Execution, effect: Effect) -> Execution:
        """Call for the effect's last send, which this caller has just prepared; return the settled state."""
        answer = self._call(execution, effect)
        artifact_ref = self._keep(execution, answer)

        def transition(draft: Draft) -> None:
            stored = draft.effect(effect.kind, effect.run)
            if stored is None:
                raise LookupError("a prepared effect is gone")
            record_answer(draft, stored, effect.send_no, answer, self._timing, artifact_ref=artifact_ref)

        return self._transact.on(execution, transition, patience_ms=SETTLE_PATIENCE_MS)

    def _call(self, execution: Execution, effect: Effect) -> Answer:
        request = effect.request
        connector = self._connectors.offering(request.tool, request.key.tenant_id)
        if connector is None:
            return NotSent(Hold.NOT_READY, f"No connector is configured for the tool {request.tool}.")
        gate = CallGate(self._board, self._clock, self._timing, execution.attempt, effect)
        return connector.call(request, gate, effect.before)

    def _keep(self, execution: Execution, answer: Answer) -> str | None:
        """Store a large response as an artifact; failing to never blocks settling."""
        if not isinstance(answer, Applied) or len(answer.response.encode()) <= INLINE_BYTES:
            return None
        try:
            return self._artifacts.put(execution.attempt.key, answer.response)
        except Exception:  # noqa: BLE001 - the tool has answered: no fault of ours may turn that into doubt
            return None
