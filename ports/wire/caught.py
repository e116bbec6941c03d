"""Errors as they pass through a state machine: the class by its name, code and message in the text."""

import re

from core.domain import errors
from core.domain.errors import ExecutionError, InvalidEventError, PermanentError, UnknownExecutionError
from ports.wire.bounds import load
from ports.wire.state import CaughtModel

MAX_TEXT = 1_000

_TEXT = re.compile(r"([A-Z][A-Z_]{0,63}): ?([^\x00-\x1f\x7f]{0,1000})")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,127}")
_CLASSES = {name: it for name, it in vars(errors).items() if isinstance(it, type) and issubclass(it, PermanentError)}


def told(error: ExecutionError) -> str:
    """Return the text that an error tells where only its class name and a text go."""
    return " ".join(f"{error.error_code}: {error.message}".split())[:MAX_TEXT]


def error_of(caught: CaughtModel) -> PermanentError:
    """Return the error that was caught; what is not one of ours is an unforeseen fault, whose text is not repeated."""
    kind = _CLASSES.get(caught.error)
    text = _TEXT.fullmatch(_message(caught.cause))
    if kind is None or text is None:
        name = caught.error if _NAME.fullmatch(caught.error) else "(odd name)"
        return UnknownExecutionError(f"An unforeseen fault of this system before anything was prepared: {name}.")
    return kind(text[2], error_code=text[1])


def _message(cause: str) -> str:
    """Return the message in what Lambda tells of an exception, empty where there is none."""
    try:
        document = load(cause)
    except InvalidEventError:
        return ""
    message = document.get("errorMessage") if isinstance(document, dict) else None
    return message if isinstance(message, str) else ""
