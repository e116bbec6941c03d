"""Errors of Google Calendar v3, in the form in which it sends them."""

from __future__ import annotations

from typing import Any

from tests.providers.faults import Fault
from tests.providers.messages import Call, Reply


def error(status: int, reason: str, message: str, domain: str = "global", **more: str) -> Reply:
    detail = {"domain": domain, "reason": reason, "message": message, **more}
    body: dict[str, Any] = {"error": {"errors": [detail], "code": status, "message": message}}
    return Reply(status, body)


NOT_FOUND = error(404, "notFound", "Not Found")
DELETED = error(410, "deleted", "Resource has been deleted")
DUPLICATE = error(409, "duplicate", "The requested identifier already exists.")
UNAUTHORIZED = error(401, "authError", "Invalid Credentials", location="Authorization", locationType="header")
EMPTY_RANGE = error(400, "timeRangeEmpty", "The specified time range is empty.", "calendar")


def invalid(message: str) -> Reply:
    return error(400, "invalid", message)


def spoken(fault: Fault, call: Call) -> Reply:
    """Answer a fault as Google Calendar would."""
    later = {"Retry-After": f"{fault.seconds:g}"}
    match fault.name:
        case "throttle":
            # The documentation says that either status may come.
            status = 403 if call.method == "POST" else 429
            limit = error(status, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits")
            return Reply(limit.status, limit.document, later)
        case "unavailable":
            return Reply(503, error(503, "backendError", "Service Unavailable").document, later)
        case "refuse":
            return error(403, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer.")
        case "unauthorized":
            return UNAUTHORIZED
        case "echo":
            return invalid(f"Bad Request: header Authorization: {call.headers.get('authorization')}")
        case _:
            return error(500, "backendError", "Backend Error")
