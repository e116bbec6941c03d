"""A retry after "did not happen" keeps the effect key, however many retries it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.domain.answer import Applied, Hold, NotSent, Refused, Unknown
from core.domain.attempt import Fault
from core.domain.claiming import take_over
from core.domain.contract import EffectContract
from core.domain.draft import Draft
from core.domain.errors import ErrorClass, KillSwitchEnabledError, OperatorRefusedError
from core.domain.execution import Execution
from core.domain.operating import Operator, cancel, resolve, retry
from core.domain.request import map_action
from core.domain.sending import prepare_first
from core.domain.settling import record_answer
from core.domain.telling import fail
from tests.unit.making import NOW_MS, TIMING, a_claim, a_draft, an_entry, an_intent, claimed, prepared, terms_of

LATER_MS = NOW_MS + 10_000_000
TERMS = terms_of(EffectContract.OPAQUE)
OPERATOR = Operator("ops", "checked by hand")


def after(execution: Execution, transition: Callable[[Draft], None], *, now_ms: int = LATER_MS) -> Execution:
    draft = a_draft(execution, now_ms=now_ms)
    transition(draft)
    return draft.change().execution


def answered(execution: Execution, answer: Applied | Refused | NotSent | Unknown) -> Execution:
    effect = execution.action
    assert effect is not None
    return after(execution, lambda draft: record_answer(draft, effect, 1, answer, TIMING))


def retried(execution: Execution) -> Execution:
    return after(execution, lambda draft: retry(draft, OPERATOR, f"attempt-{draft.attempt.run + 1}"))


def sent_again(execution: Execution) -> Execution:
    """The execution claimed by a worker, with the first send of its run prepared."""

    def transition(draft: Draft) -> None:
        take_over(draft, "worker", TIMING)
        call = map_action(an_intent(), an_entry(terms=TERMS))
        prepare_first(draft, call, owner="worker", generation=draft.attempt.generation, before=None, timing=TIMING)

    return after(execution, transition)


def resolved_and_retried() -> Execution:
    """Nobody knew, an operator said that it did not happen, and asked for another run."""
    parked = answered(prepared(TERMS), Unknown("reset"))
    resolved = after(
        parked, lambda draft: resolve(draft, OPERATOR, happened=False, evidence="not in the list", timing=TIMING)
    )
    return retried(resolved)


def key_of(execution: Execution) -> str:
    effect = execution.action
    assert effect is not None
    return effect.request.effect_key


FIRST_KEY = key_of(prepared(TERMS))


def test_a_retry_after_did_not_happen_sends_the_same_key() -> None:
    execution = sent_again(resolved_and_retried())

    assert execution.attempt.run == 2
    assert key_of(execution) == FIRST_KEY


def test_a_run_that_was_held_back_in_between_does_not_lose_the_key() -> None:
    held = answered(sent_again(resolved_and_retried()), NotSent(Hold.SWITCH_CLOSED))

    assert key_of(sent_again(retried(held))) == FIRST_KEY


def test_a_run_that_prepared_nothing_in_between_does_not_lose_the_key() -> None:
    stopped = Fault.of(KillSwitchEnabledError("Stopped."))

    def transition(draft: Draft) -> None:
        take_over(draft, "worker", TIMING)
        fail(draft, stopped, None)

    unprepared = after(resolved_and_retried(), transition)

    assert key_of(sent_again(retried(unprepared))) == FIRST_KEY


def test_a_retry_after_a_refusal_is_a_new_effect_with_a_key_of_its_own() -> None:
    refused = answered(prepared(TERMS), Refused(ErrorClass.VALIDATION, "REJECTED", "No."))

    assert key_of(sent_again(retried(refused))) != FIRST_KEY


def test_a_retry_raises_run_generation_and_count_and_forgets_the_last_error() -> None:
    failed = answered(prepared(TERMS), Refused(ErrorClass.VALIDATION, "REJECTED", "No.")).attempt
    again = retried(answered(prepared(TERMS), Refused(ErrorClass.VALIDATION, "REJECTED", "No."))).attempt

    assert failed.last_error is not None
    assert (again.run, again.generation, again.attempt_count) == (2, failed.generation + 1, 2)
    assert (again.last_error, again.attempt_id) == (None, "attempt-2")


@pytest.mark.parametrize("answer", [None, Unknown("reset"), Applied()], ids=["under way", "in doubt", "succeeded"])
def test_nothing_that_may_have_happened_is_retried(answer: Applied | Unknown | None) -> None:
    execution = prepared(TERMS) if answer is None else answered(prepared(TERMS), answer)

    with pytest.raises(OperatorRefusedError):
        retried(execution)


def test_doubt_is_not_resolved_while_the_call_may_be_under_way() -> None:
    effect = prepared(TERMS).action
    assert effect is not None
    parked = answered(prepared(TERMS), Unknown("reset"))
    quiet_ms = effect.last.deadline_ms + TIMING.max_skew_ms

    def resolving(draft: Draft) -> None:
        resolve(draft, OPERATOR, happened=True, evidence="seen", timing=TIMING)

    with pytest.raises(OperatorRefusedError, match="under way"):
        after(parked, resolving, now_ms=quiet_ms)
    assert after(parked, resolving, now_ms=quiet_ms + 1).attempt.work is None


def test_what_is_prepared_cannot_be_cancelled_and_what_is_only_claimed_can() -> None:
    with pytest.raises(OperatorRefusedError, match="prepared"):
        after(prepared(TERMS), lambda draft: cancel(draft, an_intent(), OPERATOR, a_claim()))

    assert after(claimed(), lambda draft: cancel(draft, an_intent(), OPERATOR, a_claim())).attempt.work is None
