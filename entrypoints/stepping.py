"""What each state of the state machine does: typed state in, one use case, typed state out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeGuard

from core.domain.attempt import EffectKind
from core.domain.canonical import text_digest
from core.domain.errors import ExecutionAlreadyInProgressError, IntentNotFoundError, UnknownExecutionError
from core.domain.execution import AlreadyFinishedError, Execution, LostError
from core.domain.orchestration import holds
from core.domain.sending import Sending
from entrypoints.counting import count_outcome
from ports.wire.caught import error_of
from ports.wire.state import HeldModel, Next, OrderedModel, ToldModel

if TYPE_CHECKING:
    from core.domain.timing import Timing
    from core.usecases.advance import Advance
    from core.usecases.conclude import Conclude
    from core.usecases.map_tool import MapTool
    from core.usecases.start import Start
    from core.usecases.validate import Validate
    from entrypoints.meters import Meters
    from ports.clock import Clock
    from ports.executions import Executions


class Begin:
    """StartExecution: claims the intent."""

    def __init__(self, start: Start) -> None:
        """Keep the use case."""
        self._start = start

    def __call__(self, state: OrderedModel) -> HeldModel:
        """Return the state of the claim.

        Raises:
            ExecutionError: see ``Start``.
        """
        execution = self._start(state.order)
        attempt = execution.attempt
        then: Next = "RECONCILE"
        if execution.open_effect is None:
            then = "COMPENSATE" if attempt.work is EffectKind.UNDO else "VALIDATE"
        given = state.model_dump(exclude={"error"})
        return HeldModel(**given, generation=attempt.generation, next=then)


class Check:
    """ValidatePreflight: may it be carried out as it stands? InvokeTool asks again, just before the call."""

    def __init__(self, start: Start, validate: Validate) -> None:
        """Keep the use cases."""
        self._start = start
        self._validate = validate

    def __call__(self, state: HeldModel) -> HeldModel:
        """Return the state as it was.

        Raises:
            ExecutionError: see ``Validate``.
        """
        self._validate(self._start.intent(state.order))
        return state


class Map:
    """MapActionToTool: whether the parameters map, and to what; the state keeps the tool and a digest."""

    def __init__(self, start: Start, validate: Validate, map_tool: MapTool) -> None:
        """Keep the use cases."""
        self._start = start
        self._validate = validate
        self._map_tool = map_tool

    def __call__(self, state: HeldModel) -> HeldModel:
        """Return the state with what will be called.

        Raises:
            ExecutionError: see ``MapTool``.
        """
        intent = self._start.intent(state.order)
        call = self._map_tool(intent, self._validate.pinned(intent.action_type, intent.registry_version))
        digest = text_digest(call.canonical.decode())
        return state.model_copy(update={"tool": call.tool, "arguments_sha256": digest})


class Send:
    """InvokeTool and CompensateAction: one send of what is open, prepared, called and settled."""

    def __init__(self, executions: Executions, advance: Advance, work: EffectKind) -> None:
        """Keep the use case, and whether this is the function of the action or of its undo."""
        self._executions = executions
        self._advance = advance
        self._work = work

    def __call__(self, state: HeldModel) -> HeldModel:
        """Return what follows from the answer.

        Raises:
            ExecutionError: a store of ours could not be reached. Whether anything was sent, only Reconcile can tell.
        """
        execution = self._executions.load(state.order.key)
        if is_held(execution, state):
            try:
                execution = self._advance.sent(
                    execution, Sending(state.judged_send_no, state.absent, state.judged_at_ms, self._work)
                )
            except LostError:
                execution = self._executions.load(state.order.key)
        return following(state, execution)


class Settle:
    """Reconcile: settles what is in doubt without sending anything, and decides whether a send may follow."""

    def __init__(self, executions: Executions, advance: Advance, clock: Clock, timing: Timing) -> None:
        """Keep the use case."""
        self._executions = executions
        self._advance = advance
        self._clock = clock
        self._timing = timing

    def __call__(self, state: HeldModel) -> HeldModel:
        """Return what follows.

        Raises:
            TransientError: a store of ours could not be reached.
        """
        state = state.model_copy(update={"rounds": state.rounds + 1})
        execution = self._executions.load(state.order.key)
        if not is_ours(execution, state):
            return following(state, execution)
        due_at_ms = execution.attempt.due_at_ms
        if self._advance.is_early(execution) and due_at_ms is not None:
            # By this machine's clock; whoever woke it goes by another, which is at most so far ahead.
            return _waiting(state, due_at_ms + self._timing.max_skew_ms)
        try:
            return self._decided(state, execution)
        except (AlreadyFinishedError, ExecutionAlreadyInProgressError, LostError):
            return following(state, self._executions.load(state.order.key))

    def _decided(self, state: HeldModel, execution: Execution) -> HeldModel:
        attempt = execution.attempt
        # What waited was given back; and whoever a step was lost with may still be at it, and is fenced off.
        if attempt.waiting or state.error is not None or attempt.generation != state.generation:
            execution = self._advance.taken_over(execution, attempt.owner)
            held = {"generation": execution.attempt.generation}
            state = state.model_copy(update=held)
        execution, sending = self._advance.judged(execution)
        if state.error is not None and sending is not None and sending.judged_send_no == 0:
            # A step that ends again and again before it prepares anything is not begun again at once.
            return _waiting(state, self._clock.now_ms() + self._timing.backoff(state.rounds))
        return following(state, execution, sending)


class Tell:
    """RecordOutcome: records why it ends where a step was refused, and tells what is recorded."""

    def __init__(self, executions: Executions, conclude: Conclude, meters: Meters) -> None:
        """Keep the use case."""
        self._executions = executions
        self._conclude = conclude
        self._meters = meters

    def __call__(self, state: OrderedModel) -> ToldModel:
        """Return how far the execution came.

        Raises:
            TransientError: a store of ours could not be reached.
            UnknownExecutionError: nothing is recorded.
        """
        order = state.order
        if state.error is None:
            execution = self._executions.load(order.key)
        else:
            execution = self._conclude(state.orchestration, error_of(state.error))
        if execution is None and state.error is None:
            raise UnknownExecutionError("Nothing is recorded of this intent.")
        if execution is not None and execution.attempt.owner == order.owner and not execution.attempt.is_open:
            count_outcome(self._meters, execution)
        return _told(state, execution)


def is_ours(execution: Execution | None, state: OrderedModel) -> TypeGuard[Execution]:
    """Tell whether this execution of the state machine is the one that goes on with it."""
    return execution is not None and holds(state.orchestration, execution.attempt)


def is_held(execution: Execution | None, state: HeldModel) -> TypeGuard[Execution]:
    """Tell whether it goes on by the very claim that the state speaks of, and does not wait."""
    if not is_ours(execution, state):
        return False
    return execution.attempt.generation == state.generation and not execution.attempt.waiting


def following(state: HeldModel, execution: Execution | None, sending: Sending | None = None) -> HeldModel:
    """Return the state after a step: what follows from what is stored now, and from what was decided about a send."""
    if not is_ours(execution, state):
        return _then(state, "RECORD")
    attempt = execution.attempt
    if attempt.waiting and attempt.due_at_ms is not None:
        return _waiting(state, attempt.due_at_ms)
    if sending is None or attempt.generation != state.generation:
        undo_begins = attempt.work is EffectKind.UNDO and execution.open_effect is None
        return _then(state, "COMPENSATE" if undo_begins and attempt.generation == state.generation else "RECONCILE")
    then: Next = "COMPENSATE" if attempt.work is EffectKind.UNDO else "INVOKE"
    judged = {"judged_send_no": sending.judged_send_no, "absent": sending.absent, "judged_at_ms": sending.judged_at_ms}
    return _then(state, then, **judged)


def _then(state: HeldModel, then: Next, **more: str | int) -> HeldModel:
    """Return the state without what was decided or caught before."""
    told = {"error": None, "due_at": None, "judged_send_no": 0, "absent": False, "judged_at_ms": 0}
    return state.model_copy(update={**told, "next": then, **more})


def _waiting(state: HeldModel, due_at_ms: int) -> HeldModel:
    # Up to the next whole second, so that nobody comes early.
    due_at = datetime.fromtimestamp(-(-due_at_ms // 1_000), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _then(state, "WAIT", due_at=due_at)


def _told(state: OrderedModel, execution: Execution | None) -> ToldModel:
    blank = ToldModel(
        tenant_id=state.tenant_id,
        account_id=state.account_id,
        action_intent_id=state.action_intent_id,
        status="REFUSED",
    )
    if execution is None:
        return blank.model_copy(update={"error_code": IntentNotFoundError.error_code})
    attempt, outcome = execution.attempt, execution.outcome
    fault = outcome.fault if outcome else None
    told = {
        "status": attempt.status.value,
        "run": attempt.run,
        "revision": attempt.revision,
        "evidence": outcome.evidence.value if outcome and outcome.evidence else None,
        "error_class": fault.error_class.value if fault else None,
        "error_code": fault.error_code if fault else None,
        "compensation_status": attempt.compensation.value,
        "trace_id": attempt.brief.trace_id,
    }
    return blank.model_copy(update=told)
