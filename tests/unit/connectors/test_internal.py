from __future__ import annotations

import pytest

from adapters.connectors.internal import InternalConnector
from adapters.memory.objects import MemoryInternalObjects
from core.domain.answer import Applied, CannotTell, Happened, NotHappened, ObjectRef, Refused, Unknown
from core.domain.errors import StoreUnavailableError
from core.domain.request import Request
from tests.unit.connectors.peers import SHUT, OpenGate, ShutGate, request_of

NOTE = request_of("internal.create_note", content="They called.")
CREATES = [
    (NOTE, "note"),
    (request_of("internal.create_task", title="Call them", description="soon"), "task"),
]


class LostObjects:
    def put(self, tenant_id: str, account_id: str, kind: str, object_id: str, fields: str) -> str:
        raise StoreUnavailableError("away")

    def get(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> str | None:
        raise StoreUnavailableError("away")

    def delete(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> bool:
        raise StoreUnavailableError("away")


@pytest.mark.parametrize(("made", "kind"), CREATES)
def test_an_object_is_made_once_under_an_id_from_the_effect_key(made: Request, kind: str) -> None:
    objects = MemoryInternalObjects()
    connector, gate = InternalConnector(objects), OpenGate()
    assert connector.look_up(made, None) == NotHappened()
    first, again = connector.call(made, gate, None), connector.call(made, gate, None)
    assert isinstance(first, Applied)
    assert first == again
    assert first.refs == (ObjectRef("internal", kind, made.effect_key),)
    assert objects.get("tenant", "account", kind, made.effect_key) == first.response
    assert connector.look_up(made, None) == Happened(first.refs, first.response)
    assert gate.asked == 2


@pytest.mark.parametrize(("made", "kind"), CREATES)
def test_an_object_is_removed_once_and_its_absence_is_what_counts(made: Request, kind: str) -> None:
    objects = MemoryInternalObjects()
    connector = InternalConnector(objects)
    connector.call(made, OpenGate(), None)
    removal = request_of(f"internal.delete_{kind}", object_id=made.effect_key)
    assert connector.look_up(removal, None) == NotHappened()
    for _ in range(2):
        answer = connector.call(removal, OpenGate(), None)
        assert answer == Applied((ObjectRef("internal", kind, made.effect_key),))
        assert isinstance(connector.look_up(removal, None), Happened)
    assert connector.look_up(made, None) == NotHappened()


def test_another_tenants_objects_are_out_of_reach_whatever_the_arguments_say() -> None:
    objects = MemoryInternalObjects()
    objects.put("other", "account", "note", "n1", "{}")
    removal = request_of("internal.delete_note", object_id="n1", tenant_id="other")
    assert isinstance(InternalConnector(objects).call(removal, OpenGate(), None), Applied)
    assert objects.get("other", "account", "note", "n1") == "{}"


def test_what_stands_under_our_id_and_is_not_ours_is_told_truthfully() -> None:
    objects = MemoryInternalObjects()
    objects.put("tenant", "account", "note", NOTE.effect_key, '{"content":"forged"}')
    connector = InternalConnector(objects)
    assert isinstance(connector.call(NOTE, OpenGate(), None), Unknown)
    found = connector.look_up(NOTE, None)
    assert isinstance(found, CannotTell)
    assert found.changed_otherwise


def test_a_closed_gate_comes_first() -> None:
    objects = MemoryInternalObjects()
    assert InternalConnector(objects).call(NOTE, ShutGate(), None) == SHUT
    assert InternalConnector(objects).look_up(NOTE, None) == NotHappened()


@pytest.mark.parametrize(
    "asked",
    [
        request_of("internal.create_note"),
        request_of("internal.create_note", content=""),
        request_of("internal.create_task", title=""),
        request_of("internal.delete_note"),
        request_of("internal.delete_note", object_id="a/b"),
        request_of("internal.delete_note", object_id=7),
        request_of("internal.format_disk"),
    ],
)
def test_what_cannot_be_done_is_refused(asked: Request) -> None:
    assert isinstance(InternalConnector(MemoryInternalObjects()).call(asked, OpenGate(), None), Refused)
    if "create" not in asked.tool:
        assert isinstance(InternalConnector(MemoryInternalObjects()).look_up(asked, None), CannotTell)


@pytest.mark.parametrize("tool", ["create_note", "create_task", "delete_note", "delete_task"])
def test_a_store_that_does_not_answer_leaves_it_unknown(tool: str) -> None:
    request = request_of(f"internal.{tool}", content="x", title="x", object_id="x")
    connector = InternalConnector(LostObjects())
    assert isinstance(connector.call(request, OpenGate(), None), Unknown)
    assert connector.look_up(request, None) == CannotTell("The store of internal objects did not answer.")


def test_nothing_internal_is_updated() -> None:
    assert InternalConnector(MemoryInternalObjects()).before_image(NOTE) is None
