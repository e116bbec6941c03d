"""Which arguments a registry entry would send to which tools, made as the core makes them.

What a parameter's value will be only its intent says. So each argument bears how much is known of it.
"""

from collections.abc import Iterator, Mapping
from enum import Enum, auto

from core.domain.canonical import Json
from core.domain.contract import Terms
from core.domain.intent import Target
from core.domain.keys import IntentKey
from core.domain.making import dataclass
from core.domain.registry import RegistryEntry, Transform
from core.domain.request import MappedCall, binding, effect_key, map_compensation

KEY = IntentKey("tenant", "account", "intent")
TARGET = Target("ENTITY", "entity")
TEXT = "TEXT"
OBJECT_ID = "object"
TIMEOUT_S = 60
EFFECT_KEY = "idempotency_key"


class Known(Enum):
    """How much is known of an argument beforehand."""

    NAME = auto()
    """That it is there."""
    FORM = auto()
    """That it is a text, or an object of a known form."""
    VALUE = auto()
    """That its value is like this one in every way that matters."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One tool, and the arguments that it will be given: all there may be, or only those there must be."""

    tool: str
    arguments: Mapping[str, Json]
    known: Mapping[str, Known]


def sendings(entry: RegistryEntry) -> Iterator[Sending]:
    """Yield what an entry would send: to its tool, its reading tools, and those of its compensation."""
    known = {it.argument: _known(it.transform) for it in entry.parameters}
    for only_required in (True, False):
        arguments: dict[str, Json] = {it.argument: TEXT for it in entry.parameters if it.required or not only_required}
        if entry.takes_target and not only_required:
            arguments["target"] = TARGET.document()
        call = MappedCall(
            KEY,
            entry.tool,
            entry.tool_schema_version,
            entry.version,
            entry.terms,
            TIMEOUT_S * 1000,
            arguments | binding(KEY),
        )
        yield from _of(call, "ACTION", entry.terms, known)
    if entry.compensation.tool is not None and entry.compensation.terms is not None:
        undo = map_compensation(KEY, entry, OBJECT_ID, TIMEOUT_S)
        yield from _of(undo, "UNDO", entry.compensation.terms, {})


def _of(call: MappedCall, kind: str, terms: Terms, known: Mapping[str, Known]) -> Iterator[Sending]:
    arguments = {**call.arguments, EFFECT_KEY: effect_key(call, kind, 1)}
    all_known = {**dict.fromkeys(arguments, Known.FORM), **known, EFFECT_KEY: Known.VALUE}
    yield Sending(call.tool, arguments, all_known)
    if terms.before_tool is not None:
        yield Sending(terms.before_tool, arguments, all_known)
    if terms.look_up_tool is not None:
        yield Sending(terms.look_up_tool, arguments, all_known)
        if terms.before_tool is not None:
            yield Sending(terms.look_up_tool, {**arguments, "before": {}}, {**all_known, "before": Known.NAME})


def _known(transform: Transform) -> Known:
    return Known.NAME if transform is Transform.PASSTHROUGH else Known.FORM
