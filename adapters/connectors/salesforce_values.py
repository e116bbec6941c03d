"""Values as Salesforce keeps them: its ids, its query language, and when what it holds is what was asked for."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from core.domain.canonical import Json

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT = 15
_ESCAPES = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}

PREFIXES: Mapping[str, str] = {
    "Account": "001",
    "Contact": "003",
    "Lead": "00Q",
    "Opportunity": "006",
    "Task": "00T",
}
"""How the ids of an object begin, the same in every organisation."""


def is_id(text: object, object_type: str | None = None) -> bool:
    """Tell whether this is an id of 15 or 18 characters, with its check characters right, of that object."""
    if not isinstance(text, str) or _ID.fullmatch(text) is None:
        return False
    if object_type is not None and not text.startswith(PREFIXES[object_type]):
        return False
    return len(text) == _SHORT or text[_SHORT:] == _check(text)


def is_name(text: object) -> bool:
    """Tell whether this can be the API name of a field."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def quoted(text: str) -> str:
    """Return a text as a literal of SOQL.

    Raises:
        ValueError: it has a control character that has no spelling there.
    """
    literal = "".join(_ESCAPES.get(it, it) for it in text)
    if any(ord(it) < ord(" ") for it in literal):
        raise ValueError("A control character has no place in a query.")
    return f"'{literal}'"


def agrees(wanted: Mapping[str, Json], held: Mapping[str, Json]) -> bool:
    """Tell whether a record, its names in lower case, holds every field as it was asked for."""
    return all(name.lower() in held and is_same(value, held[name.lower()]) for name, value in wanted.items())


def is_same(wanted: Json, held: Json) -> bool:
    """Tell whether a field holds what was asked for, in whatever way Salesforce gives it back.

    It trims texts, keeps an empty one as null, ends lines in its own way, gives ids 18 characters and numbers and
    moments another spelling.
    """
    if isinstance(wanted, bool) or isinstance(held, bool):
        return wanted is held
    if _is_empty(wanted) or _is_empty(held):
        return _is_empty(wanted) and _is_empty(held)
    if isinstance(held, int | float):
        return _number(wanted) == _number(held)
    if isinstance(wanted, str) and isinstance(held, str):
        return _plain(wanted) == _plain(held) or _is_same_id(wanted, held) or _is_same_moment(wanted, held)
    return False


def moment(text: object) -> datetime | None:
    """Return a moment as Salesforce writes it, None for anything else."""
    if not isinstance(text, str) or _MOMENT.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _check(text: str) -> str:
    parts = (text[start : start + 5] for start in range(0, _SHORT, 5))
    return "".join(_SUFFIX[sum(1 << place for place, it in enumerate(part) if it.isupper())] for part in parts)


def _is_empty(value: Json) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _number(value: Json) -> Decimal | None:
    try:
        number = Decimal(str(value)) if isinstance(value, int | float | str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _is_same_id(one: str, other: str) -> bool:
    return is_id(one) and is_id(other) and one[:_SHORT] == other[:_SHORT]


def _is_same_moment(one: str, other: str) -> bool:
    found = moment(one)
    return found is not None and found == moment(other)
