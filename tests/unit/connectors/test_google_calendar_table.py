from __future__ import annotations

import json

import pytest

from adapters.connectors.exchange import UNAUTHORIZED, Reply
from adapters.connectors.google_calendar_table import error_of, failure_of
from core.domain.answer import Hold, NotSent, Refused, Unknown
from core.domain.errors import ErrorClass


def reply(status: int, reason: str, *, code: int | None = None, retry_after_ms: int = 0) -> Reply:
    details = [{"domain": "global", "reason": reason, "message": "Why."}]
    error = {"error": {"code": status if code is None else code, "message": "Why.", "errors": details}}
    return Reply(status, "application/json", retry_after_ms, json.dumps(error).encode())


@pytest.mark.parametrize(
    ("status", "reason", "creates", "error_class", "code"),
    [
        (400, "invalid", True, ErrorClass.VALIDATION, "VALIDATION_FAILED"),
        (400, "timeRangeEmpty", True, ErrorClass.VALIDATION, "VALIDATION_FAILED"),
        (401, "authError", True, ErrorClass.AUTH, "AUTH_FAILED"),
        (403, "forbidden", True, ErrorClass.AUTH, "AUTH_FAILED"),
        (403, "forbiddenForNonOrganizer", False, ErrorClass.AUTH, "AUTH_FAILED"),
        (403, "quotaExceeded", True, ErrorClass.RATE_LIMIT, "QUOTA_EXCEEDED"),
        (403, "dailyLimitExceeded", True, ErrorClass.RATE_LIMIT, "QUOTA_EXCEEDED"),
        (404, "notFound", True, ErrorClass.VALIDATION, "CALENDAR_NOT_FOUND"),
        (412, "conditionNotMet", False, ErrorClass.VALIDATION, "PRECONDITION_FAILED"),
    ],
)
def test_what_is_judged_before_anything_is_stored_is_refused(
    status: int, reason: str, creates: bool, error_class: ErrorClass, code: str
) -> None:
    answer = failure_of(reply(status, reason), creates=creates)
    assert isinstance(answer, Refused)
    assert (answer.error_class, answer.code, answer.retryable) == (error_class, code, status == UNAUTHORIZED)
    assert reason in answer.message


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (429, "rateLimitExceeded")]
)
def test_a_rate_limit_under_either_status_was_not_sent(status: int, reason: str) -> None:
    answer = failure_of(reply(status, reason, retry_after_ms=2_000), creates=True)
    assert isinstance(answer, NotSent)
    assert (answer.hold, answer.retry_after_ms) == (Hold.THROTTLED, 2_000)


@pytest.mark.parametrize(
    ("status", "reason", "creates"),
    [
        (404, "notFound", False),
        (409, "duplicate", True),
        (410, "updatedMinTooLongAgo", False),
        (500, "backendError", True),
        (503, "backendError", True),
        (301, "moved", True),
        (418, "teapot", True),
    ],
)
def test_everything_else_proves_nothing(status: int, reason: str, creates: bool) -> None:
    assert isinstance(failure_of(reply(status, reason), creates=creates), Unknown)


@pytest.mark.parametrize("body", [b"", b"<html>Forbidden</html>", b"[]", b'{"error":"forbidden"}', b"[" * 100_000])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 412])
def test_an_error_that_is_not_in_googles_form_may_come_from_anybody(status: int, body: bytes) -> None:
    assert isinstance(failure_of(Reply(status, "text/html", 0, body), creates=True), Unknown)


def test_an_error_of_another_status_than_its_own_contradicts_itself() -> None:
    assert isinstance(failure_of(reply(403, "forbidden", code=500), creates=True), Unknown)


def test_an_error_without_details_has_no_reason() -> None:
    error = error_of(Reply(400, "application/json", 0, b'{"error":{"code":400,"errors":[]}}'))
    assert error is not None
    assert (error.reason, error.message) == ("unspecified", "")
