"""What the system itself holds proof of, compared with what it tells: operators' words excuse nothing here."""

from typing import TYPE_CHECKING

from core.domain.attempt import CompensationStatus, EffectKind
from core.domain.contract import SAME_OBJECT, EffectContract
from core.domain.effect import Effect, EffectState, Evidence, SendAnswer
from core.domain.execution import Execution
from core.domain.outcome import OutcomeStatus

if TYPE_CHECKING:
    from tests.simulation.world import World

_WRITTEN = frozenset({EffectState.APPLIED, EffectState.FLAWED})
_ENDED_WITHOUT = frozenset({OutcomeStatus.FAILED, OutcomeStatus.CANCELLED})


class Violation(BaseException):
    """An invariant is broken; passes through every handler of the code under test."""


def judge_proof(world: "World", execution: Execution, *, is_declared: bool) -> None:
    """Raise Violation where the outcome contradicts what a provider's evidence on record says."""
    attempt, outcome = execution.attempt, execution.outcome
    if outcome is None:
        return
    standing = [it for it in execution.effects if _is_proved(it) and not _is_undone(execution, it)]
    if outcome.status in _ENDED_WITHOUT and standing:
        raise Violation(f"told as {outcome.status}, but the provider proved a write that stands")
    if attempt.compensation is CompensationStatus.PENDING and attempt.work is None:
        raise Violation("an undo that was asked for is forgotten")
    if attempt.parked is None and any(_is_disproved(it) for it in execution.effects):
        raise Violation("an operator's word stands, though every send is proved unapplied")
    _judge_things(world, execution, is_declared=is_declared)


def stands_before(execution: Execution, sent: Effect) -> bool:
    """Tell whether, when this action's send was prepared, an earlier run's write was on record as proved."""
    if sent.kind is not EffectKind.ACTION:
        return False
    others = [it for it in execution.effects if it.run != sent.run and it.evidence is not Evidence.READ_BACK]
    standing = [it for it in others if _is_proved(it) and not _is_undone(execution, it)]
    proved_at = [send.answered_at_ms for it in standing for send in it.sends if send.answer is SendAnswer.APPLIED]
    return any(at_ms < sent.last.prepared_at_ms for at_ms in proved_at)


def _judge_things(world: "World", execution: Execution, *, is_declared: bool) -> None:
    """Compare with the provider's own state, where no person deleted anything and nothing was only read."""
    outcome, provider = execution.outcome, world.provider
    reads_only = any(it.terms.contract is EffectContract.READ_ONLY for it in execution.effects)
    if outcome is None or reads_only or provider.gone:
        return
    # Where nothing ties two writes together, an operator's error may leave one that no undo knows of.
    is_loose = any(it.terms.contract not in SAME_OBJECT for it in execution.effects if it.kind is EffectKind.ACTION)
    is_by_word = any(it.evidence is Evidence.OPERATOR for it in execution.effects) or (is_declared and is_loose)
    compensation = execution.attempt.compensation
    is_undone = compensation is CompensationStatus.COMPLETED
    there = any(it.alive for it in provider.things.values())
    proved = outcome.evidence not in {None, Evidence.OPERATOR}
    if outcome.status is OutcomeStatus.SUCCEEDED and proved and compensation is CompensationStatus.NONE and not there:
        raise Violation("told as succeeded by the provider's evidence, but nothing is there")
    if is_undone and not is_by_word and there:
        raise Violation("told as undone, but something is there")


def _is_proved(effect: Effect) -> bool:
    is_word = effect.evidence is Evidence.OPERATOR
    reads = effect.terms.contract is EffectContract.READ_ONLY
    return effect.kind is EffectKind.ACTION and effect.state in _WRITTEN and not is_word and not reads


def _is_undone(execution: Execution, effect: Effect) -> bool:
    key = effect.request.effect_key
    undos = [it for it in execution.effects if it.kind is EffectKind.UNDO and it.state is EffectState.APPLIED]
    undone = [execution.effect(EffectKind.ACTION, it.undoes_run) for it in undos]
    return any(it is not None and it.request.effect_key == key for it in undone)


def _is_disproved(effect: Effect) -> bool:
    is_word = effect.evidence is Evidence.OPERATOR and effect.state is EffectState.APPLIED
    has_answer = any(it.answer is SendAnswer.APPLIED for it in effect.sends)
    reads = effect.terms.contract is EffectContract.READ_ONLY
    return is_word and not effect.unproved and not has_answer and not reads
