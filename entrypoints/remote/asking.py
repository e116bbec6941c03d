"""Asking the HTTP API: one request, and its answer read through the very model that it was written with."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel
from pydantic import ValidationError as PydanticError

from core.domain.answer import Cause, NotSent, Unknown
from core.domain.errors import ExecutionError, StoreUnavailableError, UnknownExecutionError
from entrypoints.remote.refusals import DOUBT, refusal, shown
from ports.wire.intent import reason

Model = TypeVar("Model", bound=BaseModel)
Query = Mapping[str, str | None]


class Reply(Protocol):
    """An answer that came whole. ``retry_after_ms`` is 0 for none."""

    @property
    def status(self) -> int:
        """Its HTTP status."""
        ...

    @property
    def retry_after_ms(self) -> int:
        """The wait that was asked for."""
        ...

    @property
    def body(self) -> bytes:
        """What came."""
        ...


class Way(Protocol):
    """The way to the API: within a time and a size, with the token, following no redirect, repeating nothing."""

    def send(self, method: str, target: str, body: bytes) -> Reply | NotSent | Unknown:
        """Send one request and read its answer; ``target`` is path and query below the API's own address."""
        ...

    def redact(self, text: str) -> str:
        """Return the text without the token."""
        ...


class Asking:
    """Asks, and returns documents that are valid; everything else is raised as the error that it means."""

    def __init__(self, way: Way) -> None:
        """Keep the way."""
        self._way = way

    def look(self, model: type[Model], path: str, query: Query | None = None) -> Model:
        """Return the document at a path; what of the query is None is left out."""
        return self._asked(model, "GET", _target(path, query or {}), b"", is_act=False)

    def act(self, model: type[Model], method: str, path: str, body: BaseModel, query: Query | None = None) -> Model:
        """Ask for an act, and return what came of it."""
        sent = body.model_dump_json(exclude_none=True).encode()
        return self._asked(model, method, _target(path, query or {}), sent, is_act=True)

    def rehearse(self, model: type[Model], path: str, body: BaseModel, query: Query) -> Model:
        """Ask what would come of an act, and return that.

        Only what is told of a rehearsal shows that it was one: whoever answers 200 with anything else may have acted.
        """
        sent = body.model_dump_json(exclude_none=True).encode()
        target = _target(path, {**query, "dry_run": "true"})
        return self._asked(model, "POST", target, sent, is_act=False, is_rehearsal=True)

    def _asked(
        self,
        model: type[Model],
        method: str,
        target: str,
        body: bytes,
        *,
        is_act: bool,
        is_rehearsal: bool = False,
    ) -> Model:
        reply = self._way.send(method, target, body)
        if isinstance(reply, NotSent | Unknown):
            raise self._failed(reply, is_act=is_act)
        try:
            text = self._way.redact(reply.body.decode())
        except UnicodeDecodeError:
            raise unreadable("it is not UTF-8", is_act=is_act or is_rehearsal) from None
        if reply.status != HTTPStatus.OK:
            raise refusal(reply.status, text, reply.retry_after_ms, is_act=is_act)
        try:
            return model.model_validate_json(text)
        except PydanticError as fault:
            # Without its cause: that would show what came.
            raise unreadable(reason(fault), is_act=is_act or is_rehearsal) from None

    def _failed(self, answer: NotSent | Unknown, *, is_act: bool) -> ExecutionError:
        match answer:
            case NotSent():
                return StoreUnavailableError(f"The API is not reached. {self._told(answer.detail)}")
            case Unknown(timed_out=True):
                return StoreUnavailableError(f"The API did not answer in time.{DOUBT if is_act else ''}")
            case Unknown(cause=Cause.TRANSPORT):
                doubt = DOUBT if is_act else ""
                return StoreUnavailableError(f"{self._told(answer.reason)}{doubt}")
            case Unknown():
                return unreadable(self._told(answer.reason), is_act=is_act)

    def _told(self, text: str) -> str:
        said = shown(self._way.redact(text)).rstrip(".")
        return f"{said}."


def unreadable(why: str, *, is_act: bool) -> UnknownExecutionError:
    """Return how it is said that an answer is none of the API's."""
    return UnknownExecutionError(
        f"The API's answer cannot be read: {shown(why).rstrip('.')}. Is it this version's?{DOUBT if is_act else ''}"
    )


def segment(text: str) -> str:
    """Return an id as a part of a path."""
    return quote(text, safe=":@")


def _target(path: str, query: Query) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path
