"""The internal connector: notes and tasks that this system keeps itself, under ids taken from the effect key."""

import json
from collections.abc import Mapping

from core.domain.answer import (
    Answer,
    Applied,
    CannotTell,
    Finding,
    Happened,
    NotHappened,
    ObjectRef,
    Refused,
    Unknown,
)
from core.domain.canonical import Json, compact
from core.domain.errors import ErrorClass, StoreUnavailableError
from core.domain.keys import is_id
from core.domain.making import dataclass
from core.domain.request import Request
from ports.connector import Gate
from ports.internal_objects import InternalObjects

SYSTEM = "internal"
UNAVAILABLE = "The store of internal objects did not answer."

# What an object is filed under is not part of it.
_FILED_UNDER = frozenset({"idempotency_key", "tenant_id", "account_id"})


@dataclass(frozen=True, slots=True)
class Create:
    """A tool that makes an object; ``needs`` are the fields of which one must say something."""

    kind: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """A tool that removes the object named by the argument ``object_id``."""

    kind: str


TOOLS: Mapping[str, Create | Delete] = {
    "internal.create_note": Create("note", ("content",)),
    "internal.create_task": Create("task", ("title", "description")),
    "internal.delete_note": Delete("note"),
    "internal.delete_task": Delete("task"),
}


class InternalConnector:
    """Contract CLIENT_ID throughout. Tenant and account are the request's key, whatever the arguments say."""

    def __init__(self, objects: InternalObjects) -> None:
        """Keep the port."""
        self._objects = objects

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:  # noqa: ARG002
        if (closed := gate.closed()) is not None:
            return closed
        tool = TOOLS.get(request.tool)
        arguments = _arguments(request)
        if tool is None or arguments is None:
            return _refused(f"There is no internal tool {request.tool} for these arguments.")
        try:
            if isinstance(tool, Create):
                return self._create(request, tool, arguments)
            return self._delete(request, tool, arguments)
        except StoreUnavailableError:
            return Unknown(UNAVAILABLE)

    def look_up(self, request: Request, before: str | None) -> Finding:  # noqa: ARG002 - nothing here is updated
        tool = TOOLS.get(request.tool)
        arguments = _arguments(request)
        if tool is None or arguments is None:
            return CannotTell(f"There is no internal tool {request.tool} for these arguments.")
        object_id = request.effect_key if isinstance(tool, Create) else _object_id(arguments)
        if object_id is None:
            return CannotTell("The arguments name no object.")
        try:
            held = self._objects.get(request.key.tenant_id, request.key.account_id, tool.kind, object_id)
        except StoreUnavailableError:
            return CannotTell(UNAVAILABLE)
        ref = ObjectRef(SYSTEM, tool.kind, object_id)
        if isinstance(tool, Delete):
            return Happened((ref,)) if held is None else NotHappened()
        return _found(ref, held, _fields(arguments))

    def before_image(self, request: Request) -> str | None:  # noqa: ARG002 - nothing here is updated
        return None

    def _create(self, request: Request, tool: Create, arguments: Mapping[str, Json]) -> Answer:
        if not any(arguments.get(name) for name in tool.needs):
            return _refused(f"{request.tool} needs {' or '.join(tool.needs)}.")
        key, object_id, fields = request.key, request.effect_key, _fields(arguments)
        held = self._objects.put(key.tenant_id, key.account_id, tool.kind, object_id, fields)
        if held != fields:
            # The id is a digest of these very fields: somebody wrote past this system.
            return Unknown("Under this id stands something else.")
        return Applied((ObjectRef(SYSTEM, tool.kind, object_id),), held)

    def _delete(self, request: Request, tool: Delete, arguments: Mapping[str, Json]) -> Answer:
        object_id = _object_id(arguments)
        if object_id is None:
            return _refused(f"{request.tool} needs object_id.")
        self._objects.delete(request.key.tenant_id, request.key.account_id, tool.kind, object_id)
        return Applied((ObjectRef(SYSTEM, tool.kind, object_id),))


def _arguments(request: Request) -> Mapping[str, Json] | None:
    arguments: Json = json.loads(request.arguments)
    return arguments if isinstance(arguments, dict) else None


def _object_id(arguments: Mapping[str, Json]) -> str | None:
    object_id = arguments.get("object_id")
    return object_id if isinstance(object_id, str) and is_id(object_id) else None


def _fields(arguments: Mapping[str, Json]) -> str:
    return compact({name: value for name, value in arguments.items() if name not in _FILED_UNDER})


def _found(ref: ObjectRef, held: str | None, wanted: str) -> Finding:
    if held is None:
        return NotHappened()
    if held != wanted:
        return CannotTell("Under this id stands something else.", changed_otherwise=True)
    return Happened((ref,), held)


def _refused(message: str) -> Refused:
    return Refused(ErrorClass.VALIDATION, "VALIDATION_FAILED", message)
