"""Whether a new send could land beside an effect that is not disproved, for every contract and every way there."""

from __future__ import annotations

import pytest

from core.domain import operating
from core.domain.answer import Applied, NotSent, ObjectRef, Refused, Unknown
from core.domain.attempt import CompensationStatus, EffectKind
from core.domain.changing import changed as with_changes
from core.domain.contract import EffectContract, Terms
from core.domain.draft import Draft
from core.domain.effect import Effect
from core.domain.errors import ErrorClass, OperatorRefusedError
from core.domain.execution import Execution
from core.domain.operating import Operator
from core.domain.rehearsing import Act, Asked, rehearse, would_repeat_a_write
from core.domain.settling import record_answer
from tests.contract.samples import NOW_MS, TIMING, changed, claimed

ADA = Operator("ada", "asked by a test")
LATER_MS = NOW_MS + 600_000
TERMS = {
    EffectContract.READ_ONLY: Terms(EffectContract.READ_ONLY),
    EffectContract.PROVIDER_KEY: Terms(EffectContract.PROVIDER_KEY, key_retention_ms=3_600_000),
    EffectContract.NATURAL_KEY: Terms(EffectContract.NATURAL_KEY, look_up_tool="crm.find"),
    EffectContract.CLIENT_ID: Terms(EffectContract.CLIENT_ID, look_up_tool="crm.find"),
    EffectContract.READ_BACK: Terms(EffectContract.READ_BACK, look_up_tool="crm.find"),
    EffectContract.OPAQUE: Terms(EffectContract.OPAQUE),
}
APPLIED = Applied((ObjectRef("crm", "task", "task-7"),), "{}")
REFUSED = Refused(ErrorClass.VALIDATION, "BAD_TITLE", "The title is too long.", retryable=False)
UNKNOWN = Unknown("the connection was reset")


def sent(contract: EffectContract) -> Execution:
    """One send under a contract, without an answer yet."""
    execution = claimed().execution
    (effect,) = execution.effects
    request = with_changes(effect.request, terms=TERMS[contract])
    return Execution(execution.attempt, (with_changes(effect, request=request),), execution.outcome)


def answered(execution: Execution, answer: Applied | Refused | NotSent | Unknown, send_no: int = 1) -> Execution:
    def transition(draft: Draft) -> None:
        record_answer(draft, action(draft.execution), send_no, answer, TIMING)

    return changed(execution, transition, now_ms=NOW_MS + 100).execution


def action(execution: Execution) -> Effect:
    found = execution.action
    assert found is not None
    return found


def parked(contract: EffectContract) -> Execution:
    """In doubt, and waiting for a person."""
    execution = answered(sent(contract), UNKNOWN)
    attempt = with_changes(execution.attempt, parked="nobody can tell", work=EffectKind.ACTION)
    return Execution(attempt, execution.effects, execution.outcome)


def resolved(contract: EffectContract, *, happened: bool) -> Execution:
    def transition(draft: Draft) -> None:
        operating.resolve(draft, ADA, happened=happened, evidence="seen", timing=TIMING)

    return changed(parked(contract), transition, now_ms=LATER_MS).execution


def repeats(act: Act, execution: Execution, now_ms: int = LATER_MS) -> bool:
    return would_repeat_a_write(act, execution, now_ms, TIMING)


@pytest.mark.parametrize("contract", [it for it in EffectContract if it is not EffectContract.READ_ONLY])
def test_a_retry_beside_a_send_without_an_answer_or_in_doubt_would_repeat_a_write(contract: EffectContract) -> None:
    assert repeats(Act.RETRY, sent(contract))
    assert repeats(Act.RETRY, parked(contract))


@pytest.mark.parametrize("contract", list(EffectContract))
def test_a_retry_beside_a_proved_write_would_repeat_it(contract: EffectContract) -> None:
    assert repeats(Act.RETRY, answered(sent(contract), APPLIED))


@pytest.mark.parametrize("is_proved", [True, False])
def test_a_retry_after_an_undo_repeats_nothing_where_it_is_proved_that_the_write_is_gone(is_proved: bool) -> None:
    done = answered(sent(EffectContract.OPAQUE), APPLIED)
    (doubtful,) = parked(EffectContract.OPAQUE).effects
    undo = with_changes(doubtful, kind=EffectKind.UNDO, undoes_run=1)
    undoing = with_changes(
        done.attempt, work=EffectKind.UNDO, parked="nobody can tell", compensation=CompensationStatus.PENDING
    )

    def settled(draft: Draft) -> None:
        if is_proved:
            record_answer(draft, undo, 1, APPLIED, TIMING)
        else:
            operating.resolve(draft, ADA, happened=True, evidence="seen", timing=TIMING)

    undone = changed(Execution(undoing, (*done.effects, undo), done.outcome), settled, now_ms=LATER_MS).execution
    assert undone.standing is None
    told = rehearse(Asked(Act.RETRY, undone, lambda draft: operating.retry(draft, ADA, "attempt-2")), LATER_MS, TIMING)
    assert told.allowed
    assert told.would_repeat_a_write is not is_proved


@pytest.mark.parametrize("contract", list(EffectContract))
def test_a_retry_after_a_proved_refusal_repeats_nothing(contract: EffectContract) -> None:
    assert not repeats(Act.RETRY, answered(sent(contract), REFUSED))


def test_a_read_that_was_never_answered_repeats_nothing() -> None:
    assert not repeats(Act.RETRY, sent(EffectContract.READ_ONLY))


@pytest.mark.parametrize("contract", [it for it in EffectContract if it is not EffectContract.READ_ONLY])
def test_after_an_operators_word_alone_it_is_the_key_or_the_object_that_keeps_from_repeating(
    contract: EffectContract,
) -> None:
    absorbs = {EffectContract.PROVIDER_KEY, EffectContract.NATURAL_KEY, EffectContract.CLIENT_ID}
    assert repeats(Act.RETRY, resolved(contract, happened=False)) is (contract not in absorbs)
    assert repeats(Act.RETRY, resolved(contract, happened=True))


def test_a_key_that_the_provider_has_forgotten_keeps_nothing() -> None:
    declared = resolved(EffectContract.PROVIDER_KEY, happened=False)
    assert not repeats(Act.RETRY, declared, NOW_MS + 3_000_000)
    assert repeats(Act.RETRY, declared, NOW_MS + 3_600_001)


@pytest.mark.parametrize("act", [Act.CANCEL, Act.RESOLVE])
@pytest.mark.parametrize("contract", list(EffectContract))
def test_what_sends_nothing_repeats_nothing(act: Act, contract: EffectContract) -> None:
    assert not repeats(act, parked(contract))
    assert not repeats(act, answered(sent(contract), APPLIED))


def test_a_second_undo_beside_one_in_doubt_would_repeat_it_unless_it_lands_on_the_same_object() -> None:
    done = answered(sent(EffectContract.OPAQUE), APPLIED)
    assert not repeats(Act.UNDO, done)
    for contract, expected in ((EffectContract.OPAQUE, True), (EffectContract.CLIENT_ID, False)):
        (effect,) = parked(contract).effects
        undo = with_changes(effect, kind=EffectKind.UNDO, undoes_run=1)
        assert repeats(Act.UNDO, Execution(done.attempt, (*done.effects, undo), done.outcome)) is expected


def test_a_rehearsal_says_what_the_act_would_say_and_leaves_the_execution_as_it_was() -> None:
    doubtful = parked(EffectContract.OPAQUE)
    before = repr(doubtful)

    def retry(draft: Draft) -> None:
        operating.retry(draft, ADA, "attempt-2")

    told = rehearse(Asked(Act.RETRY, doubtful, retry), LATER_MS, TIMING)
    with pytest.raises(OperatorRefusedError) as refusal:
        changed(doubtful, retry)
    assert (told.allowed, told.would_repeat_a_write, told.reason) == (False, True, refusal.value.message)
    assert repr(doubtful) == before

    declared = resolved(EffectContract.OPAQUE, happened=False)
    told = rehearse(Asked(Act.RETRY, declared, retry), LATER_MS, TIMING)
    assert (told.allowed, told.would_repeat_a_write) == (True, True)
    assert "operator's word" in told.reason

    failed = answered(sent(EffectContract.OPAQUE), REFUSED)
    told = rehearse(Asked(Act.RETRY, failed, retry), LATER_MS, TIMING)
    assert (told.allowed, told.would_repeat_a_write) == (True, False)
