"""Reading records of Salesforce: by id, by our key, and what they were before a change."""

import json
from collections.abc import Mapping, Sequence
from email.utils import format_datetime

from adapters.connectors.salesforce_rest import Budget, Heard, Rest, escaped
from adapters.connectors.salesforce_table import MULTIPLE, OK, is_absent, is_gone
from adapters.connectors.salesforce_tools import Update
from adapters.connectors.salesforce_values import is_id, moment, quoted
from core.domain.answer import NotSent, Unknown
from core.domain.canonical import Json, compact
from core.domain.making import dataclass

STAMPS = ("LastModifiedDate", "SystemModstamp")
MOST_FOUND = 3


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands. Names are in lower case, for Salesforce does not tell them apart by case.

    ``text`` is the answer it came in.
    """

    object_id: str
    fields: Mapping[str, Json]
    is_deleted: bool = False
    text: str = ""

    @property
    def stamps(self) -> dict[str, Json]:
        """Return what every change moves on."""
        return {name: self.fields.get(name.lower()) for name in STAMPS}


@dataclass(frozen=True, slots=True)
class Absent:
    """There is none for this user. ``was_there``: it is in the bin, or has left it."""

    was_there: bool = False


@dataclass(frozen=True, slots=True)
class Several:
    """More than one has the key."""


Unread = Heard | NotSent | Unknown
"""What came instead of a record; ``salesforce_table.why`` puts it into words."""

Read = Record | Absent | Several | Unread


@dataclass(frozen=True, slots=True)
class Image:
    """What an update is about to change."""

    is_there: bool
    stamps: Mapping[str, Json]
    fields: Mapping[str, Json]

    def text(self) -> str:
        """Return the JSON form that is stored."""
        return compact({"is_there": self.is_there, "stamps": self.stamps, "fields": self.fields})


class Records:
    """Reads of one organisation."""

    def __init__(self, rest: Rest) -> None:
        """Keep the port."""
        self._rest = rest

    def by_id(self, object_type: str, object_id: str, names: Sequence[str], budget: Budget) -> Read:
        """Read a record by its id: the row itself, which no index stands before."""
        return _row(self._rest.read(f"/sobjects/{object_type}/{object_id}?fields={_selected(names)}", budget))

    def by_key(self, object_type: str, key: tuple[str, str], names: Sequence[str], budget: Budget) -> Read:
        """Read a record by the external id ``key``, a field and its value."""
        path = f"/sobjects/{object_type}/{key[0]}/{escaped(key[1])}?fields={_selected(names)}"
        return _row(self._rest.read(path, budget))

    def search(self, object_type: str, key: tuple[str, str], names: Sequence[str], budget: Budget) -> Read:
        """Search for the one record that has a value in a field, in the bin too."""
        where = f"{key[0]} = {quoted(key[1])}"
        columns = ", ".join(dict.fromkeys(("Id", "IsDeleted", *STAMPS, *names)))
        # The names are the connector's own, or were checked to be names.
        soql = f"SELECT {columns} FROM {object_type} WHERE {where} LIMIT {MOST_FOUND}"  # noqa: S608
        return _found(self._rest.query(soql, budget))

    def image(self, plan: Update, budget: Budget) -> Image | None:
        """Read what an update is about to change; None: it could not be read now."""
        read = self.by_id(plan.object_type, plan.object_id, [*plan.fields], budget)
        if isinstance(read, Absent):
            return Image(is_there=False, stamps={}, fields={})
        names = {name.lower() for name in plan.fields}
        if not isinstance(read, Record) or not names <= read.fields.keys():
            return None
        return Image(is_there=True, stamps=read.stamps, fields={name: read.fields[name] for name in names})


def read_image(text: str | None) -> Image | None:
    """Return what was stored as the before-image, None where there is none that can be read."""
    try:
        document = json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    stamps, fields = document.get("stamps"), document.get("fields")
    if not isinstance(stamps, dict) or not isinstance(fields, dict):
        return None
    return Image(document.get("is_there") is True, stamps, fields)


def unmodified_since(image: Image) -> dict[str, str]:
    """Return the header under which a change is only carried out on what the image shows, none where it cannot be.

    It counts in seconds, as LastModifiedDate does: a change by others within the very second is not seen.
    """
    changed_at = moment(image.stamps.get(STAMPS[0]))
    return {} if changed_at is None else {"If-Unmodified-Since": format_datetime(changed_at, usegmt=True)}


def _selected(names: Sequence[str]) -> str:
    return ",".join(dict.fromkeys(("Id", *STAMPS, *names)))


def _row(heard: Heard | NotSent | Unknown) -> Read:
    if not isinstance(heard, Heard):
        return heard
    if heard.status == MULTIPLE:
        return Several()
    if is_absent(heard):
        return Absent(was_there=is_gone(heard))
    record = _record(heard.document, heard.text) if heard.status == OK else None
    return heard if record is None else record


def _found(heard: Heard | NotSent | Unknown) -> Read:
    if not isinstance(heard, Heard):
        return heard
    body = heard.document
    rows = body.get("records") if heard.status == OK and isinstance(body, dict) and body.get("done") is True else None
    if not isinstance(rows, list) or not isinstance(body, dict) or body.get("totalSize") != len(rows):
        return heard
    if not rows:
        return Absent()
    record = _record(rows[0], heard.text)
    if record is None:
        return heard
    return record if len(rows) == 1 else Several()


def _record(row: Json, text: str) -> Record | None:
    if not isinstance(row, dict):
        return None
    object_id = row.get("Id")
    if not isinstance(object_id, str) or not is_id(object_id) or moment(row.get(STAMPS[0])) is None:
        return None
    fields = {name.lower(): value for name, value in row.items()}
    return Record(object_id, fields, row.get("IsDeleted") is True, text)
