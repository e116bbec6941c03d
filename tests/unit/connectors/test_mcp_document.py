"""The table of docs/connectors/mcp.md says of each answer what the connector says of it; every row is played."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits
from adapters.connectors.mcp import McpConnector
from adapters.connectors.mcp_negotiating import NOTHING_PINNED, Pinned
from adapters.connectors.mcp_table import PROTOCOL_ERRORS, SESSION_ENDED, STATUSES, UNREAD
from core.domain.answer import Answer, Refused
from ports.wire.mcp import PROTOCOL_VERSION
from tests.unit.connectors.peers import OpenGate, RealClock, ShutGate, free_port, listening, request_of
from tests.unit.connectors.servers import CALL, DISCOVER, DONE, INITIALIZE, Says, Server, older_server

TEXT = (Path(__file__).parents[3] / "docs" / "connectors" / "mcp.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<what>[^|]+) \| `(?P<answer>\w+)`(?: `(?P<code>\w+)`)? \| (?P<why>[^|]+) \|$", re.MULTILINE)
REF = {"system": "crm", "object_type": "task", "object_id": "task-1"}


@dataclass(frozen=True)
class Row:
    answer: str
    code: str | None
    why: str


@dataclass(frozen=True)
class Played:
    """A server, and what is called there; a session unless ``pinned`` says otherwise."""

    says: Mapping[str, Says] = field(default_factory=dict)
    pinned: Pinned = Pinned("2025-06-18")
    is_open: bool = True
    is_there: bool = True
    timeout_ms: int = 5_000
    response_bytes: int = 100_000
    errors_precede_tools: bool = False

    def answer(self) -> Answer:
        with listening(Server({**older_server(), **self.says})) as peer:
            url = peer.url if self.is_there else f"http://127.0.0.1:{free_port()}/mcp"
            exchange = Exchange(Endpoint(url), RealClock(), Limits(response_bytes=self.response_bytes))
            only = McpConnector(exchange, RealClock(), self.pinned, errors_precede_tools=self.errors_precede_tools)
            gate = OpenGate() if self.is_open else ShutGate()
            return only.call(request_of(timeout_ms=self.timeout_ms), gate, None)


ALONE = Pinned(PROTOCOL_VERSION)


def called(says: Says, *, timeout_ms: int = 5_000, response_bytes: int = 100_000, session: bool = True) -> Played:
    pinned = Pinned("2025-06-18") if session else ALONE
    return Played({CALL: says}, pinned, timeout_ms=timeout_ms, response_bytes=response_bytes)


def before(**says: Says) -> list[Played]:
    return [Played({method: answer}, NOTHING_PINNED, timeout_ms=500) for method, answer in says.items()]


def discovered(*answers: Says) -> list[Played]:
    return [it for answer in answers for it in before(**{DISCOVER: answer})]


def initialized(*answers: Says) -> list[Played]:
    return [it for answer in answers for it in before(**{INITIALIZE: answer})]


def enveloped(envelope: object, **more: object) -> Played:
    return called(Says(result={"content": [{"type": "text", "text": json.dumps(envelope)}], **more}))


def unread(status: str, code: int) -> Says:
    return Says(status, error=(code, "no"), answers_id=None)


FAILED = {"success": False, "error_code": "X"}
PLAYED: Mapping[str, list[Played]] = {
    "no connection, no credentials, no time left": [Played(is_there=False), Played(timeout_ms=0)],
    "before the call: the connection fails, no answer in time, 3xx, 408, 425, 5xx": discovered(
        Says(drops=True), Says(stalls=True), *(Says(f"{it} No") for it in (302, 408, 425, 500, 503))
    ),
    "before the call: 429": discovered(Says("429 Later")),
    "before the call: 401, 403, 407, no version in common, a malformed answer or session": [
        *discovered(*(Says(f"{it} No") for it in (401, 403, 407))),
        *initialized(
            Says(result={"protocolVersion": "2024-11-05"}),
            Says(raw="{"),
            Says(result={"protocolVersion": "2025-06-18"}, session="a b"),
        ),
    ],
    "the gate is closed": [Played(is_open=False)],
    "after the first byte: the connection ends or is reset": [called(Says(drops=True))],
    "after the first byte: no answer in time": [called(Says(stalls=True), timeout_ms=500)],
    "a body over `max_response_bytes`": [called(Says(result={**DONE, "x": "x" * 2_000}), response_bytes=1_000)],
    "a body that is malformed, of another content type, or with another id": [
        called(Says(raw="{")),
        called(Says(result=DONE, content_type="text/html")),
        called(Says(result=DONE, answers_id="other")),
    ],
    "3xx": [called(Says(f"{it} No", more=("Location: http://localhost/",))) for it in (301, 302, 307, 308)],
    "5xx, 503 with `Retry-After` too": [
        called(Says(f"{it} No", more=("Retry-After: 1",))) for it in (500, 502, 503, 504)
    ],
    "429": [called(Says("429 Later", more=("Retry-After: 1",)))],
    **{str(it): [called(Says(f"{it} No")), called(Says(f"{it} No"), session=False)] for it in STATUSES if it != 404},
    "404 outside a session, without our id": [called(Says("404 No"), session=False)],
    "400, and every other 4xx": [called(Says(f"{it} No")) for it in (400, 402, 409, 410, 422, 451)],
    **{f"404 in a session, error {it}, id null": [called(unread("404 No", it))] for it in SESSION_ENDED},
    "any other 404 in a session": [
        called(it) for it in (Says("404 No"), unread("404 No", -32603), Says("404 No", error=(-32600, "no")))
    ],
    **{f"400, error {it}, id null": [called(unread("400 No", it))] for it in UNREAD},
    "a JSON-RPC error with our id": [
        called(Says(status, error=(it, "no"))) for it in PROTOCOL_ERRORS for status in ("200 OK", "400 No")
    ],
    "a result that is not complete": [called(Says(result={**DONE, "resultType": "input_required"}))],
    "a result without the envelope, `isError` or not": [
        called(Says(result={"content": [{"type": "text", "text": "done"}], "isError": it})) for it in (True, False)
    ],
    "an envelope that contradicts itself, or two that differ": [
        enveloped({"success": True, "not_applied": True}),
        enveloped({"success": True}, isError=True),
        enveloped({**FAILED, "not_applied": True, "external_object_refs": [REF]}),
        enveloped({"success": True}, structuredContent=FAILED),
    ],
    "the envelope: success": [enveloped({"success": True, "external_object_refs": [REF]})],
    "the envelope: no success, `not_applied`, no object named": [enveloped({**FAILED, "not_applied": True})],
    "the envelope: no success, objects named, `not_applied` not true": [
        enveloped({**FAILED, "external_object_refs": [REF]})
    ],
    "the envelope: no success, nothing else": [enveloped(FAILED)],
    **{str(code): [Played({CALL: Says(error=(code, "no"))}, errors_precede_tools=True)] for code in PROTOCOL_ERRORS},
}
WHY: Mapping[str, str] = {
    **{str(it): row.why for it, row in STATUSES.items() if it != 404},
    "404 outside a session, without our id": STATUSES[404].why,
    **{f"404 in a session, error {it}, id null": why for it, why in SESSION_ENDED.items()},
    **{f"400, error {it}, id null": row.why for it, row in UNREAD.items()},
    **{str(it): row.why for it, row in PROTOCOL_ERRORS.items()},
}


def rows() -> dict[str, Row]:
    found = list(ROW.finditer(TEXT))
    by_what = {it["what"]: Row(it["answer"], it["code"], it["why"]) for it in found}
    assert len(by_what) == len(found)
    return by_what


def test_every_row_is_played_and_whatever_is_played_has_its_row() -> None:
    assert set(rows()) == set(PLAYED)


@pytest.mark.parametrize("what", PLAYED)
def test_the_connector_answers_as_the_row_says(what: str) -> None:
    row = rows()[what]
    for played in PLAYED[what]:
        answer = played.answer()
        assert type(answer).__name__ == row.answer, played
        if row.code is not None:
            assert isinstance(answer, Refused)
            assert answer.code == row.code


@pytest.mark.parametrize("what", WHY)
def test_the_row_gives_the_reason_of_the_code(what: str) -> None:
    assert rows()[what].why == WHY[what]
