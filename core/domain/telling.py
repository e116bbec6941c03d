"""Telling: how what became of an execution is written: attempt, outcome revision, ledger and signal together."""

from collections.abc import Mapping

from core.domain.attempt import AttemptStatus, CompensationStatus, EffectKind, Fault
from core.domain.canonical import Json
from core.domain.changing import changed
from core.domain.draft import Draft
from core.domain.effect import Effect, EffectState, Evidence
from core.domain.errors import ErrorClass
from core.domain.ledger import LedgerEvent
from core.domain.outcome import Outcome, OutcomeStatus
from core.domain.signal import SignalType

_SIGNALS = {
    OutcomeStatus.SUCCEEDED: SignalType.ACTION_EXECUTED,
    OutcomeStatus.FAILED: SignalType.ACTION_FAILED,
    OutcomeStatus.CANCELLED: SignalType.ACTION_FAILED,
    OutcomeStatus.IN_DOUBT: SignalType.ACTION_IN_DOUBT,
}
_UNDONE = Fault(ErrorClass.DOWNSTREAM, "PARTIAL_WRITE", "The write was not what was asked; it was undone.")


def succeed(draft: Draft, effect: Effect, *, superseding: bool = False) -> None:
    """Say that it happened; only ever called with a proof on the effect."""
    note_settled(draft, effect, superseding=superseding)
    _end(draft, AttemptStatus.SUCCEEDED, None)
    outcome = _tell(draft, OutcomeStatus.SUCCEEDED, effect, None)
    draft.note(LedgerEvent.ACTION_EXECUTED, {"revision": outcome.revision, "evidence": _text(effect.evidence)})


def fail(draft: Draft, fault: Fault, effect: Effect | None, *, superseding: bool = False) -> None:
    """Say that it did not happen; only ever called when no send is unproved, or the write was undone."""
    if effect is not None:
        note_settled(draft, effect, error_code=fault.error_code, superseding=superseding)
    _end(draft, AttemptStatus.FAILED, fault)
    outcome = _tell(draft, OutcomeStatus.FAILED, effect, fault)
    _note_failed(draft, outcome, fault)


def cancel(draft: Draft, fault: Fault, body: Mapping[str, Json]) -> None:
    """Say that an operator stopped it before anything was prepared."""
    _end(draft, AttemptStatus.CANCELLED, fault)
    outcome = _tell(draft, OutcomeStatus.CANCELLED, None, fault)
    draft.note(LedgerEvent.EXECUTION_CANCELLED, {"revision": outcome.revision, **body})


def doubt(draft: Draft, effect: Effect, reason: str, *, due_at_ms: int | None) -> None:
    """Park: say that nobody knows yet, and ask the operator."""
    fault = effect.last.fault if effect.sends else None
    draft.set(parked=reason, waiting=False, due_at_ms=due_at_ms)
    draft.note(LedgerEvent.EFFECT_IN_DOUBT, {"kind": effect.kind.value, "send_no": effect.send_no, "reason": reason})
    subject = _subject(draft, effect)
    if effect.kind is EffectKind.ACTION or _is_flawed(subject):
        draft.set(status=AttemptStatus.IN_DOUBT, last_error=fault)
        _tell(draft, OutcomeStatus.IN_DOUBT, subject, fault)
    else:
        retell(draft, SignalType.ACTION_IN_DOUBT)


def undone(draft: Draft, effect: Effect) -> None:
    """Say that what was written is gone again."""
    action = _subject(draft, effect)
    note_settled(draft, effect)
    _close_undo(draft, CompensationStatus.COMPLETED)
    draft.note(LedgerEvent.ACTION_UNDONE, {"evidence": _text(effect.evidence)})
    if not _is_flawed(action):
        retell(draft, SignalType.ACTION_UNDONE)
        return
    fault = (action.last.fault if action and action.sends else None) or _UNDONE
    _end(draft, AttemptStatus.FAILED, fault)
    outcome = _tell(draft, OutcomeStatus.FAILED, action, fault)
    draft.signal(SignalType.ACTION_UNDONE, outcome, undo=True)
    _note_failed(draft, outcome, fault)


def undo_failed(draft: Draft, effect: Effect | None, fault: Fault, *, superseding: bool = False) -> None:
    """Say that undoing was refused, or could not even be prepared: what was written still stands."""
    action = _subject(draft, effect)
    if effect is not None:
        note_settled(draft, effect, error_code=fault.error_code, superseding=superseding)
    _close_undo(draft, CompensationStatus.FAILED)
    draft.note(LedgerEvent.ACTION_FAILED, {"kind": EffectKind.UNDO.value, "error_code": fault.error_code})
    if not _is_flawed(action):
        retell(draft, SignalType.ACTION_FAILED, error=fault.message)
        return
    draft.set(status=AttemptStatus.IN_DOUBT, parked=f"the write is flawed and undoing it failed: {fault.error_code}")
    _tell(draft, OutcomeStatus.IN_DOUBT, action, fault, error=fault.message)


def retell(draft: Draft, type_: SignalType, *, error: str | None = None) -> Outcome:
    """Write a new revision of the outcome that stands, with compensation as far as it has come."""
    standing = draft.execution.outcome
    if standing is None:
        raise LookupError("no outcome to revise")
    draft.next_revision()
    outcome = changed(
        standing,
        revision=draft.attempt.revision,
        compensation_status=draft.attempt.compensation,
        compensation_error=error,
    )
    draft.tell(outcome)
    draft.signal(type_, outcome, undo=True)
    return outcome


def tell_old_run(draft: Draft, effect: Effect) -> None:
    """Say that an earlier run's effect happened after all, while a later run already acts or has ended."""
    note_settled(draft, effect, superseding=True)
    draft.next_revision()
    is_applied = effect.state is EffectState.APPLIED
    status = OutcomeStatus.SUCCEEDED if is_applied else OutcomeStatus.IN_DOUBT
    draft.signal(_SIGNALS[status], changed(_outcome(draft, status, effect, None), run=effect.run))


def _subject(draft: Draft, effect: Effect | None) -> Effect | None:
    """Return the action's effect that is spoken of: the one itself, or the one that an undo is to remove."""
    if effect is None:
        return draft.execution.standing
    if effect.kind is EffectKind.ACTION:
        return effect
    return draft.effect(EffectKind.ACTION, effect.undoes_run)


def _is_flawed(action: Effect | None) -> bool:
    return action is not None and action.state is EffectState.FLAWED


def _close_undo(draft: Draft, status: CompensationStatus) -> None:
    draft.set(compensation=status, parked=None, waiting=False, due_at_ms=None, work=None, while_stopped=False)


def _end(draft: Draft, status: AttemptStatus, fault: Fault | None) -> None:
    draft.set(status=status, work=None, parked=None, waiting=False, due_at_ms=None, last_error=fault)


def _tell(
    draft: Draft, status: OutcomeStatus, effect: Effect | None, fault: Fault | None, *, error: str | None = None
) -> Outcome:
    draft.next_revision()
    outcome = _outcome(draft, status, effect, fault, error=error)
    draft.tell(outcome)
    draft.signal(_SIGNALS[status], outcome)
    return outcome


def _outcome(
    draft: Draft, status: OutcomeStatus, effect: Effect | None, fault: Fault | None, *, error: str | None = None
) -> Outcome:
    attempt, brief = draft.attempt, draft.attempt.brief
    request = effect.request if effect else None
    ref = f"toolrun/{brief.trace_id}/{attempt.attempt_count}/{request.tool}" if request else None
    return Outcome(
        key=attempt.key,
        status=status,
        run=attempt.run,
        revision=attempt.revision,
        attempt_count=attempt.attempt_count,
        action_type=brief.action_type,
        tool_name=request.tool if request else None,
        tool_schema_version=request.tool_schema_version if request else None,
        registry_version=brief.registry_version,
        tool_run_ref=ref,
        started_at_ms=attempt.started_at_ms,
        completed_at_ms=None if status is OutcomeStatus.IN_DOUBT else draft.now_ms,
        trace_id=brief.trace_id,
        decision_trace_id=brief.decision_trace_id,
        evidence=effect.evidence if effect else None,
        external_object_refs=effect.refs if effect else (),
        fault=fault,
        raw_response_artifact_ref=effect.artifact_ref if effect else None,
        compensation_status=attempt.compensation,
        compensation_error=error,
        approval_source=brief.approval_source,
        auto_executed=brief.auto_executed,
    )


def note_settled(draft: Draft, effect: Effect, *, superseding: bool = False, error_code: str | None = None) -> None:
    """Put into the ledger what is known of an effect now, and how."""
    draft.note(
        LedgerEvent.EFFECT_SETTLED,
        {
            "kind": effect.kind.value,
            "effect_run": effect.run,
            "send_no": effect.send_no,
            "effect_key": effect.request.effect_key,
            "state": effect.state.value,
            "evidence": _text(effect.evidence),
            "error_code": error_code,
            "superseding": superseding,
        },
    )


def _note_failed(draft: Draft, outcome: Outcome, fault: Fault) -> None:
    is_expiry = fault.error_code == "INTENT_EXPIRED"
    event = LedgerEvent.EXECUTION_EXPIRED if is_expiry else LedgerEvent.ACTION_FAILED
    draft.note(event, {"revision": outcome.revision, "error_code": fault.error_code})


def _text(evidence: Evidence | None) -> str | None:
    return evidence.value if evidence else None
