"""The internal connector, on objects in memory whose store can be cut off before or after it writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from adapters.connectors.internal import TOOLS, Create, InternalConnector
from adapters.memory.objects import MemoryInternalObjects
from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.errors import StoreUnavailableError
from core.domain.request import Request
from tests.conformance.subject import Case, Fault, Kind, Undo, Write

TERMS = Terms(EffectContract.CLIENT_ID)
FAULTS = frozenset({Fault.DROP_BEFORE, Fault.DROP_AFTER})
OWNER = ("tenant", "account")
numbers = count(1)


class FailingObjects:
    """Objects with a log and one fault at a time."""

    def __init__(self) -> None:
        self.people = MemoryInternalObjects()
        self.log: list[Write] = []
        self.asked = 0
        self.faults: dict[bool, Fault] = {}

    def put(self, tenant_id: str, account_id: str, kind: str, object_id: str, fields: str) -> str:
        fault = self._taken(reads=False)
        is_new = self.people.get(tenant_id, account_id, kind, object_id) is None
        held = self.people.put(tenant_id, account_id, kind, object_id, fields)
        if is_new:
            self.log.append(Write(Kind.CREATE, object_id, json.loads(fields)))
        self._after(fault)
        return held

    def get(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> str | None:
        self._after(self._taken(reads=True))
        return self.people.get(tenant_id, account_id, kind, object_id)

    def delete(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> bool:
        fault = self._taken(reads=False)
        was_there = self.people.delete(tenant_id, account_id, kind, object_id)
        if was_there:
            self.log.append(Write(Kind.DELETE, object_id, {}))
        self._after(fault)
        return was_there

    def _taken(self, *, reads: bool) -> Fault | None:
        self.asked += 1
        fault = self.faults.pop(reads, None)
        if fault is Fault.DROP_BEFORE:
            raise StoreUnavailableError("The store is cut off.")
        return fault

    def _after(self, fault: Fault | None) -> None:
        if fault is not None:
            raise StoreUnavailableError("The store is cut off.")


class InternalStand:
    """No network, so that nobody is unreachable and nothing redirects."""

    unreachable = None

    def __init__(self) -> None:
        self._objects = FailingObjects()
        self.connector = InternalConnector(self._objects)

    def arguments(self, case: Case) -> Mapping[str, Json]:
        number = next(numbers)
        tool = TOOLS[case.tool]
        if isinstance(tool, Create):
            return {tool.needs[0]: f"Call them, {number}"}
        self._objects.people.put(*OWNER, tool.kind, f"made-{number}", '{"content":"by people"}')
        return {"object_id": f"made-{number}"}

    def fail(self, request: Request, fault: Fault, *, reads: bool = False, seconds: float = 0.0) -> None:
        self._objects.faults[reads] = fault

    def writes(self) -> Sequence[Write]:
        return list(self._objects.log)

    def is_of(self, write: Write, request: Request) -> bool:
        arguments = json.loads(request.arguments)
        if write.kind is Kind.DELETE:
            return write.object_id == self.object_of(request)
        said = [arguments.get(name) for name in ("content", "title")]
        return write.object_id == request.effect_key and [write.fields.get(it) for it in ("content", "title")] == said

    def object_of(self, request: Request) -> str:
        return str(json.loads(request.arguments)["object_id"])

    def asked(self) -> int:
        return self._objects.asked

    def strays(self) -> int:
        return 0

    def edit(self, object_id: str) -> None:
        for kind in self._kinds(object_id):
            self._objects.people.delete(*OWNER, kind, object_id)
            self._objects.people.put(*OWNER, kind, object_id, '{"content":"edited"}')

    def remove(self, object_id: str) -> None:
        for kind in self._kinds(object_id):
            self._objects.people.delete(*OWNER, kind, object_id)

    def lag(self, seconds: float) -> None:
        raise NotImplementedError("these objects are read strongly")

    def calm(self) -> None:
        self._objects.faults.clear()

    def _kinds(self, object_id: str) -> list[str]:
        return [kind for kind in ("note", "task") if self._objects.people.get(*OWNER, kind, object_id) is not None]


def case_of(tool: str) -> Case:
    is_create = isinstance(TOOLS[tool], Create)
    undo = Undo(tool.replace("create", "delete"), TERMS) if is_create else None
    kind = Kind.CREATE if is_create else Kind.DELETE
    return Case(tool, kind, TERMS, undo, forgets=True, faults=FAULTS, lags=False)


class InternalSubject:
    """Every internal tool."""

    name = "internal"
    cases = tuple(case_of(tool) for tool in TOOLS)

    @contextmanager
    def running(self, folder: Path) -> Iterator[InternalStand]:
        yield InternalStand()


SUBJECT = InternalSubject()
