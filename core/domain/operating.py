"""What operators may do to an execution, each act refused unless it is proved safe (design 3.4)."""

from core.domain import telling
from core.domain.attempt import AttemptStatus, CompensationStatus, EffectKind, Fault
from core.domain.changing import changed
from core.domain.claiming import Claim, brief_of, first_attempt
from core.domain.decision import landed_at, quiet_at
from core.domain.draft import Draft
from core.domain.effect import Effect, EffectState, Evidence, SendAnswer
from core.domain.errors import ErrorClass, OperatorRefusedError
from core.domain.execution import Execution
from core.domain.intent import Intent
from core.domain.ledger import LedgerEvent
from core.domain.making import dataclass
from core.domain.registry import CompensationMode
from core.domain.settling import apply, unapplied
from core.domain.timing import Timing

_CANCELLED = Fault(ErrorClass.VALIDATION, "CANCELLED", "Cancelled by an operator before anything was sent.")


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts, and why; both go into the ledger."""

    name: str
    reason: str = ""


def cancel(draft: Draft, intent: Intent, operator: Operator, by: Claim) -> None:
    """Cancel what has prepared nothing; without an attempt this leaves a tombstone that no event can pass.

    Raises:
        OperatorRefusedError: it is finished, or its effect is prepared.
    """
    if not draft.exists:
        draft.open(first_attempt(intent.key, intent.fingerprint, brief_of(intent, by), by, draft.now_ms))
    execution = draft.execution
    attempt = draft.attempt
    if attempt.work is not EffectKind.ACTION or attempt.parked is not None:
        raise OperatorRefusedError(f"It is {attempt.status.value} already; there is nothing to cancel.")
    if execution.action is not None:
        raise OperatorRefusedError(
            "Its effect is prepared, so it may be written already. Wait for the outcome, then undo it."
        )
    draft.set(generation=attempt.generation + 1)
    telling.cancel(draft, _CANCELLED, {"operator": operator.name, "reason": operator.reason})


def retry(draft: Draft, operator: Operator, attempt_id: str) -> None:
    """Open a new run; it will be sent when a worker claims it.

    Raises:
        OperatorRefusedError: an effect of this intent may be there.
    """
    execution, attempt = draft.execution, draft.attempt
    if attempt.attempt_id == attempt_id:
        return  # this very ask was written before, and its reply was lost
    _refuse_retry_unless_safe(draft)
    draft.set(
        status=AttemptStatus.RUNNING,
        work=EffectKind.ACTION,
        run=attempt.run + 1,
        key_run=attempt.key_run if is_key_kept(execution) else attempt.run + 1,
        generation=attempt.generation + 1,
        attempt_count=attempt.attempt_count + 1,
        attempt_id=attempt_id,
        last_error=None,
        lease_until_ms=0,
        waiting=True,
        due_at_ms=draft.now_ms,
        look_ups=0,
        compensation=CompensationStatus.NONE,
    )
    draft.note(LedgerEvent.OPERATOR_RETRIED, {"operator": operator.name, "reason": operator.reason})


def is_key_kept(execution: Execution) -> bool:
    """Tell whether a retry must use the same effect key: some send under it was never answered with proof."""
    settled = {SendAnswer.REFUSED, SendAnswer.NOT_SENT}
    key_run = execution.attempt.key_run
    under = [it for it in execution.effects if it.kind is EffectKind.ACTION and it.key_run == key_run]
    if any(effect.state is not EffectState.UNAPPLIED for effect in under):
        # It was written and undone: the provider would replay what is gone.
        return False
    return any(send.answer not in settled for effect in under for send in effect.sends)


def resolve(draft: Draft, operator: Operator, *, happened: bool, evidence: str, timing: Timing) -> None:
    """Settle doubt by an operator's word.

    Raises:
        OperatorRefusedError: nothing is in doubt, the last call may still be under way, or the provider's own
            evidence says otherwise.
    """
    attempt = draft.attempt
    effect = _doubtful(draft.execution)
    if attempt.parked is None or effect is None:
        raise OperatorRefusedError(f"It is {attempt.status.value}; nothing waits to be resolved.")
    if draft.now_ms <= quiet_at(effect, timing):
        raise OperatorRefusedError(
            f"The last call may still be under way; try again {_in(draft, quiet_at(effect, timing))}."
        )
    if effect.state is EffectState.FLAWED and not happened:
        raise OperatorRefusedError("The provider proved that a write is there. Undo it, or resolve it as happened.")
    draft.set(generation=attempt.generation + 1)
    draft.note(
        LedgerEvent.OPERATOR_RESOLVED,
        {
            "operator": operator.name,
            "reason": operator.reason,
            "evidence_text": evidence,
            "happened": happened,
            "kind": effect.kind.value,
        },
    )
    if happened:
        accepted = changed(effect, state=EffectState.OPEN)
        apply(draft, accepted, effect.refs, effect.response or "", Evidence.OPERATOR)
        return
    effect = changed(effect, state=EffectState.UNAPPLIED, evidence=Evidence.OPERATOR)
    fault = Fault(ErrorClass.UNKNOWN, "RESOLVED_NOT_HAPPENED", "An operator resolved that it did not happen.")
    unapplied(draft, effect, fault)


def undo(
    draft: Draft, operator: Operator, *, mode: CompensationMode, is_stopped: bool, while_stopped: bool, timing: Timing
) -> None:
    """Ask for the written object to be removed; it will be sent when a worker claims it.

    Raises:
        OperatorRefusedError: nothing is proved written, something is open, or the tool cannot be undone.
    """
    execution, attempt = draft.execution, draft.attempt
    _refuse_undo_unless_safe(draft, mode, timing)
    if is_stopped and not while_stopped:
        raise OperatorRefusedError("A kill switch is closed. To undo all the same, add --while-stopped.")
    earlier = execution.undo
    if earlier is not None:
        draft.put(changed(earlier, state=EffectState.OPEN, evidence=None, opened_after=earlier.send_no))
    is_first = attempt.compensation is CompensationStatus.NONE
    draft.set(
        work=EffectKind.UNDO,
        parked=None,
        generation=attempt.generation + 1,
        lease_until_ms=0,
        waiting=True,
        due_at_ms=draft.now_ms,
        look_ups=0,
        while_stopped=while_stopped,
        compensation=CompensationStatus.PENDING if is_first else attempt.compensation,
    )
    draft.note(
        LedgerEvent.DECISION,
        {"operator": operator.name, "reason": operator.reason, "act": "undo", "while_stopped": while_stopped},
    )


def _in(draft: Draft, at_ms: int) -> str:
    return f"in {(at_ms - draft.now_ms) // 1000 + 1} seconds"


def resolvable_at(execution: Execution, timing: Timing) -> int | None:
    """Return from when on an operator may resolve it, None where nothing waits to be resolved."""
    effect = _doubtful(execution)
    if execution.attempt.parked is None or effect is None:
        return None
    return quiet_at(effect, timing) + 1


def _doubtful(execution: Execution) -> Effect | None:
    undo_effect = execution.undo
    if undo_effect is not None and undo_effect.state is EffectState.OPEN:
        return undo_effect
    standing = execution.standing
    return standing if standing is not None and standing.state is EffectState.FLAWED else execution.action


def _refuse_retry_unless_safe(draft: Draft) -> None:
    execution, attempt = draft.execution, draft.attempt
    if attempt.work is not None or attempt.parked is not None:
        raise OperatorRefusedError(f"It is {attempt.status.value}: settle it first, an effect may be there.")
    if execution.standing is not None:
        raise OperatorRefusedError("Its effect is there. Retrying would write it again; undo it first.")
    unsettled = [it for it in execution.effects if it.kind is EffectKind.ACTION and it.state is EffectState.OPEN]
    if unsettled:
        raise OperatorRefusedError("An effect of an earlier run is still unproved; resolve it first.")


def _refuse_undo_unless_safe(draft: Draft, mode: CompensationMode, timing: Timing) -> None:
    execution, attempt = draft.execution, draft.attempt
    standing, earlier = execution.standing, execution.undo
    if standing is None:
        raise OperatorRefusedError("No effect is proved to be there, so there is nothing to undo.")
    if earlier is not None and earlier.state is EffectState.APPLIED:
        raise OperatorRefusedError("This run's undo is done; what an earlier run wrote must be removed by hand.")
    is_flaw_parked = standing.state is EffectState.FLAWED and attempt.parked is not None
    is_undo_open = earlier is not None and earlier.state is EffectState.OPEN
    if is_undo_open or (attempt.work is not None and not is_flaw_parked):
        raise OperatorRefusedError("An effect of this intent is open; wait until it is settled.")
    if draft.now_ms <= landed_at(standing, timing):
        raise OperatorRefusedError(
            f"An earlier send may still land; try again {_in(draft, landed_at(standing, timing))}."
        )
    if mode is CompensationMode.NONE:
        raise OperatorRefusedError(
            "The registry names no tool that undoes this action type; remove the object by hand."
        )
    if len(standing.refs) != 1:
        raise OperatorRefusedError(f"The evidence names {len(standing.refs)} objects; undo needs exactly one.")
