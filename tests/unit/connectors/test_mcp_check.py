"""Whether a server offers what an entry names, and would take what the entry sends."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits
from adapters.connectors.mcp_check import McpCheck
from adapters.connectors.mcp_listing import MAX_PAGES, Listing, NotListedError
from adapters.connectors.mcp_negotiating import Pinned
from core.domain.contract import EffectContract, Terms
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, RegistryEntry, Transform
from ports.contract_check import Holding
from ports.wire.mcp import HANDSHAKEN, PROTOCOL_VERSION, Version
from tests.unit.connectors.peers import RealClock, listening, replying
from tests.unit.connectors.servers import Says, Server, older_server

LIST = "tools/list"
BOUND = ("action_intent_id", "tenant_id", "account_id", "idempotency_key")
OPAQUE = Terms(EffectContract.OPAQUE)
Schema = Mapping[str, Any]


def schema(*required: str, closed: bool = True, **properties: object) -> dict[str, Any]:
    names = {**{it: {"type": "string"} for it in (*required, *BOUND)}, **properties}
    return {"type": "object", "properties": names, "required": [*required, *BOUND], "additionalProperties": not closed}


def entry(
    *parameters: ParameterMapping,
    tool: str = "crm.create",
    terms: Terms = OPAQUE,
    undo: Compensation | None = None,
    takes_target: bool = False,
) -> RegistryEntry:
    compensation = undo or Compensation(CompensationMode.NONE)
    return RegistryEntry("ACTION", 1, tool, "1", "LOW", terms, compensation, parameters, takes_target)


TITLE = ParameterMapping("name", "title", required=True)
CREATE = entry(TITLE)


def held(one: RegistryEntry, offered: Mapping[str, object] | Sequence[tuple[str, object]]) -> Holding:
    pairs = list(offered.items()) if isinstance(offered, Mapping) else list(offered)
    tools = [{"name": name, "inputSchema": it} for name, it in pairs]
    return asked(one, Says(result={"tools": tools}))


def asked(one: RegistryEntry, *pages: Says, limits: Limits | None = None) -> Holding:
    server = Server({LIST: pages[-1]}, first={LIST: list(pages[:-1])})
    with listening(server) as peer:
        exchange = Exchange(Endpoint(peer.url), RealClock(), limits or Limits())
        check = McpCheck(exchange, RealClock(), Pinned(PROTOCOL_VERSION))
        found = check.check(one)
        asked_for = len(server.told)
        assert check.check(one) == found
    assert len(server.told) == asked_for
    assert found.holds or found.advice
    return found


def test_an_entry_whose_tool_is_offered_and_takes_its_arguments_holds() -> None:
    found = held(CREATE, {"crm.create": schema("title"), "crm.other": schema()})
    assert found == Holding(True, "crm.create: offered, and what is sent fits")


def test_a_tool_that_is_not_offered_does_not_hold_and_the_nearest_name_is_told() -> None:
    found = held(CREATE, {"crm.created": schema("title")})
    assert not found.holds
    assert "crm.created" in found.advice


def test_a_tool_behind_a_gateway_is_told_by_its_name_there() -> None:
    offered = {"crmtarget___crm.create": schema("title")}
    found = held(CREATE, offered)
    assert not found.holds
    assert "crmtarget___crm.create" in found.advice
    assert held(replace(CREATE, tool="crmtarget___crm.create"), offered).holds


KEYED = Terms(EffectContract.NATURAL_KEY, look_up_tool="crm.find")
READ_BACK = Terms(EffectContract.READ_BACK, look_up_tool="crm.find", before_tool="crm.get")
UNDO = Compensation(CompensationMode.AUTOMATIC, "crm.delete", "object_id", KEYED)


@pytest.mark.parametrize("lacking", ["crm.create", "crm.find", "crm.get", "crm.delete"])
def test_every_tool_that_an_entry_names_must_be_offered(lacking: str) -> None:
    offered: dict[str, Schema] = {
        "crm.create": schema("title"),
        "crm.find": schema(title={}, object_id={}, before={"type": "object"}),
        "crm.get": schema("title"),
        "crm.delete": schema("object_id"),
    }
    one = entry(TITLE, terms=READ_BACK, undo=UNDO)
    assert held(one, offered).holds
    found = held(one, {name: it for name, it in offered.items() if name != lacking})
    assert (found.holds, found.found) == (False, f"there is no tool {lacking}")


@pytest.mark.parametrize(
    ("tool", "other"),
    [
        ("crm.find", schema("title", object_id={})),  # it is also given the image before
        ("crm.get", schema("title", "more")),
        ("crm.delete", schema("id")),
    ],
)
def test_what_the_other_tools_are_given_must_fit_too(tool: str, other: Schema) -> None:
    offered: dict[str, Schema] = {
        "crm.create": schema("title"),
        "crm.find": schema(title={}, object_id={}, before={}),
        "crm.get": schema("title"),
        "crm.delete": schema("object_id"),
    }
    found = held(entry(TITLE, terms=READ_BACK, undo=UNDO), {**offered, tool: other})
    assert not found.holds
    assert found.found.startswith(f"{tool} would turn away")


OPTIONAL = ParameterMapping("note", "note")
LOUD = ParameterMapping("stage", "stage", required=True, transform=Transform.UPPERCASE)
KEY = {"type": "string"}

FITS: Mapping[str, tuple[RegistryEntry, Schema]] = {
    "an open schema": (CREATE, {"type": "object"}),
    "a value whose kind is not known": (CREATE, schema(title={"type": "number"})),
    "a value whose form is not known": (CREATE, schema(title={"type": "object", "required": ["x"]})),
    "a choice of values": (entry(LOUD), schema(stage={"type": "string", "enum": ["WON"]})),
    "an optional text": (entry(LOUD), schema(stage={"anyOf": [{"type": "string", "enum": ["WON"]}, {"type": "null"}]})),
    "one of two forms of text": (
        entry(LOUD),
        schema(stage={"oneOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
    ),
    "a tenant of some form": (CREATE, schema("title", tenant_id={"type": "string", "pattern": "^t-[0-9]+$"})),
    "what hangs on a value": (
        CREATE,
        {
            **schema("title"),
            "if": {"properties": {"title": {"const": "A"}}},
            "then": {"required": ["x"]},
            "else": {"required": ["y"]},
        },
    ),
    "a key of 64": (CREATE, schema("title", idempotency_key={"type": "string", "pattern": "^[0-9a-f]{64}$"})),
    "an optional parameter": (entry(TITLE, OPTIONAL), schema("title", note={"type": "string"})),
    "a reference within": (CREATE, {**schema(title={"$ref": "#/$defs/t"}), "$defs": {"t": {"type": "string"}}}),
    "a target": (
        entry(TITLE, takes_target=True),
        schema("title", target={"type": "object", "required": ["entity_type", "entity_id"]}),
    ),
}

TURNED_AWAY: Mapping[str, tuple[RegistryEntry, Schema, str]] = {
    "a required argument that nothing is mapped to": (CREATE, schema("title", "due"), "due"),
    "an argument that is not known": (CREATE, schema(), "title"),
    "an optional argument that is not known": (entry(TITLE, OPTIONAL), schema("title"), "note"),
    "an optional parameter that the tool needs": (entry(TITLE, OPTIONAL), schema("title", "note"), "note"),
    "no place for the key": (
        CREATE,
        {"type": "object", "properties": {"title": {}, "tenant_id": {}, "account_id": {}, "action_intent_id": {}},
         "additionalProperties": False},
        "idempotency_key",
    ),
    "a key too short": (CREATE, schema("title", idempotency_key={"type": "string", "maxLength": 32}), "idempotency"),
    "a key of another kind": (CREATE, schema("title", idempotency_key={"type": "integer"}), "idempotency_key"),
    "a tenant of another kind": (CREATE, schema("title", tenant_id={"type": "integer"}), "tenant_id"),
    "a text of another kind": (entry(LOUD), schema(stage={"type": "integer"}), "stage"),
    "an argument with a telling name": (entry(ParameterMapping("else", "else")), schema(**{"else": False}), "allow"),
    "a text in no choice": (entry(LOUD), schema(stage={"anyOf": [{"type": "integer"}, {"type": "null"}]}), "stage"),
    "a target that is not taken": (entry(TITLE, takes_target=True), schema("title"), "target"),
    "a target of another kind": (
        entry(TITLE, takes_target=True), schema("title", target={"type": "string"}), "target"
    ),
    "a target of another form": (
        entry(TITLE, takes_target=True),
        schema("title", target={"type": "object", "properties": {"kind": {}}, "additionalProperties": False}),
        "target",
    ),
    "an argument that must not be": (CREATE, schema(title=False), "does not allow"),
    "every branch of a choice": (
        CREATE, {"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, "arguments"
    ),
}  # fmt: skip

UNREADABLE: Mapping[str, object] = {
    "none": None,
    "a text": "object",
    "of an array": {"type": "array"},
    "without a type": {"properties": {}},
    "a kind that is none": {"type": "object", "properties": {"title": {"type": "words"}}},
    "required that is no list": {"type": "object", "required": "title"},
    "a reference to nowhere": {"type": "object", "properties": {"title": {"$ref": "#/$defs/none"}}},
    "a reference elsewhere": {"type": "object", "properties": {"title": {"$ref": "https://example.com/schema"}}},
    "a reference to a file": {"type": "object", "properties": {"title": {"$ref": "file:///etc/passwd"}}},
    "a circle": {"type": "object", "$ref": "#"},
}


@pytest.mark.parametrize(("one", "declared"), FITS.values(), ids=FITS)
def test_what_nothing_says_would_be_turned_away_holds(one: RegistryEntry, declared: Schema) -> None:
    assert held(one, {"crm.create": declared}).holds


@pytest.mark.parametrize(("one", "declared", "named"), TURNED_AWAY.values(), ids=TURNED_AWAY)
def test_what_would_be_turned_away_does_not_hold_and_is_named(one: RegistryEntry, declared: Schema, named: str) -> None:
    found = held(one, {"crm.create": declared})
    assert not found.holds
    assert found.found.startswith("crm.create would turn away what is sent")
    assert named in found.found


@pytest.mark.parametrize("declared", UNREADABLE.values(), ids=UNREADABLE)
def test_a_schema_that_cannot_be_judged_by_does_not_hold(declared: object) -> None:
    found = held(CREATE, {"crm.create": declared})
    assert (found.holds, found.advice) == (False, "Mend the tool's input schema.")


def page(*names: str, after: str | None = None) -> Says:
    tools = [{"name": it, "inputSchema": schema("title")} for it in names]
    return Says(result={"tools": tools, **({} if after is None else {"nextCursor": after})})


def test_the_list_is_read_page_by_page() -> None:
    assert asked(CREATE, page("a", after="1"), page("b", after="2"), page("crm.create")).holds


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ([page("a", after="1"), page("crm.create", after="1")], "circle"),
        ([page("a", after="1"), page("a", "crm.create")], "twice"),
        ([Says("500 Oops")], "answered with 500"),
        ([Says(error=(-32601, "no such method"))], "-32601: no such method"),
        ([Says(raw="{")], "answered with 200"),
        ([Says(result={"tools": "none"})], "malformed"),
        ([Says(result={})], "malformed"),
        ([Says(result={"tools": []}, answers_id="other")], "answered with 200"),
        ([Says(drops=True)], "failed"),
        ([Says("401 Who")], "answered with 401"),
    ],
)
def test_a_list_that_cannot_be_read_holds_nothing(pages: list[Says], why: str) -> None:
    found = asked(CREATE, *pages)
    assert not found.holds
    assert why in found.found


def test_the_list_is_bounded_in_pages() -> None:
    endless = 0

    def script(connection: socket.socket, request: bytes) -> None:
        nonlocal endless
        endless += 1
        message = json.loads(request.partition(b"\r\n\r\n")[2])
        result = {"tools": [], "nextCursor": str(endless)}
        replying(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode())(connection, request)

    with listening(script) as peer:
        check = McpCheck(Exchange(Endpoint(peer.url), RealClock()), RealClock(), Pinned(PROTOCOL_VERSION))
        found = check.check(CREATE)
    assert (found.holds, endless) == (False, MAX_PAGES)


def test_the_list_is_bounded_in_size() -> None:
    pages = [page(*"abc", after="1"), page("crm.create")]
    with listening(Server({LIST: pages[1]}, first={LIST: pages[:1]})) as peer:
        exchange = Exchange(Endpoint(peer.url), RealClock())
        listing = Listing(exchange, RealClock(), Pinned(PROTOCOL_VERSION), max_characters=1_000)
        with pytest.raises(NotListedError, match="over 1000 characters"):
            listing.tools(5_000)
    assert not asked(CREATE, page("crm.create"), limits=Limits(response_bytes=100)).holds


@pytest.mark.parametrize("version", HANDSHAKEN)
def test_the_list_is_asked_for_in_the_version_that_is_agreed_on(version: Version) -> None:
    server = Server({**older_server(version), LIST: page("crm.create")})
    with listening(server) as peer:
        found = McpCheck(Exchange(Endpoint(peer.url), RealClock()), RealClock()).check(CREATE)
    assert found.holds
    assert "_meta" not in server.told[-1][1]["params"]
    assert "mcp-session-id" in server.headers(LIST)


def test_a_server_that_agrees_on_nothing_holds_nothing() -> None:
    server = Server({**older_server(), "initialize": Says("500 Oops")})
    with listening(server) as peer:
        found = McpCheck(Exchange(Endpoint(peer.url), RealClock()), RealClock()).check(CREATE)
    assert not found.holds
    assert "500" in found.found
