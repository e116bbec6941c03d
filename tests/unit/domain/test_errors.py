"""The table of errors that Step Functions, readers and operators depend on."""

from __future__ import annotations

import inspect

import pytest

from core.domain import errors, execution
from core.domain.attempt import Fault
from core.domain.errors import (
    DownstreamError,
    ErrorClass,
    ExecutionError,
    PermanentError,
    RateLimitError,
    ToolTimeoutError,
    TransientError,
    ValidationError,
)

TABLE = [
    ("InvalidEventError", "VALIDATION", "INVALID_EVENT", False),
    ("IntentNotFoundError", "VALIDATION", "INTENT_NOT_FOUND", False),
    ("IntentExpiredError", "VALIDATION", "INTENT_EXPIRED", False),
    ("KillSwitchEnabledError", "VALIDATION", "KILL_SWITCH_ENABLED", False),
    ("ValidationError", "VALIDATION", "VALIDATION_FAILED", False),
    ("ConfigurationError", "VALIDATION", "CONFIGURATION_ERROR", False),
    ("ExecutionAlreadyInProgressError", "VALIDATION", "EXECUTION_ALREADY_IN_PROGRESS", False),
    ("PayloadConflictError", "VALIDATION", "PAYLOAD_CONFLICT", False),
    ("AuthError", "AUTH", "AUTH_FAILED", False),
    ("RateLimitError", "RATE_LIMIT", "RATE_LIMIT_EXCEEDED", True),
    ("DownstreamError", "DOWNSTREAM", "DOWNSTREAM_ERROR", False),
    ("ToolTimeoutError", "TIMEOUT", "TIMEOUT", False),
    ("UnknownExecutionError", "UNKNOWN", "UNKNOWN_ERROR", False),
]
CODES_OF_VALIDATION = [
    "MISSING_REGISTRY_VERSION",
    "TOOL_MAPPING_NOT_FOUND",
    "MISSING_REQUIRED_PARAMETER",
    "TENANT_BINDING_MISSING",
    "IDEMPOTENCY_KEY_MISSING",
    "OAUTH_TOKEN_MISSING",
    "VALIDATION_FAILED",
]


def every_error() -> list[type[ExecutionError]]:
    found = [it for module in (errors, execution) for it in vars(module).values() if inspect.isclass(it)]
    return [it for it in found if issubclass(it, ExecutionError) and not it.__name__.startswith("_")]


@pytest.mark.parametrize(("name", "error_class", "code", "retryable"), TABLE, ids=[row[0] for row in TABLE])
def test_finding_27_an_error_is_named_by_its_class_and_carries_class_and_code(
    name: str, error_class: str, code: str, retryable: bool
) -> None:
    kind = getattr(errors, name)
    error = kind("A safe message.")

    assert type(error).__name__ == name
    assert (error.error_class.value, error.error_code, error.retryable) == (error_class, code, retryable)
    assert str(error) == error.message == "A safe message."


@pytest.mark.parametrize("kind", every_error())
def test_finding_29_every_error_says_by_its_base_what_the_caller_must_do(kind: type[ExecutionError]) -> None:
    bases = (TransientError, PermanentError)

    assert kind is ExecutionError or sum(issubclass(kind, base) for base in bases) == 1


@pytest.mark.parametrize("kind", [DownstreamError, ToolTimeoutError])
def test_finding_29_a_failure_after_which_the_write_may_exist_is_retryable_only_when_proved_unapplied(
    kind: type[DownstreamError | ToolTimeoutError],
) -> None:
    assert not kind("Failed.").retryable
    assert not kind("Failed.", not_applied=False).retryable
    assert kind("Failed.", not_applied=True).retryable


@pytest.mark.parametrize("code", CODES_OF_VALIDATION)
def test_a_validation_error_names_its_own_code(code: str) -> None:
    error = ValidationError("It cannot be carried out.", error_code=code)

    assert Fault.of(error) == Fault(ErrorClass.VALIDATION, code, "It cannot be carried out.")
    assert ValidationError("Another.").error_code == "VALIDATION_FAILED"


def test_a_rate_limit_says_when_to_come_back() -> None:
    error = RateLimitError("Slow down.", retry_after_s=7.5)

    assert error.retry_after_s == 7.5
    assert error.retryable


def test_the_classes_are_the_six_that_readers_know() -> None:
    assert {it.value for it in ErrorClass} == {"AUTH", "RATE_LIMIT", "VALIDATION", "DOWNSTREAM", "TIMEOUT", "UNKNOWN"}


def test_no_two_errors_share_a_name() -> None:
    names = [kind.__name__ for kind in set(every_error())]

    assert len(names) == len(set(names))
