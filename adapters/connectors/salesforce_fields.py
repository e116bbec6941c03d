"""Which field of an object carries our key, as the organisation describes itself."""

import threading
from collections.abc import Mapping
from dataclasses import field

from adapters.connectors.salesforce_rest import Budget, Heard, Rest
from adapters.connectors.salesforce_table import OK
from adapters.connectors.salesforce_values import is_name
from core.domain.answer import NotSent, Unknown
from core.domain.canonical import Json
from core.domain.making import dataclass
from ports.clock import Clock

KEY_LENGTH = 64
KEEP_MS = 600_000
MOST_OBJECTS = 16
MOST_FIELDS = 2_000
DEFAULT_FIELD = "ActonceKey__c"


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What describe says of a field, as far as it matters here."""

    name: str
    length: int
    is_text: bool
    external_id: bool
    unique: bool
    id_lookup: bool
    filterable: bool
    createable: bool
    updateable: bool


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What describe says of an object."""

    name: str
    createable: bool
    updateable: bool
    deletable: bool
    fields: Mapping[str, FieldFacts]


@dataclass(frozen=True, slots=True)
class Keyed:
    """The field is an external id and unique: what is written under one key is one record."""

    field: str


@dataclass(frozen=True, slots=True)
class Correlated:
    """A field that records can be found by; nothing keeps two from having the same."""

    field: str


@dataclass(frozen=True, slots=True)
class Unkeyed:
    """No field carries our key. A doubt about a new record could never be settled, so none is made."""

    reason: str


Identity = Keyed | Correlated | Unkeyed


@dataclass(frozen=True, slots=True)
class KeyFields:
    """The fields that are meant to carry our key, by object.

    ``stated``: they are as they are named here, and describe is not asked while calls are made.
    """

    external: Mapping[str, str] = field(default_factory=dict)
    correlation: Mapping[str, str] = field(default_factory=dict)
    stated: bool = False

    def of(self, object_type: str) -> tuple[str, str | None]:
        """Return the external id field and the correlation field of an object."""
        return self.external.get(object_type, DEFAULT_FIELD), self.correlation.get(object_type)


class Fields:
    """Asks describe, and keeps what it said for ten minutes, of at most sixteen objects."""

    def __init__(self, rest: Rest, clock: Clock, wanted: KeyFields) -> None:
        """Keep the port."""
        self._rest = rest
        self._clock = clock
        self._wanted = wanted
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, Identity]] = {}

    def identity(self, object_type: str, budget: Budget) -> Identity | Heard | NotSent | Unknown:
        """Return what carries our key, or why describe did not say."""
        if self._wanted.stated:
            return stated(self._wanted, object_type)
        known = self._known.get(object_type)
        if known is not None and self._clock.monotonic_ms() < known[0]:
            return known[1]
        facts = self.described(object_type, budget)
        if not isinstance(facts, ObjectFacts):
            return facts
        found = identity_of(facts, self._wanted)
        # What is not there yet may be made at any moment.
        if not isinstance(found, Unkeyed):
            self._keep(object_type, found)
        return found

    def forget(self, object_type: str) -> None:
        """Ask again the next time: what was kept does not hold any more."""
        with self._lock:
            self._known = {name: it for name, it in self._known.items() if name != object_type}

    def described(self, object_type: str, budget: Budget) -> ObjectFacts | Heard | NotSent | Unknown:
        """Ask describe."""
        heard = self._rest.read(f"/sobjects/{object_type}/describe", budget)
        if not isinstance(heard, Heard):
            return heard
        facts = read_describe(heard.document) if heard.status == OK else None
        return heard if facts is None or facts.name != object_type else facts

    def _keep(self, object_type: str, found: Identity) -> None:
        with self._lock:
            # A new dictionary each time: other threads may be reading the old one.
            latest = dict(list(self._known.items())[-(MOST_OBJECTS - 1) :])
            self._known = {**latest, object_type: (self._clock.monotonic_ms() + KEEP_MS, found)}


def identity_of(facts: ObjectFacts, wanted: KeyFields) -> Identity:
    """Return which field carries our key: the external id where it is one, otherwise what can be searched by."""
    external, correlation = wanted.of(facts.name)
    if not lacks_as_key(facts, external):
        return Keyed(external)
    for name in (correlation, external):
        if name is not None and not lacks_as_correlation(facts, name):
            return Correlated(name)
    return Unkeyed(f"{facts.name} has no field that carries our key: {'; '.join(lacks_as_key(facts, external))}")


def stated(wanted: KeyFields, object_type: str) -> Identity:
    """Return which field carries our key, as configured."""
    correlation = wanted.correlation.get(object_type)
    if object_type in wanted.external:
        return Keyed(wanted.external[object_type])
    return Unkeyed(f"No field is named for {object_type}.") if correlation is None else Correlated(correlation)


def lacks_as_key(facts: ObjectFacts, name: str) -> list[str]:
    """Return what keeps a field from being an external id that we can upsert by."""
    found = facts.fields.get(name)
    if found is None:
        return [f"there is no field {name} that this user sees"]
    lacks = lacks_as_correlation(facts, name)
    needed = {"an external id": found.external_id, "unique": found.unique, "looked up by (idLookup)": found.id_lookup}
    return [*lacks, *(f"{name} is not {what}" for what, holds in needed.items() if not holds)]


def lacks_as_correlation(facts: ObjectFacts, name: str) -> list[str]:
    """Return what keeps a field from being one that our records are found by."""
    found = facts.fields.get(name)
    if found is None:
        return [f"there is no field {name} that this user sees"]
    long_enough = found.is_text and found.length >= KEY_LENGTH
    needed = {
        f"a text of {KEY_LENGTH} characters or more": long_enough,
        "one that can be searched by (filterable)": found.filterable,
        "one that this user may fill in (createable)": found.createable,
    }
    return [f"{name} is not {what}" for what, holds in needed.items() if not holds]


def read_describe(document: Json) -> ObjectFacts | None:
    """Return what describe says, None where it is no answer of describe."""
    if not isinstance(document, dict):
        return None
    name, rows = document.get("name"), document.get("fields")
    if not is_name(name) or not isinstance(name, str) or not isinstance(rows, list) or len(rows) > MOST_FIELDS:
        return None
    fields = [it for it in map(_field, rows) if it is not None]
    can = {it: document.get(it) is True for it in ("createable", "updateable", "deletable")}
    return ObjectFacts(name, can["createable"], can["updateable"], can["deletable"], {it.name: it for it in fields})


def _field(row: Json) -> FieldFacts | None:
    if not isinstance(row, dict):
        return None
    name, length = row.get("name"), row.get("length")
    if not isinstance(name, str) or not is_name(name):
        return None
    return FieldFacts(
        name=name,
        length=length if isinstance(length, int) and not isinstance(length, bool) else 0,
        is_text=row.get("type") == "string",
        external_id=row.get("externalId") is True,
        unique=row.get("unique") is True,
        id_lookup=row.get("idLookup") is True,
        filterable=row.get("filterable") is True,
        createable=row.get("createable") is True,
        updateable=row.get("updateable") is True,
    )
