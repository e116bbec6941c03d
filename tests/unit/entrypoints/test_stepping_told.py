"""RecordOutcome, the last state: what it records, and what it tells of what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.domain.answer import Applied, ObjectRef, Refused
from core.domain.errors import ErrorClass, UnknownExecutionError
from ports.wire.state import CaughtModel, ToldModel
from tests.unit.orchestrating import ORDER, Bench, Steps, given_state

APPLIED = Applied((ObjectRef("crm", "task", "7"),), "{}")
REFUSED = Refused(ErrorClass.AUTH, "AUTH_FAILED", "no")


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def steps(bench: Bench) -> Steps:
    bench.known()
    return Steps(bench)


TOLD: list[tuple[Applied | Refused, str, str | None, str | None]] = [
    (APPLIED, "SUCCEEDED", "RESPONSE", None),
    (REFUSED, "FAILED", "RESPONSE", "AUTH_FAILED"),
]


@pytest.mark.parametrize(("answer", "status", "evidence", "code"), TOLD)
def test_tell_says_what_is_recorded(
    steps: Steps, answer: Applied | Refused, status: str, evidence: str | None, code: str | None
) -> None:
    steps.bench.tool.answers = [answer]
    told = steps.tell(steps.send(steps.begin(given_state())))
    assert (told.status, told.evidence, told.error_code) == (status, evidence, code)
    assert (told.run, told.revision, told.trace_id) == (1, 1, steps.bench.attempt.brief.trace_id)
    assert steps.counted() == {("Actions", status, "AUTH" if code else "NONE"): 1}


def caught(error: str, text: str) -> CaughtModel:
    return CaughtModel.model_validate({"Error": error, "Cause": f'{{"errorMessage": "{text}"}}'})


EXPIRED = caught("IntentExpiredError", "INTENT_EXPIRED: The approval expired at noon.")


@pytest.mark.parametrize("is_claimed", [False, True])
def test_tell_records_what_was_caught_by_its_name(steps: Steps, is_claimed: bool) -> None:
    state = steps.begin(given_state()) if is_claimed else given_state()
    told = steps.tell(state.model_copy(update={"error": EXPIRED}))
    assert (told.status, told.error_class, told.error_code) == ("FAILED", "VALIDATION", "INTENT_EXPIRED")
    fault = steps.bench.attempt.last_error
    assert fault is not None
    assert fault.message == "The approval expired at noon."


def test_tell_says_of_an_intent_that_is_gone_that_it_was_refused(bench: Bench) -> None:
    told = Steps(bench).tell(given_state().model_copy(update={"error": EXPIRED}))
    assert (told.status, told.error_code, told.run) == ("REFUSED", "INTENT_NOT_FOUND", None)
    assert bench.told() == [("ACTION_REFUSED", "INTENT_NOT_FOUND")]


def by_somebody_else(steps: Steps) -> ToldModel:
    steps.bench.start(replace(ORDER, owner="queue:message-1"))
    error = caught("ExecutionAlreadyInProgressError", "EXECUTION_ALREADY_IN_PROGRESS: Another worker holds it.")
    return steps.tell(given_state().model_copy(update={"error": error}))


def after_too_many_rounds(steps: Steps) -> ToldModel:
    return steps.tell(steps.begin(given_state()))


@pytest.mark.parametrize("ask", [by_somebody_else, after_too_many_rounds])
def test_tell_says_running_and_counts_nothing_where_somebody_goes_on(
    steps: Steps, ask: Callable[[Steps], ToldModel]
) -> None:
    assert ask(steps).status == "RUNNING"
    assert steps.bench.attempt.is_open
    assert steps.counted() == {}
    assert steps.bench.told() == []


def test_tell_without_anything_recorded_is_an_unforeseen_fault(steps: Steps) -> None:
    with pytest.raises(UnknownExecutionError):
        steps.tell(given_state())
