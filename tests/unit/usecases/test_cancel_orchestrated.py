"""Cancel where an orchestrator takes the steps: which orchestration is stopped, and when none is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.answer import Applied, Unknown
from core.domain.attempt import AttemptStatus
from core.domain.errors import ExecutionAbortedError, IntentNotFoundError, OperatorRefusedError
from core.domain.execution import AlreadyFinishedError, LostError
from core.domain.operating import Operator
from core.domain.orchestration import orchestration
from core.domain.sending import Sending
from tests.unit.making import KEY
from tests.unit.orchestrating import ORDER, OURS, Bench

ADA = Operator("ada", "wrong account")
REASON = "Cancelled by ada."


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_was_never_claimed_is_stopped_by_the_name_that_an_event_asks_for(bench: Bench) -> None:
    bench.known()
    assert bench.cancel(KEY, ADA) == bench.stored()
    assert bench.attempt.status is AttemptStatus.CANCELLED
    assert bench.orchestrator.stopped == [(OURS.name, REASON)]


def test_what_an_orchestration_claimed_is_stopped_by_its_own_name(bench: Bench) -> None:
    bench.claimed()
    bench.cancel(KEY, ADA)
    assert bench.attempt.status is AttemptStatus.CANCELLED
    assert bench.orchestrator.stopped == [(OURS.name, REASON)]


def test_a_retrys_orchestration_is_stopped_by_its_own_name(bench: Bench) -> None:
    bench.claimed()
    bench.conclude(OURS, ExecutionAbortedError("It ended."))
    attempt = bench.retry(KEY, ADA).attempt
    second = orchestration(ORDER, run=attempt.run, generation=attempt.generation)
    bench.start(second.order)
    bench.cancel(KEY, ADA)
    assert bench.attempt.status is AttemptStatus.CANCELLED
    assert bench.orchestrator.stopped == [(second.name, REASON)]
    assert second.name != OURS.name


def test_a_retrys_orchestration_that_has_claimed_nothing_yet_finds_that_it_was_cancelled(bench: Bench) -> None:
    bench.claimed()
    bench.conclude(OURS, ExecutionAbortedError("It ended."))
    attempt = bench.retry(KEY, ADA).attempt
    second = orchestration(ORDER, run=attempt.run, generation=attempt.generation)
    bench.cancel(KEY, ADA)
    with pytest.raises(AlreadyFinishedError):
        bench.start(second.order)
    assert bench.attempt.status is AttemptStatus.CANCELLED


def test_what_another_kind_of_owner_holds_is_stopped_by_the_name_that_an_event_asks_for(bench: Bench) -> None:
    claimed = bench.claimed()
    bench.clock.advance(60_000)
    bench.advance.taken_over(claimed, "sweeper:1")
    bench.cancel(KEY, ADA)
    assert bench.orchestrator.stopped == [(OURS.name, REASON)]


def test_an_orchestrator_out_of_reach_does_not_undo_the_cancel(bench: Bench) -> None:
    bench.claimed()
    bench.orchestrator.is_away = True
    assert bench.cancel(KEY, ADA) == bench.stored()
    assert bench.attempt.status is AttemptStatus.CANCELLED
    assert bench.told() == [("ACTION_FAILED", "CANCELLED")]


def test_the_steps_that_go_on_all_the_same_find_that_it_was_cancelled(bench: Bench) -> None:
    claimed = bench.claimed()
    bench.orchestrator.is_away = True
    bench.cancel(KEY, ADA)
    bench.tool.answers = [Applied()]
    with pytest.raises(LostError):
        bench.advance.sent(claimed, Sending())
    assert bench.tool.calls == []


@pytest.mark.parametrize("answer", [Applied(), Unknown("the reply was lost")])
def test_what_is_prepared_or_done_is_refused_and_nothing_is_stopped(bench: Bench, answer: Applied | Unknown) -> None:
    bench.tool.answers = [answer]
    execution = bench.advance.sent(bench.claimed(), Sending())
    with pytest.raises(OperatorRefusedError):
        bench.cancel(KEY, ADA)
    assert bench.stored() == execution
    assert bench.orchestrator.stopped == []


def test_an_unknown_intent_is_refused_and_nothing_is_stopped(bench: Bench) -> None:
    with pytest.raises(IntentNotFoundError):
        bench.cancel(KEY, ADA)
    assert bench.orchestrator.stopped == []


def test_without_an_orchestrator_nothing_is_stopped(bench: Bench) -> None:
    bench.known()
    bench.start(replace(ORDER, owner="queue:message-1"))
    bench.cancel_without(KEY, ADA)
    assert bench.attempt.status is AttemptStatus.CANCELLED
    assert bench.orchestrator.stopped == []
