"""What Google Calendar's answer to a write proves: one table, and the reason for each of its rows.

| answer | row | why |
|---|---|---|
| Applied | insert: 200 with the event that was asked for | the provider's explicit word |
| Applied | delete: 204 without a body; 410 with the reason ``deleted`` | it is gone, which was all that was asked |
| NotSent | 429; 403 with a reason of ``THROTTLES`` | a rate is judged before the request is executed |
| Refused | 400, 401, 403, 412, and 404 to an insert, with an error in Google's form: see ``STATUSES`` | judged before |
| Unknown | everything else | nothing is proved |

Everything else means: 404 to a delete, for it does not tell an event that is not there from a calendar that we may
not see; 409 to an insert, which says that something stands under this id and not whose it is; 410 with any other
reason; every 5xx; a redirect; an error that is not in Google's form, for it may come from anybody on the way; an event
that is not the one that was asked for. All of these are for a look-up to settle.
"""

import json
from collections.abc import Mapping

from adapters.connectors.exchange import Reply
from adapters.connectors.showing import shown, shown_code
from core.domain.answer import Hold, NotSent, Refused, Unknown, cause_of
from core.domain.canonical import Json
from core.domain.errors import ErrorClass
from core.domain.making import dataclass

OK, NO_CONTENT = 200, 204
FORBIDDEN, NOT_FOUND, GONE, THROTTLED = 403, 404, 410, 429
NOT_THERE, DELETED = "notFound", "deleted"

THROTTLES = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
QUOTAS = frozenset({"quotaExceeded", "dailyLimitExceeded", "calendarLimitExceeded"})
"""Limits that last longer than anybody waits: an operator may try again when they are over."""


@dataclass(frozen=True, slots=True)
class Row:
    """An answer that proves that nothing was written, and why it does."""

    error_class: ErrorClass
    code: str
    why: str
    retryable: bool = False


QUOTA = Row(ErrorClass.RATE_LIMIT, "QUOTA_EXCEEDED", "a quota is judged before the request is executed")
STATUSES: Mapping[int, Row] = {
    400: Row(ErrorClass.VALIDATION, "VALIDATION_FAILED", "the event is judged before it is stored"),
    # The same send is accepted with a new token, which is asked for next.
    401: Row(ErrorClass.AUTH, "AUTH_FAILED", "credentials are judged before the request is read", retryable=True),
    403: Row(ErrorClass.AUTH, "AUTH_FAILED", "permission is judged before the request is executed"),
    412: Row(ErrorClass.VALIDATION, "PRECONDITION_FAILED", "a precondition is judged before anything is stored"),
}
NO_CALENDAR = Row(ErrorClass.VALIDATION, "CALENDAR_NOT_FOUND", "there is no such calendar to put an event in")


@dataclass(frozen=True, slots=True)
class GoogleError:
    """An error in Google's own form."""

    code: int
    reason: str
    message: str


def error_of(reply: Reply) -> GoogleError | None:
    """Return the error in a body, None where there is none in Google's form, or one of another status."""
    document = document_of(reply)
    error = document.get("error") if document is not None else None
    if not isinstance(error, dict) or error.get("code") != reply.status:
        return None
    details = error.get("errors")
    first = details[0] if isinstance(details, list) and details else {}
    reason = first.get("reason") if isinstance(first, dict) else None
    message = error.get("message")
    return GoogleError(
        reply.status,
        shown_code(reason if isinstance(reason, str) else None, "unspecified"),
        shown(message) if isinstance(message, str) else "",
    )


def document_of(reply: Reply) -> Mapping[str, Json] | None:
    """Return a body's JSON object, None where it is none."""
    try:
        # As text, which was redacted as text: of bytes json.loads would read other encodings, too.
        document = json.loads(reply.body.decode())
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def failure_of(reply: Reply, *, creates: bool) -> Refused | NotSent | Unknown:
    """Return what an answer proves that is no success."""
    error = error_of(reply)
    if reply.status == THROTTLED or (error is not None and reply.status == FORBIDDEN and error.reason in THROTTLES):
        detail = "Google Calendar throttled the request before it was executed."
        return NotSent(Hold.THROTTLED, detail, reply.retry_after_ms)
    if error is None:
        reason = f"HTTP status {reply.status} without an error of Google Calendar proves nothing."
        return Unknown(reason, cause=cause_of(reply.status))
    row = _row_of(error, creates=creates)
    if row is None:
        reason = f"{error.reason} ({error.code}) proves nothing: {error.message}"
        return Unknown(shown(reason), cause=cause_of(reply.status))
    told = f"Google Calendar refused: {row.why} ({error.reason}). {error.message}"
    return Refused(row.error_class, row.code, shown(told), row.retryable)


def _row_of(error: GoogleError, *, creates: bool) -> Row | None:
    if error.code == FORBIDDEN and error.reason in QUOTAS:
        return QUOTA
    if error.code == NOT_FOUND and creates:
        return NO_CALENDAR
    return STATUSES.get(error.code)
