"""Conclude: who may say that nothing was prepared, and what is never touched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.answer import Applied, ObjectRef, Unknown
from core.domain.attempt import AttemptStatus
from core.domain.errors import ExecutionAbortedError, KillSwitchEnabledError, PermanentError, ValidationError
from core.domain.operating import Operator
from core.domain.orchestration import orchestration
from core.domain.sending import Sending
from tests.unit.making import KEY, NOW_MS
from tests.unit.orchestrating import ORDER, OURS, Bench, undoable

ERROR = ValidationError("It needs the parameter 'title'.", error_code="MISSING_REQUIRED_PARAMETER")
OTHER = KillSwitchEnabledError("Stopped.")
APPLIED = Applied((ObjectRef("crm", "task", "7"),), "{}")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def assert_failed(bench: Bench, error: PermanentError) -> None:
    stored = bench.stored()
    assert stored.outcome is not None
    assert stored.outcome.fault is not None
    found = stored.outcome.fault
    assert (found.error_class, found.error_code, found.message) == (error.error_class, error.error_code, error.message)
    assert stored.attempt.status is AttemptStatus.FAILED
    assert bench.told() == [("ACTION_FAILED", error.error_code)]


def test_what_was_never_claimed_fails_with_the_given_error(bench: Bench) -> None:
    bench.known()
    assert bench.conclude(OURS, ERROR) == bench.stored()
    assert_failed(bench, ERROR)
    assert (bench.attempt.owner, bench.attempt.revision) == (OURS.order.owner, 1)
    assert bench.attempt.brief.approval_source == "HUMAN"


def test_what_its_own_orchestration_claimed_fails_with_the_given_error(bench: Bench) -> None:
    bench.claimed()
    bench.conclude(OURS, ERROR)
    assert_failed(bench, ERROR)


@pytest.mark.parametrize("is_claimed", [False, True])
def test_the_first_error_stands_however_often_it_is_concluded(bench: Bench, is_claimed: bool) -> None:
    bench.known()
    if is_claimed:
        bench.start(OURS.order)
    first = bench.conclude(OURS, ERROR)
    assert bench.conclude(OURS, ERROR) == bench.conclude(OURS, OTHER) == first
    assert_failed(bench, ERROR)
    assert bench.attempt.revision == 1


@pytest.mark.parametrize("is_claimed", [False, True])
def test_of_two_at_once_one_is_recorded(bench: Bench, is_claimed: bool) -> None:
    bench.known()
    if is_claimed:
        bench.start(OURS.order)
    rival = bench.beside()
    bench.interrupted_by(lambda: rival.conclude(OURS, OTHER))
    assert bench.conclude(OURS, ERROR) == bench.stored()
    assert_failed(bench, OTHER)
    assert bench.attempt.revision == 1


def test_a_claim_that_comes_in_between_is_failed_as_its_own(bench: Bench) -> None:
    bench.known()
    rival = bench.beside()
    bench.interrupted_by(lambda: rival.start(OURS.order))
    bench.conclude(OURS, ERROR)
    assert_failed(bench, ERROR)


def test_a_prepare_that_comes_in_between_is_left_alone(bench: Bench) -> None:
    claimed = bench.claimed()
    rival = bench.beside()
    rival.tool.answers = [APPLIED]
    bench.interrupted_by(lambda: rival.advance.sent(claimed, Sending()))
    assert bench.conclude(OURS, ERROR) == bench.stored()
    assert bench.told() == [("ACTION_EXECUTED", None)]


def test_an_intent_that_is_gone_is_refused_once_and_has_no_attempt(bench: Bench) -> None:
    assert bench.conclude(OURS, ERROR) is None
    assert bench.conclude(OURS, ERROR) is None
    assert bench.executions.load(KEY) is None
    assert bench.told() == [("ACTION_REFUSED", "INTENT_NOT_FOUND")]


def test_a_prepared_effect_is_not_touched(bench: Bench) -> None:
    bench.tool.answers = [Unknown("the reply was lost")]
    doubtful = bench.advance.sent(bench.claimed(), Sending())
    assert doubtful.open_effect is not None
    assert bench.conclude(OURS, ERROR) == doubtful == bench.stored()
    assert bench.told() == []


def test_an_undo_that_has_prepared_nothing_is_not_touched(bench: Bench) -> None:
    bench = Bench(entry=undoable())
    bench.tool.answers = [APPLIED]
    bench.advance.sent(bench.claimed(), Sending())
    bench.clock.advance(60_000)
    asked = bench.undo(KEY, Operator("ada"))
    assert (
        bench.conclude(replace(OURS, order=replace(OURS.order, owner=asked.attempt.owner)), ERROR)
        == asked
        == bench.stored()
    )


def test_what_another_owner_holds_is_not_touched(bench: Bench) -> None:
    bench.known()
    held = bench.start(replace(ORDER, owner="queue:message-1"))
    assert bench.conclude(OURS, ERROR) == held == bench.stored()
    assert bench.told() == []


def test_what_the_sweeper_took_over_is_not_touched(bench: Bench) -> None:
    claimed = bench.claimed()
    bench.clock.advance(60_000)
    taken = bench.advance.taken_over(claimed, "sweeper:1")
    assert bench.conclude(OURS, ERROR) == taken == bench.stored()


def test_a_cancelled_intent_stays_cancelled(bench: Bench) -> None:
    bench.known()
    bench.cancel(KEY, Operator("ada"))
    assert bench.conclude(OURS, ERROR) == bench.stored()
    assert bench.attempt.status is AttemptStatus.CANCELLED


def test_the_run_of_a_retry_is_failed_by_the_orchestration_that_holds_it(bench: Bench) -> None:
    bench.known()
    bench.conclude(OURS, ERROR)
    attempt = bench.retry(KEY, Operator("ada")).attempt
    second = orchestration(ORDER, run=attempt.run, generation=attempt.generation)
    bench.start(second.order)
    bench.conclude(OURS, OTHER)
    assert bench.attempt.is_open
    bench.conclude(second, OTHER)
    assert (bench.attempt.status, bench.attempt.run) == (AttemptStatus.FAILED, 2)


def test_what_ended_before_a_retry_does_not_fail_the_run_that_an_operator_asked_for(bench: Bench) -> None:
    """The event of an ended execution, or RecordOutcome, comes twice; between the two an operator retries."""
    aborted = ExecutionAbortedError("The execution ended before anything was prepared: ABORTED.")
    bench.claimed()
    bench.conclude(OURS, aborted)
    asked = bench.retry(KEY, Operator("ada"))
    bench.clock.advance(1)
    bench.conclude(OURS, aborted)
    assert bench.stored() == asked
    assert asked.attempt.started_at_ms == NOW_MS
