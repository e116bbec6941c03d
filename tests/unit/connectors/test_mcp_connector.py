"""The MCP connector against servers that no real one would be; the real one is in tests/integration."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from adapters.connectors.authorizing import Bearer
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits
from adapters.connectors.mcp import McpConnector
from adapters.connectors.mcp_negotiating import Pinned
from core.domain.answer import Applied, CannotTell, Happened, NotHappened, NotSent, ObjectRef, Refused, Unknown
from ports.wire.mcp import PROTOCOL_VERSION
from tests.unit.connectors.peers import (
    CANARY,
    SHUT,
    OpenGate,
    Peer,
    RealClock,
    Script,
    ShutGate,
    answering,
    free_port,
    listening,
    replying,
    request_of,
)

REF = {"system": "crm", "object_type": "task", "object_id": "task-1"}
NEWEST = Pinned(PROTOCOL_VERSION)
OBJECT = ObjectRef("crm", "task", "task-1")
IMAGE = {"stage": "PROSPECTING", "version": 1}


def connector(peer: Peer, *, errors_precede_tools: bool = False) -> McpConnector:
    post = Exchange(Endpoint(peer.url, Bearer(lambda: CANARY)), RealClock(), Limits())
    return McpConnector(post, RealClock(), NEWEST, errors_precede_tools=errors_precede_tools)


def enveloping(envelope: object, **more: object) -> Script:
    text = {"type": "text", "text": json.dumps(envelope)}
    return answering(lambda call: {"jsonrpc": "2.0", "id": call["id"], "result": {"content": [text], **more}})


def sent_by(peer: Peer) -> dict[str, Any]:
    (received,) = peer.received
    body: dict[str, Any] = json.loads(received.partition(b"\r\n\r\n")[2])
    return body


def test_a_call_is_one_post_with_the_headers_of_the_protocol() -> None:
    request = request_of(title="Call them")
    with listening(enveloping({"success": True, "external_object_refs": [REF]})) as peer:
        gate = OpenGate()
        answer = connector(peer).call(request, gate, None)
    assert isinstance(answer, Applied)
    assert (answer.refs, gate.asked) == ((OBJECT,), 1)
    head = peer.received[0].partition(b"\r\n\r\n")[0].decode().lower()
    for line in (
        "mcp-protocol-version: 2026-07-28",
        "mcp-method: tools/call",
        "mcp-name: crm.create_task",
        "content-type: application/json",
        "accept: application/json, text/event-stream",
    ):
        assert line in head.split("\r\n")
    assert request.arguments.encode() in peer.received[0]


def test_finding_26_the_id_is_the_calls_own_and_its_echo_is_checked() -> None:
    request = request_of()
    envelope = {"content": [{"type": "text", "text": '{"success":true}'}]}
    with listening(answering(lambda call: {"jsonrpc": "2.0", "id": call["id"], "result": envelope})) as peer:
        assert isinstance(connector(peer).call(request, OpenGate(), None), Applied)
    assert sent_by(peer)["id"] == request.effect_key
    with listening(
        answering(lambda call: {"jsonrpc": "2.0", "id": call["params"]["name"], "result": envelope})
    ) as peer:
        assert isinstance(connector(peer).call(request, OpenGate(), None), Unknown)


def test_finding_16_identity_in_an_answer_changes_nothing() -> None:
    stranger = {"tenant_id": "other", "account_id": "other", "identity": {"tenant_id": "other"}}
    with listening(enveloping({"success": True, "external_object_refs": [{**REF, **stranger}], **stranger})) as peer:
        answer = connector(peer).call(request_of(), OpenGate(), None)
    assert isinstance(answer, Applied)
    assert answer.refs == (OBJECT,)
    assert sent_by(peer)["params"]["arguments"]["tenant_id"] == "tenant"


def test_finding_06_no_client_is_built_per_call() -> None:
    with listening(enveloping({"success": True})) as peer:
        post = Exchange(Endpoint(peer.url), RealClock())
        only = McpConnector(post, RealClock(), NEWEST)
        before = {name: id(value) for name, value in vars(post).items()}
        for number in range(3):
            assert isinstance(only.call(request_of(intent=f"intent-{number}"), OpenGate(), None), Applied)
        assert {name: id(value) for name, value in vars(post).items()} == before
    assert len(peer.received) == 3


def test_a_closed_gate_is_the_answer() -> None:
    with listening(enveloping({"success": True})) as peer:
        assert connector(peer).call(request_of(), ShutGate(), None) == SHUT
    assert peer.received == [b""]


def test_a_tool_whose_name_is_no_header_is_not_sent() -> None:
    with listening(enveloping({"success": True})) as peer:
        gate = OpenGate()
        for tool in ("crm\r\nX: y", "", "t\u00e4sk", "a" * 257):
            assert isinstance(connector(peer).call(request_of(tool), gate, None), NotSent)
    assert (peer.received, gate.asked) == ([], 0)


@pytest.mark.parametrize("content_type", ["text/html", "", "application/jsonp"])
def test_another_content_type_proves_nothing(content_type: str) -> None:
    with listening(replying(b'{"success":true}', content_type=content_type)) as peer:
        assert isinstance(connector(peer).call(request_of(), OpenGate(), None), Unknown)


def test_a_body_that_is_no_text_proves_nothing() -> None:
    with listening(replying(b'{"jsonrpc":"2.0\xff"}')) as peer:
        assert isinstance(connector(peer).call(request_of(), OpenGate(), None), Unknown)


def test_a_stream_that_stays_open_after_the_response_is_not_waited_for() -> None:
    def script(connection: socket.socket, request: bytes) -> None:
        call_id = json.loads(request.partition(b"\r\n\r\n")[2])["id"]
        message = {"jsonrpc": "2.0", "id": call_id, "result": {"structuredContent": {"success": True}}}
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        connection.sendall(f": hello\r\n\r\nevent: message\r\ndata: {json.dumps(message)}\r\n\r\n".encode())
        assert connection.recv(1) == b""

    with listening(script) as peer:
        assert isinstance(connector(peer).call(request_of(timeout_ms=3_000), OpenGate(), None), Applied)


def test_what_the_operator_declared_reaches_the_table() -> None:
    error = {"code": -32602, "message": "bad"}
    with listening(answering(lambda call: {"jsonrpc": "2.0", "id": call["id"], "error": error})) as peer:
        assert isinstance(connector(peer).call(request_of(), OpenGate(), None), Unknown)
        assert isinstance(connector(peer, errors_precede_tools=True).call(request_of(), OpenGate(), None), Refused)


@pytest.mark.parametrize(
    "spelling", [CANARY, CANARY.replace("/", "\\/"), CANARY.replace("S", "\\u0053").replace("k", "\\u006B")]
)
def test_a_canary_secret_that_a_server_repeats_is_in_no_answer(spelling: str) -> None:
    envelopes = [
        f'{{"success":false,"not_applied":true,"error_code":"E","error_message":"bad token {spelling}"}}',
        f'{{"success":false,"error_code":"E","error_message":"bad token {spelling}"}}',
        f'{{"success":true,"token":"{spelling}"}}',
    ]
    for envelope in envelopes:

        def script(connection: socket.socket, request: bytes, envelope: str = envelope) -> None:
            call_id = json.loads(request.partition(b"\r\n\r\n")[2])["id"]
            body = f'{{"jsonrpc":"2.0","id":"{call_id}","result":{{"structuredContent":{envelope}}}}}'
            replying(body.encode())(connection, request)

        with listening(script) as peer:
            answer = connector(peer).call(request_of(), OpenGate(), None)
        assert CANARY not in repr(answer)
        if isinstance(answer, Applied):
            assert CANARY not in str(json.loads(answer.response))


@pytest.mark.parametrize(
    ("envelope", "finding"),
    [
        ({"success": True, "state": "NOT_HAPPENED", "external_object_refs": []}, NotHappened),
        ({"success": True, "state": "CANNOT_TELL"}, CannotTell),
        ({"success": False, "state": "HAPPENED"}, CannotTell),
        ({"success": False, "error_code": "X", "not_applied": True}, CannotTell),
        ({"success": True}, CannotTell),
        ({"success": True, "state": "happened"}, CannotTell),
        ({"state": "HAPPENED"}, CannotTell),
        ("HAPPENED", CannotTell),
    ],
)
def test_a_look_up_tells_only_what_it_was_told(envelope: object, finding: type) -> None:
    with listening(enveloping(envelope)) as peer:
        found = connector(peer).look_up(request_of(look_up="crm.find_task"), None)
    assert isinstance(found, finding)
    assert not (isinstance(found, CannotTell) and found.changed_otherwise)


def test_a_look_up_asks_with_the_frozen_arguments_and_the_image_before() -> None:
    request = request_of("crm.update_opportunity", look_up="crm.check_opportunity", stage="WON")
    envelope = {"success": True, "state": "HAPPENED", "external_object_refs": [REF]}
    with listening(enveloping(envelope)) as peer:
        found = connector(peer).look_up(request, json.dumps(IMAGE))
    assert isinstance(found, Happened)
    assert found.refs == (OBJECT,)
    assert json.loads(json.loads(found.response)["result"]["content"][0]["text"]) == envelope
    params = sent_by(peer)["params"]
    assert params["name"] == "crm.check_opportunity"
    assert params["arguments"] == {**json.loads(request.arguments), "before": IMAGE}


@pytest.mark.parametrize("state", ["HAPPENED", "NOT_HAPPENED", "CANNOT_TELL"])
def test_an_object_that_was_changed_otherwise_is_told_as_such(state: str) -> None:
    with listening(enveloping({"success": True, "state": state, "changed_otherwise": True})) as peer:
        found = connector(peer).look_up(request_of(look_up="crm.find_task"), None)
    assert isinstance(found, CannotTell)
    assert found.changed_otherwise


HAPPENED = {"content": [{"type": "text", "text": '{"success":true,"state":"HAPPENED"}'}]}


@pytest.mark.parametrize(
    "script",
    [
        enveloping({"success": True, "state": "HAPPENED"}, isError=True),
        enveloping({"success": True, "state": "HAPPENED"}, resultType="input_required"),
        answering(lambda _call: {"jsonrpc": "2.0", "id": "other", "result": HAPPENED}),
        answering(lambda call: {"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32602, "message": "no"}}),
        replying(b"{}", status="503 Service Unavailable"),
        replying(b"{", status="404 Not Found"),
        lambda connection, _: connection.close(),
    ],
    ids=["is error", "incomplete", "other id", "error", "503", "404", "drop"],
)
def test_a_read_that_fails_tells_nothing(script: Script) -> None:
    request = request_of(look_up="crm.find_task", before="crm.get_task")
    with listening(script) as peer:
        assert isinstance(connector(peer).look_up(request, None), CannotTell)
        assert connector(peer).before_image(request) is None


def test_without_a_look_up_tool_nothing_is_asked() -> None:
    with listening(enveloping({"success": True, "state": "HAPPENED"})) as peer:
        assert isinstance(connector(peer).look_up(request_of(), None), CannotTell)
        assert connector(peer).before_image(request_of()) is None
    assert peer.received == []


def test_a_read_of_an_unreachable_system_tells_nothing() -> None:
    request = request_of(look_up="crm.find_task", before="crm.get_task")
    gone = Peer(free_port())
    assert isinstance(connector(gone).look_up(request, None), CannotTell)
    assert connector(gone).before_image(request) is None


def test_a_before_image_is_compact_json() -> None:
    with listening(enveloping({"success": True, "image": {"version": 1, "stage": "W\u00f6n"}})) as peer:
        assert connector(peer).before_image(request_of(before="crm.get_task")) == '{"stage":"W\u00f6n","version":1}'


@pytest.mark.parametrize(
    "envelope", [{"success": False, "image": IMAGE}, {"success": True}, {"success": True, "image": {"a": "x" * 70_000}}]
)
def test_a_before_image_that_cannot_be_kept_is_none(envelope: object) -> None:
    with listening(enveloping(envelope)) as peer:
        assert connector(peer).before_image(request_of(before="crm.get_task")) is None


@pytest.mark.parametrize("value", ['"\\ud800"', "1e999"])
def test_a_before_image_without_a_canonical_form_is_none(value: str) -> None:
    def script(connection: socket.socket, request: bytes) -> None:
        call_id = json.loads(request.partition(b"\r\n\r\n")[2])["id"]
        content = f'{{"success":true,"image":{{"a":{value}}}}}'
        body = f'{{"jsonrpc":"2.0","id":"{call_id}","result":{{"structuredContent":{content}}}}}'
        replying(body.encode())(connection, request)

    with listening(script) as peer:
        assert connector(peer).before_image(request_of(before="crm.get_task")) is None
