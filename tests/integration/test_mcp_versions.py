"""Every version of MCP against the official SDK's server, with and without sessions, as JSON and as an event stream.

What the connector says is judged by the server's own log of what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from adapters.connectors.authorizing import Bearer
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp import McpConnector
from adapters.connectors.mcp_negotiating import NOTHING_PINNED, Pinned
from core.domain.answer import Answer, Applied, Happened, NotHappened, NotSent, Refused, Unknown
from core.domain.request import Request
from examples.mcp_server.probe import Probe, running
from ports.wire.mcp import HANDSHAKEN, Version
from tests.unit.connectors.peers import CANARY, OpenGate, RealClock, request_of

TOOL = "crm.create_task"
# Those that the version could make a difference to: what it may be answered with, and whether the server writes.
FAULTS: dict[str, tuple[type[Answer], bool]] = {
    "ok": (Applied, True),
    "drop_before": (Unknown, False),
    "drop_reply": (Unknown, True),
    "throttle": (NotSent, False),
    "http_500_before": (Unknown, False),
    "http_500_after": (Unknown, True),
    "refuse": (Refused, False),
    "is_error": (Unknown, False),
    "is_error_after": (Unknown, True),
    "rpc_error": (Unknown, False),
    "rpc_error_after": (Unknown, True),
}
KINDS = {
    "stateless json": (),
    "stateless stream": ("--sse",),
    "sessions json": ("--sessions",),
    "sessions stream": ("--sessions", "--sse"),
}
VERSIONS: dict[str, Pinned] = {"agreed on": NOTHING_PINNED, **{it: Pinned(it) for it in HANDSHAKEN}}
numbers = count(1)


@pytest.fixture(scope="module", params=list(KINDS))
def probe(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    with running(tmp_path_factory.mktemp("writes") / "writes.jsonl", *KINDS[request.param]) as started:
        yield started


@pytest.fixture(scope="module")
def connectors(probe: Probe) -> dict[str, McpConnector]:
    """One for each version, kept as a process keeps it."""
    return {name: connector_at(probe.port, pinned) for name, pinned in VERSIONS.items()}


def connector_at(port: int, pinned: Pinned) -> McpConnector:
    endpoint = Endpoint(f"http://127.0.0.1:{port}/mcp", Bearer(lambda: CANARY))
    return McpConnector(Exchange(endpoint, RealClock()), RealClock(), pinned)


def a_request() -> Request:
    return request_of(
        TOOL,
        f"versions-{next(numbers)}",
        timeout_ms=10_000,
        look_up="crm.find_task",
        title="Call them",
        priority="HIGH",
    )


def ops(probe: Probe, request: Request) -> list[str]:
    return [line["op"] for line in probe.log() if line["action_intent_id"] == request.key.intent_id]


def asked(probe: Probe, request: Request) -> int:
    return [it["action_intent_id"] for it in probe.calls()].count(request.key.intent_id)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_in_any_version_makes_the_connector_say_what_the_log_denies(
    probe: Probe, connectors: dict[str, McpConnector], version: str, fault: str
) -> None:
    kind, writes = FAULTS[fault]
    request, gate = a_request(), OpenGate()
    assert probe.plan({request.key.intent_id: [fault]}).status == 200

    answer = connectors[version].call(request, gate, None)

    assert type(answer) is kind, answer
    assert (gate.asked, asked(probe, request)) == (1, 1)
    assert ("WRITE" in ops(probe, request)) is writes
    assert CANARY not in repr(answer)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_look_up_settles_a_lost_reply_in_any_version(
    probe: Probe, connectors: dict[str, McpConnector], version: str
) -> None:
    request, only = a_request(), connectors[version]
    assert only.look_up(request, None) == NotHappened()
    assert probe.plan({request.key.intent_id: ["drop_reply"]}).status == 200
    assert isinstance(only.call(request, OpenGate(), None), Unknown)
    assert isinstance(only.look_up(request, None), Happened)


@pytest.mark.parametrize("version", HANDSHAKEN)
def test_a_server_without_sessions_takes_an_older_call_by_itself(
    tmp_path_factory: pytest.TempPathFactory, version: Version
) -> None:
    with running(tmp_path_factory.mktemp("alone") / "writes.jsonl") as probe:
        request = a_request()
        answer = connector_at(probe.port, Pinned(version, handshake=False)).call(request, OpenGate(), None)
        assert isinstance(answer, Applied)
        assert ops(probe, request) == ["WRITE"]


def test_a_server_with_sessions_turns_an_older_call_by_itself_away_unread(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running(tmp_path_factory.mktemp("alone") / "writes.jsonl", "--sessions") as probe:
        request = a_request()
        answer = connector_at(probe.port, Pinned("2025-06-18", handshake=False)).call(request, OpenGate(), None)
        assert isinstance(answer, Refused)
        assert ops(probe, request) == []


@pytest.mark.parametrize("version", HANDSHAKEN)
def test_a_session_that_a_restart_ended_costs_one_call_that_was_not_sent(
    tmp_path_factory: pytest.TempPathFactory, version: Version
) -> None:
    log = tmp_path_factory.mktemp("restarted") / "writes.jsonl"
    request = a_request()
    with running(log, "--sessions") as probe:
        only = connector_at(probe.port, Pinned(version))
        assert isinstance(only.call(a_request(), OpenGate(), None), Applied)
    with running(log, "--sessions", "--port", str(probe.port)) as again:
        answer = only.call(request, OpenGate(), None)
        assert isinstance(answer, NotSent)
        assert ops(again, request) == []
        assert isinstance(only.call(request, OpenGate(), None), Applied)
        assert ops(again, request) == ["WRITE"]
