"""The Google Calendar connector: events under ids taken from the effect key (contract CLIENT_ID).

An id that is taken is not always noticed at once (events.insert says so), so a 409 and a success alike are held
against what was asked for, and doubt is settled by reading the event.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from adapters.connectors.exchange import Exchange, Reply
from adapters.connectors.google_calendar_events import BadEventError, Event, event_of, is_cancelled, mismatch
from adapters.connectors.google_calendar_table import (
    DELETED,
    GONE,
    NO_CONTENT,
    NOT_FOUND,
    NOT_THERE,
    OK,
    document_of,
    error_of,
    failure_of,
)
from core.domain.answer import (
    Answer,
    Applied,
    CannotTell,
    Finding,
    Happened,
    NotHappened,
    NotSent,
    ObjectRef,
    Refused,
    Unknown,
)
from core.domain.canonical import Json, compact
from core.domain.errors import ErrorClass
from core.domain.making import dataclass
from core.domain.request import Request
from ports.clock import Clock
from ports.connector import Gate

CREATE, DELETE = "calendar.create_event", "calendar.delete_event"
SYSTEM = "google_calendar"
INSERT_QUERY = "?sendUpdates=none&conferenceDataVersion=0"
DELETE_QUERY = "?sendUpdates=none"
PROBE_QUERY = "?maxResults=1&fields=kind"

_ID = re.compile(r"[A-Za-z0-9_-]{1,1024}")
_LINK = re.compile(r"https://[\x21-\x7e]{1,2000}")
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class _Insert:
    event: Event
    object_id: str


@dataclass(frozen=True, slots=True)
class _Delete:
    object_id: str


_Wish = _Insert | _Delete


class GoogleCalendarConnector:
    """One calendar. Nobody is invited by mail, and nothing is confirmed: people do that."""

    def __init__(self, exchange: Exchange, clock: Clock, calendar_id: str) -> None:
        """Keep the transport, which is built once and whose URL is that of the API."""
        self._exchange = exchange
        self._clock = clock
        base = exchange.endpoint.url.target.decode("ascii").rstrip("/")
        self._events = f"{base}/calendars/{quote(calendar_id, safe='')}/events"

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:  # noqa: ARG002
        try:
            wish = _wish(request)
        except BadEventError as fault:
            return Refused(ErrorClass.VALIDATION, "VALIDATION_FAILED", str(fault))
        match wish:
            case _Insert():
                sent = self._send("POST", INSERT_QUERY, request.timeout_ms, gate, compact(wish.event).encode())
                return _inserted(sent, wish) if isinstance(sent, Reply) else sent
            case _Delete():
                sent = self._send("DELETE", f"/{wish.object_id}{DELETE_QUERY}", request.timeout_ms, gate)
                return _deleted(sent, wish) if isinstance(sent, Reply) else sent

    def look_up(self, request: Request, before: str | None) -> Finding:  # noqa: ARG002 - nothing here is updated
        try:
            wish = _wish(request)
        except BadEventError as fault:
            return CannotTell(str(fault))
        end_ms = self._clock.monotonic_ms() + request.timeout_ms
        reply = self._send("GET", f"/{wish.object_id}", request.timeout_ms)
        if not isinstance(reply, Reply):
            return CannotTell("The event could not be read.")
        if reply.status == OK:
            return _found(reply, wish)
        error = error_of(reply)
        reason = None if error is None else error.reason
        if (reply.status, reason) == (GONE, DELETED):
            return _absent(wish)
        if (reply.status, reason) != (NOT_FOUND, NOT_THERE) or not self._shows_its_events(end_ms):
            return CannotTell(f"The event could not be read: status {reply.status} ({reason or 'no reason'}).")
        return _absent(wish, was_never_there=True)

    def before_image(self, request: Request) -> str | None:  # noqa: ARG002 - nothing here is updated
        return None

    def _shows_its_events(self, end_ms: int) -> bool:
        """Tell whether the calendar can be read: one that we may not see has no events to us either."""
        left_ms = end_ms - self._clock.monotonic_ms()
        if left_ms <= 0:
            return False
        reply = self._send("GET", PROBE_QUERY, left_ms)
        document = document_of(reply) if isinstance(reply, Reply) and reply.status == OK else None
        return document is not None and document.get("kind") == "calendar#events"

    def _send(
        self, method: str, rest: str, timeout_ms: int, gate: Gate | None = None, body: bytes = b""
    ) -> Reply | NotSent | Unknown:
        target = f"{self._events}{rest}"
        reply = self._exchange.send(body, _JSON, timeout_ms=timeout_ms, gate=gate, method=method, target=target)
        if not isinstance(reply, Reply):
            return reply
        redacted = self._exchange.endpoint.auth.redact(_text(reply))
        return replace(reply, body=redacted.encode())


def _wish(request: Request) -> _Wish:
    """Return what a request asks for; BadEventError where it is nothing that this connector does."""
    arguments: Json = json.loads(request.arguments)
    if isinstance(arguments, Mapping):
        if request.tool == CREATE:
            return _Insert(event_of(arguments, request.effect_key), request.effect_key)
        object_id = arguments.get("object_id")
        if request.tool == DELETE:
            if isinstance(object_id, str) and _ID.fullmatch(object_id):
                return _Delete(object_id)
            raise BadEventError("object_id must be the id of an event.")
    raise BadEventError(f"There is no tool {request.tool} for these arguments.")


def _inserted(reply: Reply, wish: _Insert) -> Answer:
    if reply.status != OK:
        return failure_of(reply, creates=True)
    event = document_of(reply)
    if event is None:
        return Unknown("The answer is no event.")
    field = "status" if is_cancelled(event) else mismatch(event, wish.event)
    if field is not None:
        return Unknown(f"The answer shows an event with another {field} than was asked for.")
    return Applied((_ref(event, wish.object_id),), _text(reply))


def _deleted(reply: Reply, wish: _Delete) -> Answer:
    if reply.status == NO_CONTENT and not reply.body:
        return Applied((ObjectRef(SYSTEM, "event", wish.object_id),))
    error = error_of(reply)
    if error is not None and (reply.status, error.reason) == (GONE, DELETED):
        return Applied((ObjectRef(SYSTEM, "event", wish.object_id),), _text(reply))
    return failure_of(reply, creates=False)


def _found(reply: Reply, wish: _Wish) -> Finding:
    event = document_of(reply)
    if event is None or event.get("id") != wish.object_id:
        return CannotTell("The answer is not the event that was asked for.")
    if is_cancelled(event):
        return _absent(wish)
    if isinstance(wish, _Delete):
        return NotHappened()
    field = mismatch(event, wish.event)
    if field is not None:
        return CannotTell(f"Under this id stands an event with another {field}.", changed_otherwise=True)
    return Happened((_ref(event, wish.object_id),), _text(reply))


def _absent(wish: _Wish, *, was_never_there: bool = False) -> Finding:
    if isinstance(wish, _Delete):
        return Happened((ObjectRef(SYSTEM, "event", wish.object_id),))
    return NotHappened() if was_never_there else CannotTell("The event was removed.", changed_otherwise=True)


def _text(reply: Reply) -> str:
    return reply.body.decode(errors="replace")


def _ref(event: Event, object_id: str) -> ObjectRef:
    link = event.get("htmlLink")
    is_link = isinstance(link, str) and _LINK.fullmatch(link) is not None
    return ObjectRef(SYSTEM, "event", object_id, link if is_link and isinstance(link, str) else None)
