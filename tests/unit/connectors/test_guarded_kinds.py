"""What the answers of each kind of connector do to its breaker: a 5xx and a broken connection count, a 4xx never."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.connectors.guarded import GuardedConnector
from adapters.connectors.shares import Bounds
from adapters.memory.objects import MemoryInternalObjects
from core.domain.answer import Answer, Hold, NotSent
from core.domain.timing import Timing
from entrypoints.container.authorizing import Surroundings
from entrypoints.container.connecting import connector_table
from entrypoints.container.outward import connector_of
from tests.unit.connectors.outward import KINDS, call_of, settings_of
from tests.unit.connectors.peers import OpenGate, RealClock, Script, free_port, listening, replying, resetting
from tests.unit.connectors.test_egress import TOKENS, secretive

FAILURES = 3
GRANTED = json.dumps({"access_token": "token-0123456789"}).encode()


@contextmanager
def guarded(kind: str, origin: str) -> Iterator[GuardedConnector]:
    with listening(replying(GRANTED)) as login:
        auth = {**TOKENS, "token_url": f"http://127.0.0.1:{login.port}/token"}
        inner = connector_of(secretive(settings_of(kind, origin, auth)), Surroundings(RealClock(), 2_000))
        yield GuardedConnector(inner, RealClock(), Bounds(failures=FAILURES), kind)


def answers(kind: str, script: Script) -> list[Answer]:
    with listening(script) as peer, guarded(kind, f"http://127.0.0.1:{peer.port}") as connector:
        return [connector.call(call_of(kind), OpenGate(), None) for _ in range(FAILURES + 1)]


def is_open(answer: Answer) -> bool:
    return isinstance(answer, NotSent) and answer.hold is Hold.BREAKER_OPEN


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", ["500 -", "502 -", "503 -", "504 -", "599 -"])
def test_a_5xx_in_a_row_opens_the_breaker(kind: str, status: str) -> None:
    said = answers(kind, replying(b"<html>", status=status, content_type="text/html"))
    assert [is_open(it) for it in said] == [False] * FAILURES + [True]


@pytest.mark.parametrize("kind", KINDS)
def test_a_reset_in_a_row_opens_it_and_so_does_a_place_where_nobody_listens(kind: str) -> None:
    assert [is_open(it) for it in answers(kind, resetting)] == [False] * FAILURES + [True]
    with guarded(kind, f"http://127.0.0.1:{free_port()}") as connector:
        said = [connector.call(call_of(kind), OpenGate(), None) for _ in range(FAILURES + 1)]
    assert [is_open(it) for it in said] == [False] * FAILURES + [True]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", ["200 -", "302 -", "400 -", "401 -", "403 -", "404 -", "409 -", "422 -", "429 -"])
def test_no_other_status_opens_it(kind: str, status: str) -> None:
    assert not any(is_open(it) for it in answers(kind, replying(b"{}", status=status)))


def test_all_routes_to_a_connector_share_its_guard_and_no_two_connectors_one() -> None:
    one = settings_of("mcp", "http://127.0.0.1:9", {"kind": "none"}, tools=["crm.", "calendar."], tenants=["a", "b"])
    other = settings_of("mcp", "http://127.0.0.1:9", {"kind": "none"}, tools=["mail."])
    table = connector_table({"one": one, "other": other}, MemoryInternalObjects(), RealClock(), Timing())
    guards = {table.offering(tool, tenant) for tool in ("crm.x", "calendar.y") for tenant in ("a", "b")}
    assert len(guards) == 1
    assert table.offering("mail.z", "a") not in guards
    assert isinstance(table.offering("mail.z", "a"), GuardedConnector)
    assert isinstance(table.offering("internal.create_note", "a"), GuardedConnector)
