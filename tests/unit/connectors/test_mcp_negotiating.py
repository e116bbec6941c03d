"""Which version is spoken is found out once, before the call and without a trace of it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from adapters.connectors.mcp_negotiating import Pinned
from core.domain.answer import Applied, CannotTell, Hold, NotSent
from ports.wire.mcp import HANDSHAKEN, PROTOCOL_VERSION, Version
from tests.unit.connectors.peers import SHUT, OpenGate, ShutGate, listening, request_of
from tests.unit.connectors.servers import (
    CALL,
    DISCOVER,
    DONE,
    HANDSHAKE,
    INITIALIZE,
    INITIALIZED,
    NEWEST_SERVER,
    SESSION,
    JumpingClock,
    Says,
    Server,
    connector,
    older_server,
)

OF_THE_NEWEST = {"mcp-method", "mcp-name"}


def test_the_newest_version_is_agreed_on_once_and_then_a_call_is_one_post() -> None:
    server = Server(NEWEST_SERVER)
    with listening(server) as peer:
        only = connector(peer)
        for _ in range(3):
            assert isinstance(only.call(request_of(), OpenGate(), None), Applied)
    assert server.methods == [DISCOVER, CALL, CALL, CALL]
    for method in (DISCOVER, CALL):
        headers = server.headers(method)
        assert (headers["mcp-protocol-version"], headers["mcp-method"]) == (PROTOCOL_VERSION, method)
    assert "mcp-name" not in server.headers(DISCOVER)
    assert all("io.modelcontextprotocol/protocolVersion" in message["params"]["_meta"] for _, message in server.told)


@pytest.mark.parametrize("session", [SESSION, None])
@pytest.mark.parametrize("version", HANDSHAKEN)
def test_an_older_version_is_spoken_as_it_is_written_down(version: Version, session: str | None) -> None:
    server = Server(older_server(version, session))
    request = request_of()
    with listening(server) as peer:
        only = connector(peer)
        for _ in range(2):
            assert isinstance(only.call(request, OpenGate(), None), Applied)
    assert server.methods == [DISCOVER, *HANDSHAKE, CALL, CALL]
    assert not {"mcp-protocol-version", "mcp-session-id", *OF_THE_NEWEST} & server.headers(INITIALIZE).keys()
    for method in (INITIALIZED, CALL):
        headers = server.headers(method)
        # The header came with 2025-06-18.
        assert headers.get("mcp-protocol-version") == (None if version == "2025-03-26" else version)
        assert headers.get("mcp-session-id") == session
        assert not OF_THE_NEWEST & headers.keys()
    call = server.told[-1][1]
    assert (call["id"], set(call["params"])) == (request.effect_key, {"name", "arguments"})
    assert server.told[1][1]["params"] == {
        "protocolVersion": HANDSHAKEN[0],
        "capabilities": {},
        "clientInfo": {"name": "actonce", "version": "1"},
    }


@pytest.mark.parametrize(
    ("pinned", "said"),
    [
        (Pinned(PROTOCOL_VERSION), [CALL]),
        (Pinned("2025-06-18"), [*HANDSHAKE, CALL]),
        (Pinned("2025-06-18", handshake=False), [CALL]),
        (Pinned("2025-03-26", handshake=False), [CALL]),
    ],
)
def test_what_is_pinned_is_not_asked_for(pinned: Pinned, said: list[str]) -> None:
    server = Server(older_server())
    with listening(server) as peer:
        assert isinstance(connector(peer, pinned).call(request_of(), OpenGate(), None), Applied)
    assert server.methods == said
    assert server.headers(CALL).get("mcp-protocol-version") == (
        None if pinned.version == "2025-03-26" else pinned.version
    )
    if INITIALIZE in said:
        assert server.told[0][1]["params"]["protocolVersion"] == pinned.version


NOT_NEWEST = {
    "an error with our id": Says("400 Bad Request", error=(-32022, "no")),
    "an error under 200": Says(error=(-32601, "no such method")),
    "404": Says("404 Not Found"),
    "405": Says("405 Method Not Allowed", raw="no"),
    "a result of something else": Says(result={"tools": []}),
    "another id": Says(result={"supportedVersions": [PROTOCOL_VERSION]}, answers_id="other"),
    "only older versions": Says(result={"supportedVersions": ["2025-11-25"]}),
    "no message": Says(raw="{"),
}


@pytest.mark.parametrize("answer", NOT_NEWEST.values(), ids=NOT_NEWEST)
def test_whoever_does_not_say_that_it_speaks_the_newest_version_is_asked_to_initialize(answer: Says) -> None:
    server = Server({**older_server(), DISCOVER: answer})
    with listening(server) as peer:
        assert isinstance(connector(peer).call(request_of(), OpenGate(), None), Applied)
    assert server.methods == [DISCOVER, *HANDSHAKE, CALL]


def test_a_handshake_answered_as_an_event_stream_is_understood() -> None:
    stream = "text/event-stream"
    older = older_server()
    server = Server(
        {
            **older,
            INITIALIZE: replace(older[INITIALIZE], content_type=stream),
            CALL: Says(result=DONE, content_type=stream),
        }
    )
    with listening(server) as peer:
        assert isinstance(connector(peer).call(request_of(), OpenGate(), None), Applied)


INITIALIZE_RESULT = {"protocolVersion": "2025-06-18"}
FAILURES: Mapping[str, tuple[str, Says, Hold]] = {
    "discover: dropped": (DISCOVER, Says(drops=True), Hold.UNREACHABLE),
    "discover: silence": (DISCOVER, Says(stalls=True), Hold.UNREACHABLE),
    "discover: 500": (DISCOVER, Says("500 Oops"), Hold.UNREACHABLE),
    "discover: 503": (DISCOVER, Says("503 Closed", more=("Retry-After: 2",)), Hold.UNREACHABLE),
    "discover: redirect": (DISCOVER, Says("307 Elsewhere", more=("Location: http://localhost/",)), Hold.NOT_READY),
    "discover: 401": (DISCOVER, Says("401 Who"), Hold.NOT_READY),
    "discover: 403": (DISCOVER, Says("403 No"), Hold.NOT_READY),
    "discover: 408": (DISCOVER, Says("408 Late"), Hold.NOT_READY),
    "discover: 429": (DISCOVER, Says("429 Later", more=("Retry-After: 2",)), Hold.THROTTLED),
    "initialize: dropped": (INITIALIZE, Says(drops=True), Hold.UNREACHABLE),
    "initialize: silence": (INITIALIZE, Says(stalls=True), Hold.UNREACHABLE),
    "initialize: 400": (INITIALIZE, Says("400 No", error=(-32602, "no")), Hold.NOT_READY),
    "initialize: 404": (INITIALIZE, Says("404 No"), Hold.NOT_READY),
    "initialize: 502": (INITIALIZE, Says("502 Oops"), Hold.UNREACHABLE),
    "initialize: 429": (INITIALIZE, Says("429 Later"), Hold.THROTTLED),
    "initialize: an error": (INITIALIZE, Says(error=(-32602, "no")), Hold.NOT_READY),
    "initialize: malformed": (INITIALIZE, Says(raw="{"), Hold.NOT_READY),
    "initialize: another id": (INITIALIZE, Says(result=INITIALIZE_RESULT, answers_id="other"), Hold.NOT_READY),
    "initialize: no version": (INITIALIZE, Says(result={"capabilities": {}}), Hold.NOT_READY),
    "initialize: too old": (INITIALIZE, Says(result={"protocolVersion": "2024-11-05"}), Hold.NOT_READY),
    "initialize: too new": (INITIALIZE, Says(result={"protocolVersion": "2031-01-01"}), Hold.NOT_READY),
    "initialize: odd session": (INITIALIZE, Says(result=INITIALIZE_RESULT, session="a b"), Hold.NOT_READY),
    "initialized: dropped": (INITIALIZED, Says(drops=True), Hold.UNREACHABLE),
    "initialized: silence": (INITIALIZED, Says(stalls=True), Hold.UNREACHABLE),
    "initialized: 400": (INITIALIZED, Says("400 No"), Hold.NOT_READY),
    "initialized: 404": (INITIALIZED, Says("404 No"), Hold.NOT_READY),
    "initialized: 500": (INITIALIZED, Says("500 Oops"), Hold.UNREACHABLE),
}


@pytest.mark.parametrize(("method", "answer", "hold"), FAILURES.values(), ids=FAILURES)
def test_what_fails_before_the_call_left_it_unsent_and_the_next_call_begins_anew(
    method: str, answer: Says, hold: Hold
) -> None:
    server = Server(older_server(), first={method: [answer]})
    gate, request = OpenGate(), request_of(timeout_ms=400 if answer.stalls else 5_000)
    with listening(server) as peer:
        only = connector(peer)
        failed = only.call(request, gate, None)
        assert isinstance(failed, NotSent)
        assert (failed.hold, gate.asked, CALL in server.methods) == (hold, 0, False)
        assert failed.retry_after_ms == (2_000 if answer.more and "Retry" in answer.more[0] else 0)
        assert isinstance(only.call(request_of(), gate, None), Applied)
    assert (gate.asked, server.methods.count(CALL)) == (1, 1)


def test_a_server_that_speaks_another_version_than_is_pinned_is_not_called() -> None:
    server = Server(older_server("2025-03-26"))
    with listening(server) as peer:
        answer = connector(peer, Pinned("2025-11-25")).call(request_of(), OpenGate(), None)
    assert isinstance(answer, NotSent)
    assert "2025-11-25 is pinned" in answer.detail
    assert server.methods == [INITIALIZE]


@pytest.mark.parametrize("slow", [DISCOVER, *HANDSHAKE])
def test_the_negotiation_takes_of_the_calls_own_time(slow: str) -> None:
    clock = JumpingClock()

    def passes(method: str) -> None:
        clock.ahead_ms += 60_000 if method == slow else 0

    server = Server(older_server(), on=passes)
    gate = OpenGate()
    with listening(server) as peer:
        answer = connector(peer, clock=clock).call(request_of(timeout_ms=50_000), gate, None)
    assert isinstance(answer, NotSent)
    assert (gate.asked, server.methods[-1]) == (0, slow)


def test_the_gate_is_asked_when_all_is_agreed_and_before_the_call() -> None:
    server = Server(older_server())
    seen: list[list[str]] = []
    with listening(server) as peer:
        only = connector(peer)
        assert only.call(request_of(), ShutGate(), None) == SHUT
        assert server.methods == [DISCOVER, *HANDSHAKE]
        assert isinstance(only.call(request_of(), OpenGate(lambda: seen.append(server.methods)), None), Applied)
    assert seen == [[DISCOVER, *HANDSHAKE]]


def test_many_threads_agree_once() -> None:
    server = Server(older_server())
    with listening(server) as peer, ThreadPoolExecutor(8) as pool:
        only = connector(peer)
        requests = [request_of(intent=f"intent-{number}", timeout_ms=20_000) for number in range(24)]
        answers = list(pool.map(lambda it: only.call(it, OpenGate(), None), requests))
    assert {type(it) for it in answers} == {Applied}
    assert server.methods == [DISCOVER, *HANDSHAKE] + [CALL] * 24


def test_whoever_waits_for_another_ones_negotiation_waits_no_longer_than_its_own_time() -> None:
    server = Server({**older_server(), DISCOVER: Says(stalls=True)})
    with listening(server) as peer, ThreadPoolExecutor(2) as pool:
        only = connector(peer)
        requests = [request_of(intent="a", timeout_ms=1_500), request_of(intent="b", timeout_ms=200)]
        answers = list(pool.map(lambda it: only.call(it, OpenGate(), None), requests))
    assert {type(it) for it in answers} == {NotSent}
    assert CALL not in server.methods


def test_a_look_up_negotiates_too_and_what_fails_there_cannot_be_told() -> None:
    found = {"structuredContent": {"success": True, "state": "NOT_HAPPENED"}}
    server = Server({**older_server(), CALL: Says(result=found)}, first={INITIALIZE: [Says("500 Oops")]})
    request = request_of(look_up="crm.find_task")
    with listening(server) as peer:
        only = connector(peer)
        assert isinstance(only.look_up(request, None), CannotTell)
        assert not isinstance(only.look_up(request, None), CannotTell)
    assert server.methods.count(CALL) == 1
