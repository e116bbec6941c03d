"""The MCP connector against the example server, a real SDK server as a process of its own, with every fault it has.

What the connector says is judged by the server's own log of what it wrote.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import pytest

from adapters.connectors.authorizing import Bearer
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp import McpConnector
from core.domain.answer import (
    Answer,
    Applied,
    CannotTell,
    Flaw,
    Happened,
    Hold,
    NotHappened,
    NotSent,
    Refused,
    Unknown,
)
from core.domain.canonical import Json
from core.domain.request import Request
from examples.mcp_server.faults import NAMES
from examples.mcp_server.probe import Probe, running
from tests.unit.connectors.peers import CANARY, SHUT, OpenGate, RealClock, ShutGate, request_of

SILENCE_MS = 300
FAULT_MS = 10_000
LATE_S = 0.5

# Fault, the kind of answer it must get, and whether the server writes.
FAULTS: dict[str, tuple[type[Answer], bool]] = {
    "ok": (Applied, True),
    "drop_before": (Unknown, False),
    "drop_reply": (Unknown, True),
    "timeout": (Unknown, False),
    "timeout_after_apply": (Unknown, True),
    "late_apply": (Unknown, True),
    "throttle": (NotSent, False),
    "http_500_before": (Unknown, False),
    "http_500_after": (Unknown, True),
    "http_400": (Unknown, False),
    "malformed": (Unknown, True),
    "slow_drip": (Unknown, True),
    "redirect": (Unknown, False),
    "refuse": (Refused, False),
    "partial": (Applied, True),
    "huge": (Applied, True),
    "is_error": (Unknown, False),
    "is_error_after": (Unknown, True),
    "rpc_error": (Unknown, False),
    "rpc_error_after": (Unknown, True),
}
SILENT = {"timeout", "timeout_after_apply", "late_apply", "slow_drip"}

CREATES: dict[str, dict[str, Json]] = {
    "crm.create_task": {"title": "Call them", "priority": "HIGH"},
    "crm.create_opportunity": {"name": "Renewal", "stage": "NEW", "close_date": "2026-12-31", "amount": 12.5},
    "calendar.create_event": {"title": "Renewal", "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z"},
    "payments.create_invoice": {"amount": 100, "currency": "EUR"},
    "mail.send_letter": {"recipient": "Ada", "body": "Dear Ada"},
}
DELETES = {"crm.delete_task": "crm.create_task", "calendar.delete_event": "calendar.create_event"}
LOOK_UPS = {
    "crm.create_task": "crm.find_task",
    "crm.create_opportunity": "crm.find_opportunity",
    "calendar.create_event": "calendar.find_event",
    "crm.delete_task": "crm.check_task_deleted",
    "calendar.delete_event": "calendar.check_event_deleted",
    "crm.update_opportunity": "crm.check_opportunity",
}
WRITES = [*CREATES, *DELETES, "crm.update_opportunity"]
numbers = count(1)


@dataclass(frozen=True)
class Stand:
    """The server and the one connector that speaks to it."""

    probe: Probe
    connector: McpConnector

    def plan(self, key: str, *faults: str) -> None:
        assert self.probe.plan({key: list(faults)}).status == 200

    def ops(self, request: Request) -> list[str]:
        intent = request.key.intent_id
        return [line["op"] for line in self.probe.log() if line["action_intent_id"] == intent]

    def call(self, request: Request) -> Answer:
        gate = OpenGate()
        answer = self.connector.call(request, gate, None)
        assert gate.asked == 1
        assert CANARY not in repr(answer)
        return answer

    def request(self, tool: str, *, timeout_ms: int = FAULT_MS, intent: str | None = None) -> Request:
        """A request of its own, for which everything it needs is there."""
        name = intent or f"intent-{next(numbers)}"
        arguments = dict(CREATES.get(tool, {}))
        if tool in DELETES:
            made = self.call(self.request(DELETES[tool]))
            assert isinstance(made, Applied)
            arguments["object_id"] = made.refs[0].object_id
        if tool == "crm.update_opportunity":
            arguments |= {"opportunity_id": f"006-{name}", "stage": "WON"}
        before = "crm.get_opportunity" if tool == "crm.update_opportunity" else None
        look_up = LOOK_UPS.get(tool)
        return request_of(tool, name, timeout_ms=timeout_ms, look_up=look_up, before=before, **arguments)


@pytest.fixture(scope="module", params=["json", "stream"])
def stand(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    options = ["--sse"] if request.param == "stream" else []
    with running(tmp_path_factory.mktemp("writes") / "writes.jsonl", *options) as probe:
        endpoint = Endpoint(f"http://127.0.0.1:{probe.port}/mcp", Bearer(lambda: CANARY))
        yield Stand(probe, McpConnector(Exchange(endpoint, RealClock()), RealClock()))


def has_written(stand: Stand, request: Request, *, wait_s: float) -> bool:
    """Say whether the server wrote for this request, now or within the wait."""
    end = time.monotonic() + wait_s
    while not (written := any(op != "REPLAY" for op in stand.ops(request))) and time.monotonic() < end:
        time.sleep(0.02)
    return written


def test_every_fault_is_tried() -> None:
    assert set(FAULTS) == NAMES


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("tool", WRITES)
def test_no_fault_makes_the_connector_say_what_the_servers_log_denies(stand: Stand, tool: str, fault: str) -> None:
    kind, writes = FAULTS[fault]
    request = stand.request(tool, timeout_ms=SILENCE_MS if fault in SILENT else FAULT_MS)
    stand.plan(request.key.intent_id, f"{fault}:{LATE_S}" if fault == "late_apply" else fault)

    begun = time.monotonic()
    answer = stand.call(request)
    took_s = time.monotonic() - begun

    assert type(answer) is kind
    assert has_written(stand, request, wait_s=3 if writes else 0.05) is writes
    if fault in SILENT:
        assert isinstance(answer, Unknown)
        assert answer.timed_out
        assert took_s < SILENCE_MS / 1000 + 1


@pytest.mark.parametrize("tool", WRITES)
def test_a_success_names_the_object_that_the_log_names(stand: Stand, tool: str) -> None:
    request = stand.request(tool)
    answer = stand.call(request)
    assert isinstance(answer, Applied)
    lines = [line for line in stand.probe.log() if line["action_intent_id"] == request.key.intent_id]
    assert [(it.object_type, it.object_id) for it in answer.refs] == [
        (line["object_type"], line["object_id"]) for line in lines
    ]
    assert lines[0]["idempotency_key"] == request.effect_key
    assert (lines[0]["tenant_id"], lines[0]["account_id"]) == ("tenant", "account")


def test_reading_news_is_an_answer_and_writes_nothing(stand: Stand) -> None:
    request = request_of("news.fetch", f"intent-{next(numbers)}", query="Acme")
    answer = stand.call(request)
    assert isinstance(answer, Applied)
    assert "News about Acme" in answer.response
    assert stand.ops(request) == []


def test_a_throttle_keeps_the_wait_that_was_asked_for(stand: Stand) -> None:
    request = stand.request("mail.send_letter")
    stand.plan(request.key.intent_id, "throttle:0.2", "throttle:3")
    holds = [stand.call(request) for _ in range(2)]
    assert [(it.hold, it.retry_after_ms) for it in holds if isinstance(it, NotSent)] == [
        (Hold.THROTTLED, 200),
        (Hold.THROTTLED, 3_000),
    ]


def test_a_partial_write_names_what_was_written(stand: Stand) -> None:
    request = stand.request("crm.create_task")
    stand.plan(request.key.intent_id, "partial")
    answer = stand.call(request)
    assert isinstance(answer, Applied)
    assert answer.flaw is Flaw.PARTIAL
    assert len(answer.refs) == 1


def test_a_replay_by_key_says_so(stand: Stand) -> None:
    request = stand.request("payments.create_invoice")
    first, again = stand.call(request), stand.call(request)
    assert isinstance(first, Applied)
    assert isinstance(again, Applied)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.refs == again.refs
    assert stand.ops(request) == ["WRITE", "REPLAY"]


def test_a_redirect_is_not_followed(stand: Stand) -> None:
    request = stand.request("mail.send_letter")
    stand.plan(request.key.intent_id, "redirect")
    stand.call(request)
    assert "_elsewhere" not in {call["tool"] for call in stand.probe.calls()}


@pytest.mark.parametrize("tool", ["crm.nothing", "crm.create_opportunity"])
def test_an_unknown_tool_and_bad_arguments_cannot_be_told_from_a_tool_that_failed(stand: Stand, tool: str) -> None:
    assert isinstance(stand.call(request_of(tool, f"intent-{next(numbers)}")), Unknown)


def test_a_closed_gate_leaves_the_server_unasked(stand: Stand) -> None:
    request = stand.request("mail.send_letter")
    assert stand.connector.call(request, ShutGate(), None) == SHUT
    assert request.key.intent_id not in {call["action_intent_id"] for call in stand.probe.calls()}


@pytest.mark.parametrize(("fault", "found"), [("drop_before", NotHappened), ("drop_reply", Happened)])
@pytest.mark.parametrize("tool", LOOK_UPS)
def test_a_look_up_settles_a_lost_reply(stand: Stand, tool: str, fault: str, found: type) -> None:
    request = stand.request(tool)
    before = stand.connector.before_image(request)
    assert (before is not None) == (tool == "crm.update_opportunity")
    assert stand.connector.look_up(request, before) == NotHappened()
    stand.plan(request.key.intent_id, fault)
    assert isinstance(stand.call(request), Unknown)
    assert has_written(stand, request, wait_s=1) is (found is Happened)
    assert isinstance(stand.connector.look_up(request, before), found)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("is_there", [True, False])
def test_no_fault_makes_a_look_up_say_what_is_not_so(stand: Stand, fault: str, is_there: bool) -> None:
    request = stand.request("crm.create_task", timeout_ms=SILENCE_MS if fault in SILENT else FAULT_MS)
    if is_there:
        assert isinstance(stand.call(request), Applied)
    stand.plan(f"lookup:{request.key.intent_id}", fault)
    finding = stand.connector.look_up(request, None)
    if fault in {"ok", "huge"}:
        assert isinstance(finding, Happened if is_there else NotHappened)
    else:
        assert isinstance(finding, CannotTell)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_before_image_is_read_or_there_is_none(stand: Stand, fault: str) -> None:
    request = stand.request("crm.update_opportunity", timeout_ms=SILENCE_MS if fault in SILENT else FAULT_MS)
    stand.plan(f"image:{request.key.intent_id}", fault)
    image = stand.connector.before_image(request)
    whole = f'{{"opportunity_id":"006-{request.key.intent_id}","stage":"PROSPECTING","version":1}}'
    assert image == (whole if fault in {"ok", "huge"} else None)


def test_an_update_that_somebody_else_overtook_is_not_claimed(stand: Stand) -> None:
    request = stand.request("crm.update_opportunity")
    before = stand.connector.before_image(request)
    for _ in range(2):
        assert isinstance(stand.call(request), Applied)
    assert isinstance(stand.connector.look_up(request, before), CannotTell)


def test_finding_06_no_client_is_built_per_call_and_one_connector_serves_every_thread(stand: Stand) -> None:
    requests = [stand.request("mail.send_letter") for _ in range(48)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(stand.call, requests))
    assert {type(it) for it in answers} == {Applied}
    assert all(stand.ops(it) == ["WRITE"] for it in requests[::8])
    assert len({it.refs for it in answers if isinstance(it, Applied)}) == len(requests)


def test_a_server_that_is_gone_was_not_reached(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(tmp_path_factory.mktemp("gone") / "writes.jsonl") as probe:
        connector = McpConnector(
            Exchange(Endpoint(f"http://127.0.0.1:{probe.port}/mcp", Bearer(lambda: CANARY)), RealClock()), RealClock()
        )
        assert isinstance(
            connector.call(request_of("mail.send_letter", recipient="Ada", body="x"), OpenGate(), None), Applied
        )
    gate = OpenGate()
    answer = connector.call(request_of("mail.send_letter", recipient="Ada", body="x"), gate, None)
    assert isinstance(answer, NotSent)
    assert (answer.hold, gate.asked) == (Hold.UNREACHABLE, 0)
