"""Reconcile: settle doubt by what the tool's contract allows, without sending anything."""

from core.domain.answer import CannotTell, Finding, Happened, Hold
from core.domain.attempt import EffectKind, Fault
from core.domain.contract import LOOKED_UP
from core.domain.decision import Fail, LookUp, SendNext, Step, decide, decide_found, quiet_at
from core.domain.draft import Draft
from core.domain.effect import Effect, EffectState
from core.domain.errors import ExecutionAbortedError
from core.domain.execution import Execution, LostError
from core.domain.settling import apply_found, enact, failed, stay_parked
from core.domain.timing import Timing
from core.usecases.transact import Transact
from ports.clock import Clock
from ports.connector import Connectors
from ports.executions import Executions

_ABORTED = Fault.of(ExecutionAbortedError("The execution ended before anything was prepared."))


class Reconcile:
    """Looks up, and writes what follows. What may be sent again it leaves to Execute, by returning SendNext."""

    def __init__(
        self, executions: Executions, connectors: Connectors, transact: Transact, clock: Clock, timing: Timing
    ) -> None:
        """Keep the ports."""
        self._executions = executions
        self._connectors = connectors
        self._transact = transact
        self._clock = clock
        self._timing = timing

    def __call__(self, execution: Execution) -> Execution | None:
        """Settle what is left of an execution whose worker is gone, as whoever asks has seen it.

        An attempt without an effect row is recorded as failed, fenced by its generation: nothing was ever sent. It is
        not read anew before that, for a retry that came meanwhile would look just so.
        """
        if execution.attempt.work is None:
            return execution
        try:
            return self._settle_rest(execution)
        except LostError:
            # Somebody else goes on; what they wrote is as true as what this would have been.
            return self._executions.load(execution.attempt.key)

    def _settle_rest(self, execution: Execution) -> Execution:
        effect = execution.open_effect
        if execution.attempt.parked is not None:
            return execution if effect is None else self.look_at_parked(execution, effect)
        if effect is None:
            return self._abort(execution)
        return self.judge(execution, effect)[0]

    def judge(self, execution: Execution, effect: Effect) -> tuple[Execution, Step]:
        """Decide about an open effect, looking it up where the contract says so, and write what follows.

        Returns the state and the step. A SendNext is for the caller to take; every other step is written.
        """
        attempt = execution.attempt
        step = decide(effect, attempt.brief, self._clock.now_ms(), self._timing)
        if isinstance(step, LookUp):
            looked_at_ms = self._clock.now_ms()
            found = self._look_up(effect)
            if isinstance(found, Happened):
                return self._settle(execution, effect, found), step
            step = decide_found(
                effect,
                attempt.brief,
                found,
                looked_at_ms=looked_at_ms,
                now_ms=self._clock.now_ms(),
                timing=self._timing,
                look_ups=attempt.look_ups,
                parked=False,
            )
        if isinstance(step, SendNext):
            return execution, step
        return self._write(execution, effect, step), step

    def look_at_parked(self, execution: Execution, effect: Effect) -> Execution:
        """Look again at what is parked; only proof moves it. Look-ups go on while a switch is closed."""
        is_quiet = self._clock.now_ms() > quiet_at(effect, self._timing)
        if effect.state is not EffectState.OPEN or effect.terms.contract not in LOOKED_UP or not is_quiet:
            return execution
        looked_at_ms = self._clock.now_ms()
        found = self._look_up(effect)
        if isinstance(found, Happened):
            return self._settle(execution, effect, found)
        step = decide_found(
            effect,
            execution.attempt.brief,
            found,
            looked_at_ms=looked_at_ms,
            now_ms=self._clock.now_ms(),
            timing=self._timing,
            look_ups=execution.attempt.look_ups,
            parked=True,
        )
        return self._write(execution, effect, step, parked=True)

    def _look_up(self, effect: Effect) -> Finding:
        request = effect.request
        connector = self._connectors.offering(request.tool, request.key.tenant_id)
        if connector is None:
            return CannotTell(f"{Hold.NOT_READY.value}: no connector for {request.tool}")
        return connector.look_up(request, effect.before)

    def _settle(self, execution: Execution, effect: Effect, found: Happened) -> Execution:
        def transition(draft: Draft) -> None:
            stored = draft.effect(effect.kind, effect.run)
            if stored is not None:
                apply_found(draft, stored, found)

        return self._transact.on(execution, transition)

    def _write(self, execution: Execution, effect: Effect, step: Step, *, parked: bool = False) -> Execution:
        def transition(draft: Draft) -> None:
            stored = self._same(draft, execution, effect)
            if parked and not isinstance(step, Fail):
                stay_parked(draft, stored, self._timing)
            else:
                enact(draft, stored, step, self._timing)

        return self._transact.on(execution, transition)

    def _same(self, draft: Draft, judged: Execution, effect: Effect) -> Effect:
        """Return the effect as stored, if it is still what the decision rests on."""
        stored = draft.effect(effect.kind, effect.run)
        now, then = draft.attempt, judged.attempt
        has_moved = (now.generation, now.work, now.parked) != (then.generation, then.work, then.parked)
        if has_moved or stored != effect:
            raise LostError("The execution moved on since it was judged.")
        return effect

    def _abort(self, execution: Execution) -> Execution:
        if execution.attempt.work is not EffectKind.ACTION:
            return execution

        def transition(draft: Draft) -> None:
            is_same = draft.attempt.generation == execution.attempt.generation
            if not is_same or draft.execution.open_effect is not None:
                raise LostError("The execution moved on since it was judged.")
            failed(draft, _ABORTED, None)

        return self._transact.on(execution, transition)
