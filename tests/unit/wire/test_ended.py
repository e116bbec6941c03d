"""What EventBridge tells of an execution that did not end by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.domain.errors import InvalidEventError
from ports.wire.bounds import MAX_BODY_BYTES
from ports.wire.ended import EndedExecution, parse_ended
from ports.wire.state import input_of
from tests.unit.orchestrating import OURS

SECRET = "s3cret-s3cret"


def event(status: object = "FAILED", **detail: object) -> dict[str, Any]:
    """The event as AWS sends it, with fields of the detail set."""
    arn = f"arn:aws:states:eu-central-1:123456789012:execution:actonce:{OURS.name}"
    return {
        "version": "0",
        "id": "315c1398-40ff-a850-213b-158f73e60175",
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": "123456789012",
        "time": "2026-11-25T20:00:00Z",
        "region": "eu-central-1",
        "resources": [arn],
        "detail": {
            "executionArn": arn,
            "stateMachineArn": "arn:aws:states:eu-central-1:123456789012:stateMachine:actonce",
            "name": OURS.name,
            "status": status,
            "startDate": 1_900_000_000_000,
            "stopDate": 1_900_000_086_400,
            "input": input_of(OURS),
            "output": None,
            "inputDetails": {"included": True},
            "outputDetails": None,
            "error": "NotRecorded",
            "cause": "...",
            **detail,
        },
    }


def refusal(body: str) -> str:
    with pytest.raises(InvalidEventError) as refused:
        parse_ended(body)
    message = refused.value.message
    assert "\n" not in message
    assert SECRET not in message
    return message


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_an_ended_execution_tells_what_it_was_to_carry_out_and_how_it_ended(status: str) -> None:
    assert parse_ended(json.dumps(event(status))) == EndedExecution(OURS.name, status, OURS)


@pytest.mark.parametrize("status", ["SUCCEEDED", "RUNNING", "PENDING_REDRIVE", "failed", None, 1])
def test_an_execution_that_ended_by_itself_or_runs_is_refused(status: object) -> None:
    assert "status" in refusal(json.dumps(event(status)))


@pytest.mark.parametrize("name", ["name", "status"])
def test_what_is_needed_is_named_where_it_is_missing(name: str) -> None:
    whole = event()
    del whole["detail"][name]
    assert name in refusal(json.dumps(whole))


def test_an_input_that_aws_left_out_is_to_be_asked_for() -> None:
    left_out = event(input=None, inputDetails={"included": False})
    assert parse_ended(json.dumps(left_out)) == EndedExecution(OURS.name, "FAILED", None)


@pytest.mark.parametrize(
    ("field", "value"), [("source", "cc-native"), ("detail-type", "ACTION_APPROVED"), ("detail", SECRET)]
)
def test_another_kind_of_event_is_refused_by_the_field(field: str, value: str) -> None:
    assert field.split("-", maxsplit=1)[0] in refusal(json.dumps({**event(), field: value}))


@pytest.mark.parametrize("body", ["", SECRET, "[]", "{}", "null", '{"detail": {"detail": {}}}', "{" * 100_000])
def test_garbage_is_refused(body: str) -> None:
    refusal(body)


def test_a_body_that_is_too_large_is_refused() -> None:
    assert "bytes" in refusal(json.dumps(event(cause="x" * MAX_BODY_BYTES)))


@pytest.mark.parametrize(
    "given", [SECRET, "", "[]", "null", "{}", "1" * 10_000, '{"version":1}', '"\\ud800"', f'{{"name":"{SECRET}"}}']
)
def test_an_input_that_is_not_ours_is_refused(given: str) -> None:
    refusal(json.dumps(event(input=given)))


def test_the_input_of_another_execution_is_refused() -> None:
    assert "another" in refusal(json.dumps(event(name="exec-by-hand")))


@pytest.mark.parametrize("name", ["a b", "x" * 81, "", "a/b", f"{OURS.name}\n"])
def test_a_name_that_step_functions_would_not_give_is_refused(name: str) -> None:
    assert "name" in refusal(json.dumps(event(name=name)))


def test_an_input_that_is_nested_too_deep_is_refused() -> None:
    refusal(json.dumps(event(input="[" * 100_000)))
