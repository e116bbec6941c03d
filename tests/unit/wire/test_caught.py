"""Errors pass through a state machine as a class name and a text, and come out as they went in."""

from __future__ import annotations

import inspect
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import errors
from core.domain.errors import (
    ErrorClass,
    ExecutionError,
    InvalidEventError,
    PermanentError,
    StoreUnavailableError,
    UnknownExecutionError,
    ValidationError,
)
from core.domain.execution import AlreadyFinishedError, StaleError
from ports.wire.caught import MAX_TEXT, error_of, told
from ports.wire.state import CaughtModel

CLASSES = sorted(
    (
        it
        for it in vars(errors).values()
        if inspect.isclass(it) and issubclass(it, PermanentError) and it.__module__ == errors.__name__
    ),
    key=lambda it: it.__name__,
)
CODES = (
    "MISSING_REGISTRY_VERSION",
    "TOOL_MAPPING_NOT_FOUND",
    "MISSING_REQUIRED_PARAMETER",
    "TENANT_BINDING_MISSING",
    "IDEMPOTENCY_KEY_MISSING",
    "OAUTH_TOKEN_MISSING",
    "VALIDATION_FAILED",
)
MESSAGES = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")) | st.sampled_from(" :"), min_size=1, max_size=200
).filter(lambda it: it == " ".join(it.split()))


def cause(message: object, **more: object) -> str:
    """What Lambda tells of an exception that a function raised."""
    return json.dumps({"errorMessage": message, "errorType": "X", "requestId": "r", "stackTrace": ["  File"], **more})


def caught(name: str, text: str = "") -> CaughtModel:
    return CaughtModel.model_validate({"Error": name, "Cause": text})


def passed(error: ExecutionError) -> PermanentError:
    return error_of(caught(type(error).__name__, cause(told(error))))


def test_all_the_classes_are_looked_at() -> None:
    assert {"IntentExpiredError", "KillSwitchEnabledError", "ValidationError", "ExecutionAbortedError"} <= {
        it.__name__ for it in CLASSES
    }
    assert len(CLASSES) >= 15


@pytest.mark.parametrize("kind", CLASSES)
def test_finding_29_every_permanent_error_keeps_class_code_and_message(kind: type[PermanentError]) -> None:
    sent = kind("Stopped by tenant acme: action type 'Ü': 12.")
    found = passed(sent)
    assert type(found) is kind
    assert (found.error_class, found.error_code, found.message) == (sent.error_class, sent.error_code, sent.message)


@pytest.mark.parametrize("code", CODES)
def test_finding_29_a_class_with_several_codes_keeps_the_one_it_was_raised_with(code: str) -> None:
    found = passed(ValidationError("It needs it.", error_code=code))
    assert (type(found), found.error_code, found.message) == (ValidationError, code, "It needs it.")


@given(message=MESSAGES)
def test_any_message_in_one_line_passes_unchanged(message: str) -> None:
    assert passed(ValidationError(message)).message == message


def test_a_message_becomes_one_line_and_is_cut_where_it_is_too_long() -> None:
    assert passed(ValidationError("two\n\tlines")).message == "two lines"
    text = told(ValidationError("x" * 5_000))
    assert len(text) == MAX_TEXT
    found = passed(ValidationError("x" * 5_000))
    assert (type(found), found.error_code) == (ValidationError, "VALIDATION_FAILED")
    assert found.message == "x" * (MAX_TEXT - len("VALIDATION_FAILED: "))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Lambda.Unknown", "The function ended without an answer."),
        ("States.Timeout", ""),
        ("Sandbox.Timedout", json.dumps({"errorMessage": "Task timed out after 75.00 seconds"})),
        ("StoreUnavailableError", cause("STORE_UNAVAILABLE: PutItem was answered.")),
        ("AlreadyFinishedError", cause("ALREADY_FINISHED: The attempt is FAILED.")),
        ("KeyError", cause("'secret'")),
        ("ErrorClass", cause("VALIDATION_FAILED: it is no exception")),
        ("ValidationError", "no JSON"),
        ("ValidationError", "[]"),
        ("ValidationError", cause(None)),
        ("ValidationError", cause(7)),
        ("ValidationError", cause("secret without a code")),
        ("ValidationError", cause("lower_case: secret")),
        ("ValidationError", cause("VALIDATION_FAILED: a\nsecret\nin lines")),
        ("ValidationError", cause("VALIDATION_FAILED: secret " + "x" * 1_000)),
        ("ValidationError", cause("X" * 65 + ": secret")),
        ("ValidationError", json.dumps("VALIDATION_FAILED: secret")),
    ],
)
def test_what_is_not_one_of_ours_is_an_unforeseen_fault_whose_text_is_not_repeated(name: str, text: str) -> None:
    found = error_of(caught(name, text))
    assert type(found) is UnknownExecutionError
    assert (found.error_class, found.error_code) == (ErrorClass.UNKNOWN, "UNKNOWN_ERROR")
    assert found.message == f"An unforeseen fault of this system before anything was prepared: {name}."


@pytest.mark.parametrize("name", ["", "a b", "<script>", "x" * 129, "Lambda\nUnknown", "1st", "__name__"])
def test_an_odd_name_is_not_repeated_either(name: str) -> None:
    assert error_of(caught(name)).message.endswith(": (odd name).")


@given(name=st.text(max_size=40), text=st.text(max_size=200))
def test_whatever_was_caught_becomes_a_permanent_error_in_one_line(name: str, text: str) -> None:
    found = error_of(caught(name, cause(text)))
    assert "\n" not in found.message
    assert len(found.message) <= MAX_TEXT


@pytest.mark.parametrize("error", [StoreUnavailableError("away"), StaleError(None), AlreadyFinishedError("done")])
def test_what_is_told_begins_with_the_code(error: ExecutionError) -> None:
    assert told(error) == f"{error.error_code}: {error.message}"


def test_an_error_without_a_message_keeps_class_and_code() -> None:
    assert type(passed(InvalidEventError(""))) is InvalidEventError


def test_a_cause_that_is_nested_too_deep_is_an_unforeseen_fault() -> None:
    deep = "[" * 100_000
    assert type(error_of(caught("ValidationError", deep))) is UnknownExecutionError
