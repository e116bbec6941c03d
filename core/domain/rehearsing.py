"""Rehearsing: what an operator's act would come to, worked out on a draft that nobody commits."""

from collections.abc import Callable

from core.domain.attempt import EffectKind
from core.domain.choice import Choice
from core.domain.contract import SAME_OBJECT, EffectContract
from core.domain.decision import is_key_held
from core.domain.draft import Draft
from core.domain.effect import Effect, EffectState, Evidence
from core.domain.errors import OperatorRefusedError
from core.domain.execution import Execution
from core.domain.making import dataclass
from core.domain.operating import is_key_kept
from core.domain.timing import Timing

Transition = Callable[[Draft], None]

_WRITTEN = frozenset({EffectState.APPLIED, EffectState.FLAWED})


class Act(Choice):
    """What operators do to one intent."""

    CANCEL = "cancel"
    RETRY = "retry"
    RESOLVE = "resolve"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Asked:
    """An act on what was stored when it was asked for; None where there is only an intent."""

    act: Act
    known: Execution | None
    transition: Transition


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would come of an act. ``reason`` is what a refusal says, or what an allowed act rests on."""

    act: Act
    allowed: bool
    would_repeat_a_write: bool
    reason: str


def rehearse(asked: Asked, now_ms: int, timing: Timing) -> Rehearsal:
    """Return what an act would come to now."""
    repeats = asked.known is not None and would_repeat_a_write(asked.act, asked.known, now_ms, timing)
    draft = Draft(asked.known, now_ms=now_ms, nonce="")
    try:
        asked.transition(draft)
    except OperatorRefusedError as refusal:
        return Rehearsal(asked.act, allowed=False, would_repeat_a_write=repeats, reason=refusal.message)
    reason = (
        "Nothing proves that an earlier send did not happen but an operator's word." if repeats else _SAFE[asked.act]
    )
    return Rehearsal(asked.act, allowed=True, would_repeat_a_write=repeats, reason=reason)


def would_repeat_a_write(act: Act, execution: Execution, now_ms: int, timing: Timing) -> bool:
    """Tell whether a new send that this act asks for could land beside an effect that is not disproved.

    Cancelling and resolving send nothing. What an operator declared is no proof; but a send under the same key, to a
    provider that holds it, or to the same object lands on what may be there, and not beside it.
    """
    if act is Act.RETRY:
        return any(_may_stand_beside(it, execution, now_ms, timing) for it in _standing_actions(execution))
    if act is Act.UNDO:
        earlier = execution.undo
        return earlier is not None and bool(earlier.unproved) and not _is_absorbed(earlier, now_ms, timing)
    return False


def _standing_actions(execution: Execution) -> list[Effect]:
    """Return the actions that are there, or may be."""
    standing = execution.standing
    return [
        it
        for it in execution.effects
        if it.kind is EffectKind.ACTION
        and (it == standing or (it.unproved if it.state not in _WRITTEN else _is_undone_by_word(it, execution)))
    ]


def _is_undone_by_word(action: Effect, execution: Execution) -> bool:
    """Tell whether only an operator says that what was written is gone."""
    undos = [
        it
        for it in execution.effects
        if it.kind is EffectKind.UNDO and it.state is EffectState.APPLIED and _undoes(it, action, execution)
    ]
    return bool(undos) and all(it.evidence is Evidence.OPERATOR for it in undos)


def _undoes(undo: Effect, action: Effect, execution: Execution) -> bool:
    # What shares its effect key with something undone is the same write.
    undone = execution.effect(EffectKind.ACTION, undo.undoes_run)
    return undone is not None and undone.request.effect_key == action.request.effect_key


def _may_stand_beside(effect: Effect, execution: Execution, now_ms: int, timing: Timing) -> bool:
    is_same_key = is_key_kept(execution) and effect.key_run == execution.attempt.key_run
    return not (is_same_key and _is_absorbed(effect, now_ms, timing))


def _is_absorbed(effect: Effect, now_ms: int, timing: Timing) -> bool:
    contract = effect.terms.contract
    if contract is EffectContract.PROVIDER_KEY:
        return is_key_held(effect, now_ms, timing)
    return contract in SAME_OBJECT


_SAFE = {
    Act.CANCEL: "Nothing was sent, and nothing will be.",
    Act.RETRY: "Every earlier send is proved to have changed nothing, was undone, or is met by the same key again.",
    Act.RESOLVE: "It waits in doubt, and the last call is over; nothing is sent.",
    Act.UNDO: "What is to be removed is proved to be there.",
}
