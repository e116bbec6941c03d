"""Which arguments a registry entry would send to which tools: made as the core makes them, sent as the connector does.

What a parameter's value will be only its intent says. So each argument bears how much is known of it.
"""

import json
from collections.abc import Iterator, Mapping
from enum import Enum, auto

from adapters.connectors.dressing import Asking, Dressing, for_call, for_image, for_look_up
from core.domain.canonical import Json
from core.domain.intent import Target
from core.domain.keys import IntentKey
from core.domain.making import dataclass
from core.domain.proof import PROOF
from core.domain.registry import RegistryEntry, Transform
from core.domain.request import MappedCall, Request, binding, frozen, map_compensation

KEY = IntentKey("tenant", "account", "intent")
TARGET = Target("ENTITY", "entity")
TEXT = "TEXT"
OBJECT_ID = "object"
TIMEOUT_S = 60
EFFECT_KEY = "idempotency_key"
BEFORE = "before"


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
    """One tool by its name there, and the arguments that it will be given: all there may be, or those there must be."""

    tool: str
    arguments: Mapping[str, Json]
    known: Mapping[str, Known]


def sendings(entry: RegistryEntry, dressing: Dressing) -> Iterator[Sending]:
    """Yield what an entry would send: to its tool, its reading tools, and those of its compensation.

    Raises:
        NotReadyError: it cannot be dressed now, so nothing would be sent.
    """
    known = {it.argument: _known(it.transform) for it in entry.parameters}
    for request in _requests(entry):
        own = dict.fromkeys(json.loads(request.arguments), Known.FORM)
        all_known = own | known | {EFFECT_KEY: Known.VALUE, BEFORE: Known.NAME, PROOF: Known.FORM}
        for asking in _askings(request):
            tool, text = dressing.dressed(asking)
            arguments: dict[str, Json] = json.loads(text)
            if PROOF in arguments:
                # What a schema turns away is quoted, and nobody is to see what our key has signed.
                arguments[PROOF] = TEXT
            yield Sending(tool, arguments, all_known)


def _requests(entry: RegistryEntry) -> Iterator[Request]:
    """Yield the requests of an action, with what must be there and with all there may be, and that of its undo."""
    for only_required in (True, False):
        arguments: dict[str, Json] = {it.argument: TEXT for it in entry.parameters if it.required or not only_required}
        if entry.takes_target:
            # Whether there is one only its intent says, as with a value.
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
        yield frozen(call, "ACTION", 1)
    if entry.compensation.tool is not None and entry.compensation.terms is not None:
        yield frozen(map_compensation(KEY, entry, OBJECT_ID, TIMEOUT_S), "UNDO", 1)


def _askings(request: Request) -> Iterator[Asking]:
    """Yield everything that the connector may ask for a request."""
    image = for_image(request)
    looks = [for_look_up(request, None), None if image is None else for_look_up(request, "{}")]
    yield from (it for it in (for_call(request), image, *looks) if it is not None)


def _known(transform: Transform) -> Known:
    return Known.NAME if transform is Transform.PASSTHROUGH else Known.FORM
