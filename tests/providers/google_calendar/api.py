"""Events of one calendar, as Google Calendar v3 documents events.insert, get, list and delete.

Strict: credentials, ids, times, attendees and parameters are judged; a deleted event stays as ``cancelled``, keeps its
id taken, and is answered 410 when it is deleted again. What people do:

{"do": "make"} puts an event there and returns its id; {"do": "edit", "id": ...} gives one another title;
{"do": "remove", "id": ...} deletes one; {"do": "hide"} takes the calendar from our sight, {"do": "show"} gives it back.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.providers.faults import Fault
from tests.providers.google_calendar import errors
from tests.providers.messages import Call, Reply
from tests.providers.shelf import CREATE, DELETE, PEOPLE, UPDATE, Fields, Shelf

EVENT = "event"
SCOPE = "https://www.googleapis.com/auth/calendar.events"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PLACE = re.compile(r"/calendar/v3/calendars/([^/]+)/events(?:/([^/]+))?")
EVENT_ID = re.compile(r"[a-v0-9]{5,1024}")
INSERT = {"sendUpdates", "conferenceDataVersion", "maxAttendees", "supportsAttachments", "fields"}
numbers = count(1)


class GoogleCalendar:
    """One calendar of one account."""

    def __init__(self, shelf: Shelf, token: str, calendar_id: str) -> None:
        self.shelf = shelf
        self._token = token
        self._calendar_id = calendar_id
        self._hidden = False

    def token(self, call: Call) -> Reply | None:
        if call.path != "/token":
            return None
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form.get("grant_type") != JWT_BEARER or not _is_assertion(form.get("assertion", "")):
            return Reply(400, {"error": "invalid_grant", "error_description": "Invalid JWT."})
        return Reply(200, {"access_token": self._token, "expires_in": 3599, "token_type": "Bearer"})

    def is_write(self, call: Call) -> bool:
        return call.method != "GET"

    def handle(self, call: Call) -> Reply:
        place = PLACE.fullmatch(call.path)
        if call.headers.get("authorization") != f"Bearer {self._token}":
            return errors.UNAUTHORIZED
        if place is None or unquote(place[1]) != self._calendar_id or self._hidden:
            return errors.NOT_FOUND
        match call.method, place[2]:
            case "POST", None:
                return self._insert(call)
            case "GET", event_id:
                return self._get(event_id)
            case "DELETE", str(event_id):
                return self._delete(call, event_id)
            case _:
                return errors.NOT_FOUND

    def spoken(self, fault: Fault, call: Call) -> Reply:
        return errors.spoken(fault, call)

    def mix_up(self, call: Call) -> Reply:
        event = _stored({"summary": "Somebody else's", **_hour()}, call.document["id"])
        self.shelf.write(UPDATE, (EVENT, str(event["id"])), event, PEOPLE)
        return Reply(200, event)

    def people(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        match wish["do"]:
            case "make":
                event = _stored({"summary": "By people", **_hour()}, f"people{next(numbers)}")
                self.shelf.write(CREATE, (EVENT, str(event["id"])), event, PEOPLE)
                return {"id": event["id"]}
            case "edit":
                self._change(wish["id"], UPDATE, summary="Edited by people")
            case "remove":
                self._change(wish["id"], DELETE, status="cancelled")
            case "hide" | "show":
                self._hidden = wish["do"] == "hide"
            case other:
                raise ValueError(f"people cannot {other}")
        return {}

    def _change(self, event_id: str, op: str, **fields: str) -> None:
        event = self.shelf.now((EVENT, event_id))
        if event is None:
            raise ValueError(f"there is no event {event_id}")
        self.shelf.write(op, (EVENT, event_id), {**event, **fields}, PEOPLE)

    def _insert(self, call: Call) -> Reply:
        event = call.document
        fault = _judged(event, call.query) if isinstance(event, dict) else errors.invalid("Parse Error")
        if fault is not None:
            return fault
        event_id = event.get("id") or f"google{next(numbers)}"
        if self.shelf.now((EVENT, event_id)) is not None:
            return errors.DUPLICATE
        stored = _stored(event, event_id)
        self.shelf.write(CREATE, (EVENT, event_id), stored)
        return Reply(200, stored)

    def _get(self, event_id: str | None) -> Reply:
        if event_id is None:
            return Reply(200, {"kind": "calendar#events", "items": list(self.shelf.all_seen(EVENT).values())})
        event = self.shelf.seen((EVENT, event_id))
        return errors.NOT_FOUND if event is None else Reply(200, event)

    def _delete(self, call: Call, event_id: str) -> Reply:
        if call.query.get("sendUpdates", "none") not in {"all", "externalOnly", "none"}:
            return errors.invalid("Invalid value for: sendUpdates")
        event = self.shelf.now((EVENT, event_id))
        if event is None:
            return errors.NOT_FOUND
        if event["status"] == "cancelled":
            return errors.DELETED
        self.shelf.write(DELETE, (EVENT, event_id), {**event, "status": "cancelled"})
        return Reply(204)


def _judged(event: Mapping[str, Any], query: Mapping[str, str]) -> Reply | None:
    """Return what is wrong with an event that is to be inserted."""
    if stray := sorted(set(query) - INSERT):
        return errors.invalid(f"Unknown parameter: {stray[0]}")
    if query.get("sendUpdates", "none") not in {"all", "externalOnly", "none"}:
        return errors.invalid("Invalid value for: sendUpdates")
    if "id" in event and not EVENT_ID.fullmatch(event["id"]):
        return errors.invalid("Invalid resource id value.")
    if event.get("status", "confirmed") not in {"confirmed", "tentative", "cancelled"}:
        return errors.invalid("Invalid value for: status")
    for attendee in event.get("attendees", []):
        if "@" not in attendee.get("email", ""):
            return errors.invalid("Invalid attendee email.")
    return _judged_times(event)


def _judged_times(event: Mapping[str, Any]) -> Reply | None:
    ends = {}
    for name in ("start", "end"):
        if not isinstance(event.get(name), dict):
            return errors.error(400, "required", f"Missing {name} time.")
        text = event[name].get("dateTime") or event[name].get("date") or ""
        try:
            ends[name] = datetime.fromisoformat(text)
        except ValueError:
            return errors.invalid(f"Invalid {name} time.")
        if "dateTime" in event[name] and ends[name].tzinfo is None and "timeZone" not in event[name]:
            return errors.error(400, "required", f"Missing time zone definition for {name} time.")
    if event["start"].keys() != event["end"].keys():
        return errors.invalid("Start and end times must either both be date or both be dateTime.")
    return errors.EMPTY_RANGE if ends["end"] <= ends["start"] else None


def _stored(event: Mapping[str, Any], event_id: str) -> Fields:
    link = base64.urlsafe_b64encode(event_id.encode()).decode().rstrip("=")
    attendees = [{"responseStatus": "needsAction", **one} for one in event.get("attendees", [])]
    return {
        "kind": "calendar#event",
        "etag": f'"{next(numbers)}"',
        "status": "confirmed",
        "htmlLink": f"https://www.google.com/calendar/event?eid={link}",
        **event,
        "id": event_id,
        **({"attendees": attendees} if attendees else {}),
        "iCalUID": f"{event_id}@google.com",
        "sequence": 0,
    }


def _hour() -> Fields:
    return {"start": {"dateTime": "2026-12-01T09:00:00Z"}, "end": {"dateTime": "2026-12-01T10:00:00Z"}}


def _is_assertion(text: str) -> bool:
    """Say whether this is a JWT with the claims that Google asks for; its signature is not looked at."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(text.split(".")[1] + "==="))
        return claims["scope"] == SCOPE and 0 < claims["exp"] - claims["iat"] <= 3600 and bool(claims["iss"])
    except (IndexError, KeyError, ValueError, TypeError):
        return False
