"""A function of the state machine: what it answers, and what it tells of an error by class name and text alone."""

from __future__ import annotations

import inspect
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.domain import errors, execution
from core.domain.errors import (
    ExecutionError,
    InvalidEventError,
    RateLimitError,
    UnknownExecutionError,
    ValidationError,
)
from core.domain.execution import StaleError
from entrypoints import steps
from entrypoints.steps import StepFunction, held, ordered
from ports.wire.caught import MAX_TEXT, error_of
from ports.wire.state import CaughtModel, HeldModel, OrderedModel, ToldModel, any_state, input_of
from tests.architecture.sources import ROOT
from tests.unit.orchestrating import OURS, Bench, Steps

SECRET = "s3cret-s3cret"
MACHINE = ROOT / "infra" / "terraform" / "statemachine" / "execution.asl.json"
FUNCTIONS = {name: it for name, it in vars(steps).items() if isinstance(it, StepFunction)}
ERRORS = sorted(
    (
        it
        for module in (errors, execution)
        for it in vars(module).values()
        if inspect.isclass(it) and issubclass(it, ExecutionError) and it.__module__ == module.__name__
    ),
    key=lambda it: it.__name__,
)


class Lines(logging.Handler):
    """What was logged, with the fields that go with it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        fields = vars(record)["fields"]
        self.seen.append((record.getMessage(), {it.value: value for it, value in fields.items() if value is not None}))


@pytest.fixture
def lines() -> Iterator[Lines]:
    ours, handler = logging.getLogger("actonce.steps"), Lines()
    level = ours.level
    ours.setLevel(logging.INFO)
    ours.addHandler(handler)
    yield handler
    ours.removeHandler(handler)
    ours.setLevel(level)


def a_function(name: str = "start", parse: Callable[[object], OrderedModel] = ordered) -> StepFunction:
    return StepFunction(name, parse, lambda *_: lambda state: state)


def given() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(input_of(OURS))
    return document


def raised(fault: Exception) -> ExecutionError:
    def step(_: OrderedModel) -> HeldModel:
        raise fault

    with pytest.raises(ExecutionError) as caught:
        a_function().take(step, given())
    return caught.value


def test_every_task_of_the_machine_has_the_function_of_its_token_and_none_is_left_over() -> None:
    states = json.loads(MACHINE.read_text(encoding="utf-8"))["States"].values()
    tokens = {it["Parameters"]["FunctionName"] for it in states if it["Type"] == "Task"}
    assert tokens == {f"${{{name}_arn}}" for name in FUNCTIONS}
    assert [it.name for it in FUNCTIONS.values()] == list(FUNCTIONS)


def test_the_first_function_takes_an_order_the_last_either_and_all_others_a_claim() -> None:
    parses = {name: it._parse for name, it in FUNCTIONS.items()}
    assert (parses.pop("start"), parses.pop("record")) == (ordered, any_state)
    assert set(parses.values()) == {held}


def test_a_step_is_given_its_state_and_answers_with_the_next_one() -> None:
    bench = Bench()
    bench.known()
    after = a_function().take(Steps(bench).begin, given())
    assert after == {
        **given(),
        "generation": 1,
        "next": "VALIDATE",
        "rounds": 0,
        "judged_send_no": 0,
        "absent": False,
        "judged_at_ms": 0,
    }
    assert a_function("validate", held).take(lambda state: state, after) == after


@pytest.mark.parametrize("kind", ERRORS)
def test_finding_29_an_error_keeps_its_class_and_tells_code_and_message_in_its_text(kind: type[ExecutionError]) -> None:
    fault = StaleError(None) if kind is StaleError else kind("Words for outside.")
    error = raised(fault)
    assert error is fault
    assert type(error).__name__ == kind.__name__
    assert str(error) == f"{fault.error_code}: {fault.message}"


def test_finding_27_an_unforeseen_fault_tells_its_class_and_place_and_nothing_of_its_own_text(lines: Lines) -> None:
    error = raised(KeyError(SECRET))
    assert type(error) is UnknownExecutionError
    assert re.fullmatch(r"UNKNOWN_ERROR: KeyError in step:[0-9]+\.", str(error))
    assert SECRET not in f"{error.message} {error.args} {error!r}"
    # Lambda prints what led to an error, unless it is hidden.
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert lines.seen == [("unforeseen", {"doing": "start"})]


def test_a_text_is_one_line_and_bounded() -> None:
    assert str(raised(ValidationError("two\n\nlines"))) == "VALIDATION_FAILED: two lines"
    assert len(str(raised(ValidationError("x" * 100_000)))) == MAX_TEXT


def test_what_is_told_is_read_back_by_the_last_step() -> None:
    sent = ValidationError("It needs the parameter 'title'.", error_code="MISSING_REQUIRED_PARAMETER")
    cause = json.dumps({"errorMessage": str(raised(sent)), "errorType": "ValidationError", "stackTrace": []})
    found = error_of(CaughtModel.model_validate({"Error": "ValidationError", "Cause": cause}))
    assert (type(found), found.error_code, found.message) == (ValidationError, sent.error_code, sent.message)


def test_a_state_that_is_none_is_refused_by_name_before_the_step_is_taken() -> None:
    with pytest.raises(InvalidEventError, match="INVALID_EVENT: The state is not valid: generation") as refused:
        a_function("validate", held).take(lambda _: pytest.fail("taken"), given())
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("document", [None, [], SECRET, {"name": SECRET}, {**given(), "intent": SECRET}])
def test_nothing_of_a_state_that_is_none_is_shown(document: object) -> None:
    with pytest.raises(InvalidEventError) as refused:
        a_function().take(lambda _: pytest.fail("taken"), document)
    assert SECRET not in str(refused.value)


def test_a_step_is_logged_with_what_follows(lines: Lines) -> None:
    bench = Bench()
    bench.known()
    a_function().take(Steps(bench).begin, given())
    assert lines.seen == [("stepped", {"doing": "start", "intent": "tenant-1/account-1/intent-1", "next": "VALIDATE"})]


def test_the_end_is_logged_with_its_status(lines: Lines) -> None:
    told = ToldModel(
        tenant_id="t", account_id="a", action_intent_id="i", status="FAILED", error_code="INTENT_EXPIRED", trace_id="x"
    )
    a_function("record").take(lambda _: told, given())
    ((_, fields),) = lines.seen
    assert (fields["doing"], fields["status"], fields["error_code"], fields["trace_id"]) == (
        "record",
        "FAILED",
        "INTENT_EXPIRED",
        "x",
    )


def test_an_error_that_is_refused_by_name_is_no_fault_to_be_logged(lines: Lines) -> None:
    raised(RateLimitError("slow down"))
    assert lines.seen == []
