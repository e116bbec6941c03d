"""Refusals: what the HTTP API says no with, as the error that the command line ends with."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from core.domain.errors import (
    ConfigurationError,
    ExecutionError,
    IntentNotFoundError,
    OperatorRefusedError,
    RateLimitError,
    StoreUnavailableError,
    UnknownExecutionError,
    ValidationError,
)

MOST_SHOWN = 500
DOUBT = " Whether it was done is not known: look where it stands before you ask again."
NO_EXECUTION = "Execution not found"
_REDIRECTS = range(300, 400)
_LATER = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
_ELSEWHERE = "There is no API of actonce at this url, or one of another version"
_SETUP: Mapping[HTTPStatus, str] = {
    HTTPStatus.UNAUTHORIZED: "The API does not take the token: it has ended, or is not of its issuer.",
    HTTPStatus.FORBIDDEN: "The API forbids it: the token is not for this account, or does not let its bearer do it.",
    HTTPStatus.NOT_FOUND: f"{_ELSEWHERE} (404).",
    HTTPStatus.METHOD_NOT_ALLOWED: f"{_ELSEWHERE} (405).",
    HTTPStatus.MISDIRECTED_REQUEST: "The API does not know itself by the host of this url; see hosts under its [api].",
}
"""What is mended at this side: the token or the address."""


def refusal(status: int, text: str, retry_after_ms: int, *, is_act: bool) -> ExecutionError:
    """Return the error of an answer that is no document. ``text``: its body. ``is_act``: something may be done by now.

    What the API says is shown, shortened and on one line; its status says what it means.
    """
    said, code = _said(text)
    if status == HTTPStatus.NOT_FOUND and said == NO_EXECUTION:
        return IntentNotFoundError("There is no such execution.")
    if status == HTTPStatus.CONFLICT:
        return OperatorRefusedError(said or "The API refuses it.", error_code=code)
    if status in _LATER:
        return _later(status, retry_after_ms, is_act=is_act)
    if status in _SETUP:
        return ConfigurationError(_SETUP[HTTPStatus(status)])
    if status in _REDIRECTS:
        return ConfigurationError(f"The API answers with a redirect ({status}), which is not followed: mend its url.")
    return _other(status, said, is_act=is_act)


def _later(status: int, retry_after_ms: int, *, is_act: bool) -> ExecutionError:
    wait = f"try again in {-(-retry_after_ms // 1000)} seconds" if retry_after_ms else "try again later"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimitError(f"The API gets too many requests; {wait}.", retry_after_s=retry_after_ms / 1000)
    doubt = DOUBT if is_act else ""
    return StoreUnavailableError(f"The API or its store is not available ({status}); {wait}.{doubt}")


def _other(status: int, said: str, *, is_act: bool) -> ExecutionError:
    if status == HTTPStatus.BAD_REQUEST:
        return ValidationError(f"The API does not take what was asked for: {said or 'it does not say why'}.")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return ValidationError("What was asked for is too large for the API (413).")
    doubt = DOUBT if is_act else ""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnknownExecutionError(f"The API met a fault of its own ({status}); its log says more.{doubt}")
    return UnknownExecutionError(f"The answer with the status {status} is none of the API's.{doubt}")


def shown(text: object) -> str:
    """Return somebody else's words on one line, without control characters, shortened."""
    kept = "".join(it if it.isprintable() else " " for it in str(text)[: MOST_SHOWN * 2])
    return " ".join(kept.split())[:MOST_SHOWN]


def _said(text: str) -> tuple[str, str | None]:
    """Return what an error says, and its code; what API Gateway answers by itself has another name for it."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return "", None
    if not isinstance(document, dict):
        return "", None
    said, code = document.get("error", document.get("message", "")), document.get("error_code")
    return (shown(said) if isinstance(said, str) else ""), (shown(code) if isinstance(code, str) else None)
