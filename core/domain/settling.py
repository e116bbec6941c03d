"""Settle: what an answer, a finding or a decision changes. The generation fences sends, not truth (design 3.1)."""

from core.domain import telling
from core.domain.answer import Answer, Applied, Happened, ObjectRef, kept
from core.domain.answering import INLINE_BYTES, answered, cut, flaw_of, not_applied, speaks_of_earlier
from core.domain.attempt import AttemptStatus, CompensationStatus, EffectKind, Fault
from core.domain.changing import changed
from core.domain.contract import LOOKED_UP, EffectContract
from core.domain.decision import Fail, Park, Step, WaitUntil, decide
from core.domain.draft import Draft
from core.domain.effect import Effect, EffectState, Evidence, Send, SendAnswer
from core.domain.errors import ErrorClass
from core.domain.registry import CompensationMode
from core.domain.timing import Timing


def record_answer(
    draft: Draft, effect: Effect, send_no: int, answer: Answer, timing: Timing, *, artifact_ref: str | None = None
) -> None:
    """Write what a call was answered, and what follows from it at once.

    ``effect`` is the row as stored now; the caller may have lost its generation since it sent.
    """
    send = next(it for it in effect.sends if it.number == send_no)
    if isinstance(answer, Applied):
        evidence = _evidence(effect, send, answer)
        settled = effect.with_send(answered(send, SendAnswer.APPLIED, draft.now_ms, fault=flaw_of(answer)))
        if artifact_ref:
            settled = changed(settled, artifact_ref=artifact_ref)
        response = "" if artifact_ref else cut(answer.response, INLINE_BYTES)
        apply(draft, settled, answer.refs, response, evidence, flawed=answer.flaw is not None)
        return
    if send.answer is not None:
        return
    effect = effect.with_send(not_applied(send, answer, draft.now_ms))
    if speaks_of_earlier(answer, effect.terms.contract):
        effect = changed(
            effect, sends=tuple(changed(it, absent=it.absent or it.number <= send_no) for it in effect.sends)
        )
    draft.put(effect)
    if _is_disproved(effect):
        _disprove(draft, effect)
        return
    _follow(draft, effect, send.generation, timing)


def apply(
    draft: Draft,
    effect: Effect,
    refs: tuple[ObjectRef, ...],
    response: str,
    evidence: Evidence,
    *,
    flawed: bool = False,
) -> None:
    """Settle an effect as happened, whoever brings the proof and however late."""
    if effect.state in {EffectState.APPLIED, EffectState.FLAWED} and effect.evidence is not Evidence.OPERATOR:
        draft.put(effect)
        return
    superseding = effect.state is not EffectState.OPEN
    state = EffectState.FLAWED if flawed else EffectState.APPLIED
    effect = changed(effect, state=state, evidence=evidence, refs=kept(refs), response=response)
    draft.put(effect)
    if effect.run != draft.attempt.run:
        _apply_old_run(draft, effect)
    elif effect.kind is EffectKind.UNDO:
        telling.undone(draft, effect)
    elif draft.attempt.work is EffectKind.UNDO or draft.attempt.compensation is CompensationStatus.COMPLETED:
        # Better evidence for what is being undone, or is: it changes nothing about the undo.
        telling.note_settled(draft, effect, superseding=superseding)
    elif flawed:
        _compensate(draft, effect, superseding=superseding)
    else:
        if superseding:
            draft.set(generation=draft.attempt.generation + 1)
        telling.succeed(draft, effect, superseding=superseding)


def apply_found(draft: Draft, effect: Effect, found: Happened) -> None:
    """Settle an effect that a look-up found."""
    apply(draft, effect, found.refs, cut(found.response, INLINE_BYTES), Evidence.READ_BACK)


def enact(draft: Draft, effect: Effect, step: Step, timing: Timing) -> None:
    """Write a decision that ends, parks or postpones; the other steps write when they are taken."""
    if isinstance(step, Fail):
        _fail(draft, effect, step)
    elif isinstance(step, Park):
        telling.doubt(draft, effect, step.reason, due_at_ms=_look_again_at(draft, effect, timing))
    elif isinstance(step, WaitUntil):
        wait(draft, step.at_ms, looked=step.looked)


def wait(draft: Draft, until_ms: int, *, looked: bool = False) -> None:
    """Postpone: give the lease back, whole, and say when somebody must look again; whoever does may claim it then."""
    draft.set(
        waiting=True,
        due_at_ms=until_ms,
        lease_until_ms=0,
        look_ups=draft.attempt.look_ups + int(looked),
    )


def stay_parked(draft: Draft, effect: Effect, timing: Timing) -> None:
    """Note that one more look-up settled nothing; look again later, up to the bound."""
    draft.set(look_ups=draft.attempt.look_ups + 1)
    draft.set(due_at_ms=_look_again_at(draft, effect, timing))


def _look_again_at(draft: Draft, effect: Effect, timing: Timing) -> int | None:
    if effect.terms.contract not in LOOKED_UP or draft.attempt.look_ups >= timing.look_up_limit:
        return None
    return draft.now_ms + timing.backoff(max(1, draft.attempt.look_ups))


def _follow(draft: Draft, effect: Effect, generation: int, timing: Timing) -> None:
    attempt = draft.attempt
    if effect.run != attempt.run or attempt.work is not effect.kind or effect.state is not EffectState.OPEN:
        return
    is_ours = attempt.generation == generation and attempt.parked is None
    if is_ours:
        enact(draft, effect, decide(effect, attempt.brief, draft.now_ms, timing), timing)
    elif attempt.parked is not None and not effect.unproved:
        fault = effect.last.fault or Fault(ErrorClass.UNKNOWN, "UNKNOWN_ERROR", "Every send was refused.")
        _fail(draft, effect, Fail(fault))


def _fail(draft: Draft, effect: Effect, step: Fail) -> None:
    sends = effect.sends
    if step.absent:
        sends = tuple(changed(it, absent=it.absent or it.is_unproved) for it in sends)
    evidence = Evidence.READ_BACK if step.absent else Evidence.RESPONSE
    effect = changed(effect, sends=sends, state=EffectState.UNAPPLIED, evidence=evidence)
    unapplied(draft, effect, step.fault)


def unapplied(draft: Draft, effect: Effect, fault: Fault, *, superseding: bool = False) -> None:
    """Settle an effect that is proved, or declared, not to have happened; its state and evidence say so already."""
    draft.put(effect)
    if effect.kind is EffectKind.UNDO:
        telling.undo_failed(draft, effect, fault, superseding=superseding)
    else:
        failed(draft, fault, effect, superseding=superseding)


def failed(draft: Draft, fault: Fault, effect: Effect | None, *, superseding: bool = False) -> None:
    """Say that this run changed nothing; but what an earlier run turned out to have written comes first."""
    earlier = draft.execution.standing
    if earlier is None:
        telling.fail(draft, fault, effect, superseding=superseding)
    elif earlier.state is EffectState.APPLIED:
        telling.succeed(draft, earlier, superseding=True)
    else:
        _park_flawed(draft, earlier)


def _is_disproved(effect: Effect) -> bool:
    is_word = effect.evidence is Evidence.OPERATOR and effect.state is EffectState.APPLIED
    return is_word and not effect.unproved and effect.terms.contract is not EffectContract.READ_ONLY


def _disprove(draft: Draft, effect: Effect) -> None:
    """The provider shows that what an operator declared as happened did not; its word outranks the operator's."""
    fault = effect.last.fault or Fault(ErrorClass.UNKNOWN, "UNKNOWN_ERROR", "Every send was refused.")
    effect = changed(effect, state=EffectState.UNAPPLIED, evidence=Evidence.RESPONSE)
    undo = draft.execution.undo
    if effect.run != draft.attempt.run or (effect.kind is EffectKind.ACTION and undo is not None):
        # A later run, or an undo, rests on it already: they have evidence of their own.
        draft.put(effect)
        telling.note_settled(draft, effect, superseding=True)
        return
    draft.set(generation=draft.attempt.generation + 1)
    if draft.attempt.work is EffectKind.UNDO:
        # Nothing is there to be removed any more.
        draft.set(compensation=CompensationStatus.COMPLETED)
    unapplied(draft, effect, fault, superseding=True)


def _park_flawed(draft: Draft, effect: Effect) -> None:
    draft.set(work=EffectKind.ACTION)
    telling.doubt(draft, effect, "a write is there, but not the one that was asked for", due_at_ms=None)


def _compensate(draft: Draft, effect: Effect, *, superseding: bool) -> None:
    """A write is proved, and proved not to be what was asked."""
    telling.note_settled(draft, effect, superseding=superseding)
    is_automatic = effect.request.compensation is CompensationMode.AUTOMATIC
    was_tried = draft.attempt.compensation is not CompensationStatus.NONE
    if not is_automatic or was_tried or len(effect.refs) != 1:
        _park_flawed(draft, effect)
        return
    draft.set(
        status=AttemptStatus.RUNNING,
        work=EffectKind.UNDO,
        parked=None,
        compensation=CompensationStatus.PENDING,
        due_at_ms=draft.now_ms,
        look_ups=0,
    )


def _apply_old_run(draft: Draft, effect: Effect) -> None:
    key = effect.request.effect_key
    twins = [it for it in draft.execution.effects if it.request.effect_key == key and it.run != effect.run]
    is_told = any(it.state in {EffectState.APPLIED, EffectState.FLAWED} for it in twins)
    if effect.kind is EffectKind.UNDO or is_told:
        # The same write was settled by a later run under the same key.
        telling.note_settled(draft, effect, superseding=True)
        return
    current = draft.execution.action
    if current is not None and current.state is not EffectState.UNAPPLIED:
        telling.tell_old_run(draft, effect)
        return
    # The later run changed nothing yet, and now must not: what it is for is there already, or half of it.
    draft.set(generation=draft.attempt.generation + 1)
    if effect.state is EffectState.APPLIED:
        telling.succeed(draft, effect, superseding=True)
    else:
        telling.note_settled(draft, effect, superseding=True)
        _park_flawed(draft, effect)


def _evidence(effect: Effect, send: Send, answer: Applied) -> Evidence:
    is_first = not any(it.number < send.number for it in effect.unproved)
    by_key = effect.terms.contract is EffectContract.PROVIDER_KEY
    return Evidence.KEY_REPLAY if answer.replayed or (by_key and not is_first) else Evidence.RESPONSE
