"""Events of Google Calendar: from a tool's arguments to the body that is sent, and whether one found is that one."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from core.domain.canonical import Json

MARK = "actonceEffect"
"""The private property that bears the effect key, so that an event of ours is told from one under the same id."""
MOST_ATTENDEES = 200
CANCELLED = "cancelled"

ARGUMENTS: Mapping[str, bool] = {"title": True, "start": True, "end": True, "attendees": False, "notes": False}
"""What an event is made of, and whether it must be there."""
LISTS = frozenset({"attendees"})

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})")
_ADDRESS = re.compile(r"[^@\s,;<>]{1,256}@[^@\s,;<>]{1,256}")

Event = Mapping[str, Json]


class BadEventError(Exception):
    """The arguments are no event. The message is safe to show."""


def event_of(arguments: Mapping[str, Json], effect_key: str) -> Event:
    """Return the body of an insert: tentative, without a conference, its id and mark the effect key.

    Raises:
        BadEventError: a field is missing or is not what it should be; it is named.
    """
    start, end = _moment("start", arguments.get("start")), _moment("end", arguments.get("end"))
    if start.keys() != end.keys():
        raise BadEventError("start and end must both be dates, or both date-times.")
    if (_order(end) or 0.0) <= (_order(start) or 0.0):
        raise BadEventError("end must be after start.")
    event: dict[str, Json] = {
        "id": effect_key,
        "status": "tentative",
        "summary": _text("title", arguments.get("title")),
        "start": start,
        "end": end,
        "extendedProperties": {"private": {MARK: effect_key}},
    }
    if arguments.get("notes") is not None:
        event["description"] = _text("notes", arguments["notes"])
    if addresses := _addresses(arguments.get("attendees")):
        event["attendees"] = [{"email": address} for address in addresses]
    return event


def mismatch(found: Event, wanted: Event) -> str | None:
    """Return the first field in which an event is not the one that was asked for, None where it is.

    Its status is not compared, for people confirm what is tentative, nor who accepted; more attendees are no mismatch.
    """
    if _mark(found) != _mark(wanted):
        return "extendedProperties"
    for name in ("id", "summary", "description"):
        if (found.get(name) or "") != (wanted.get(name) or ""):
            return name
    for name in ("start", "end"):
        if _order(found.get(name)) != _order(wanted[name]):
            return name
    return None if _emails(wanted) <= _emails(found) else "attendees"


def is_cancelled(event: Event) -> bool:
    """Tell whether an event was deleted; Google Calendar goes on showing it."""
    return event.get("status") == CANCELLED


def _moment(name: str, value: Json) -> Mapping[str, str]:
    if isinstance(value, str):
        kind = "dateTime" if _DATE_TIME.fullmatch(value) else "date" if _DATE.fullmatch(value) else None
        if kind is not None and _order({kind: value}) is not None:
            return {kind: value}
    raise BadEventError(f"{name} must be a date-time with its offset, such as 2026-12-01T09:00:00+01:00, or a date.")


def _order(moment: Json) -> float | None:
    """Return a number that orders moments of one kind, and names one whatever its offset; None where it is none."""
    if not isinstance(moment, Mapping):
        return None
    at, day = moment.get("dateTime"), moment.get("date")
    try:
        if isinstance(at, str):
            return datetime.fromisoformat(at).timestamp() if _DATE_TIME.fullmatch(at) else None
        return float(date.fromisoformat(day).toordinal()) if isinstance(day, str) else None
    except (ValueError, OverflowError):
        return None


def _text(name: str, value: Json) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadEventError(f"{name} must be a text that says something.")
    return value


def _addresses(value: Json) -> Sequence[str]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST_ATTENDEES:
        raise BadEventError(f"attendees must be a list of at most {MOST_ATTENDEES} e-mail addresses.")
    addresses = [one for one in value if isinstance(one, str) and _ADDRESS.fullmatch(one)]
    if len(addresses) != len(value):
        raise BadEventError("attendees must be e-mail addresses.")
    return addresses


def _emails(event: Event) -> frozenset[str]:
    attendees = event.get("attendees")
    listed = attendees if isinstance(attendees, list) else []
    emails = (one.get("email") for one in listed if isinstance(one, Mapping))
    return frozenset(email.lower() for email in emails if isinstance(email, str))


def _mark(event: Event) -> Json:
    extended = event.get("extendedProperties")
    private = extended.get("private") if isinstance(extended, Mapping) else None
    return private.get(MARK) if isinstance(private, Mapping) else None
