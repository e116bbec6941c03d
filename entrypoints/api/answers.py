"""Answers: the one place where documents and errors become what goes out over HTTP."""

import json
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestUnsupportedContentType, RequestValidationError

from core.domain.errors import (
    ConfigurationError,
    ExecutionError,
    IntentNotFoundError,
    InvalidEventError,
    PermanentError,
    TransientError,
    ValidationError,
)
from entrypoints.api.claims import ForbiddenError, UnauthorizedError
from entrypoints.telemetry import Key
from ports.wire.bounds import shown
from ports.wire.outcome import Outgoing
from ports.wire.service import ErrorModel

JSON = "application/json"
RETRY_AFTER_S = "2"
SAFE: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

log = logging.getLogger("actonce.api")


class BadRequestError(Exception):
    """The request is wrong; ``parameter`` says where."""

    def __init__(self, parameter: str, fault: str) -> None:
        """Keep both; neither shows what was given."""
        super().__init__(parameter)
        self.text = f"{parameter}: {fault}"


class TooLargeError(Exception):
    """The body is over the bound."""


def told(model: Outgoing) -> Response[str]:
    """Return a document as the answer to what was asked."""
    return answer(HTTPStatus.OK, json.dumps(model.document(), ensure_ascii=False, allow_nan=False))


def answer(status: HTTPStatus, body: str, headers: Mapping[str, str] | None = None) -> Response[str]:
    """Return JSON text as an answer."""
    return Response(status_code=status.value, content_type=JSON, body=body, headers={**SAFE, **(headers or {})})


def refused(
    status: HTTPStatus, text: str, code: str | None = None, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """Return an error as an answer."""
    error = ErrorModel(error=text) if code is None else ErrorModel(error=text, error_code=code)
    return answer(status, json.dumps(error.document(), ensure_ascii=False), headers)


def unauthorized(_: Exception) -> Response[str]:
    """Say that nobody vouches for the caller."""
    return refused(HTTPStatus.UNAUTHORIZED, "Unauthorized", headers={"WWW-Authenticate": "Bearer"})


def forbidden(_: Exception) -> Response[str]:
    """Say that the caller may not, and nothing of what is there."""
    return refused(HTTPStatus.FORBIDDEN, "Forbidden")


def not_found(_: Exception) -> Response[str]:
    """Say that there is no such execution for this caller."""
    return refused(HTTPStatus.NOT_FOUND, "Execution not found")


def unforeseen(fault: Exception) -> Response[str]:
    """Say nothing of a fault of ours; its class goes into the log."""
    log.error("unforeseen", exc_info=fault, extra={"fields": {Key.DOING: "api"}})
    return refused(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error")


def bad_request(fault: BadRequestError) -> Response[str]:
    """Name the parameter that is wrong."""
    return refused(HTTPStatus.BAD_REQUEST, fault.text)


def too_large(_: Exception) -> Response[str]:
    """Say that the body is over the bound."""
    return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large")


def not_valid(fault: RequestValidationError) -> Response[str]:
    """Name the first parameter that is wrong, and not what was given for it."""
    first = fault.errors()[0]
    place = [shown(it) for it in first["loc"] if it not in {"query", "path", "body"} and not isinstance(it, int)]
    reason = {"missing": "is missing", "extra_forbidden": "is not known"}.get(first["type"], "is not valid")
    return refused(HTTPStatus.BAD_REQUEST, f"{_shown(place)}: {reason}")


def of_ours(error: ExecutionError) -> Response[str]:
    """Translate an error of ours by what the caller must do about it."""
    match error:
        case IntentNotFoundError():
            return not_found(error)
        case TransientError():
            headers = {"Retry-After": RETRY_AFTER_S}
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, "Try again", error.error_code, headers)
        case InvalidEventError():
            return refused(HTTPStatus.BAD_REQUEST, f"body: {error.message}", error.error_code)
        case ConfigurationError():
            return unforeseen(error)
        case PermanentError() | ValidationError():
            return refused(HTTPStatus.CONFLICT, error.message, error.error_code)
        case _:
            return unforeseen(error)


TRANSLATIONS: Mapping[type[Exception], Callable[..., Response[str]]] = {
    BadRequestError: bad_request,
    TooLargeError: too_large,
    RequestValidationError: not_valid,
    RequestUnsupportedContentType: lambda _: refused(HTTPStatus.BAD_REQUEST, "body: must be application/json"),
    UnauthorizedError: unauthorized,
    ForbiddenError: forbidden,
    ExecutionError: of_ours,
    UnicodeDecodeError: lambda _: refused(HTTPStatus.BAD_REQUEST, "body: is not UTF-8"),
    NotFoundError: lambda _: refused(HTTPStatus.NOT_FOUND, "Not found"),
    Exception: unforeseen,
}


def _shown(place: list[str]) -> str:
    return ".".join(place) or "body"
