"""What becomes of a call, and of the next one, when the server no longer knows what was agreed with it."""

from __future__ import annotations

import json

import pytest

from adapters.connectors.mcp_negotiating import SESSION_IDLE_MS
from adapters.connectors.mcp_table import SESSION_ENDED, STATUSES, Said, answer_of, is_forgotten
from core.domain.answer import Applied, Hold, NotSent, Refused, Unknown
from tests.unit.connectors.peers import OpenGate, listening, request_of
from tests.unit.connectors.servers import (
    CALL,
    DISCOVER,
    DONE,
    HANDSHAKE,
    INITIALIZE,
    SESSION,
    JumpingClock,
    Says,
    Server,
    connector,
    older_server,
)

ID = "0123abcd"
UNREAD = (-32600, "Session not found")


def response(**said: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": ID, **said})


def error(code: int, *, call_id: str | None = ID) -> str:
    return response(id=call_id, error={"code": code, "message": "why"})


@pytest.mark.parametrize("code", [*sorted(SESSION_ENDED), -32603, -32602])
@pytest.mark.parametrize("call_id", [None, ID, "server-error"])
def test_a_404_in_a_session_is_not_sent_only_where_nobody_can_have_read_the_call(
    code: int, call_id: str | None
) -> None:
    answer = answer_of(Said(404, error(code, call_id=call_id), in_session=True), ID)
    assert isinstance(answer, NotSent if code in SESSION_ENDED and call_id is None else Unknown)


@pytest.mark.parametrize("text", [None, "", "<html>", "{", '{"error":"session not found"}'])
def test_a_bare_404_proves_something_only_without_a_session(text: str | None) -> None:
    assert isinstance(answer_of(Said(404, text, in_session=True), ID), Unknown)
    assert isinstance(answer_of(Said(404, text), ID), Refused)


@pytest.mark.parametrize("status", sorted({*STATUSES, 400} - {404}))
def test_a_session_changes_nothing_of_the_other_statuses(status: int) -> None:
    assert answer_of(Said(status, None, in_session=True), ID) == answer_of(Said(status, None), ID)


@pytest.mark.parametrize(
    ("said", "forgotten"),
    [
        (Said(200, response(result=DONE)), False),
        (Said(200, error(-32602)), False),
        (Said(200, error(-32020)), True),
        (Said(200, error(-32022, call_id=None)), True),
        (Said(200, None), False),
        (Said(400, None), True),
        (Said(404, "<html>"), True),
        (Said(401, None), False),
        (Said(500, error(-32603)), False),
    ],
)
def test_what_the_server_may_not_know_any_more_is_asked_for_before_the_next_call(said: Said, forgotten: bool) -> None:
    assert is_forgotten(said) is forgotten


@pytest.mark.parametrize("code", [-32600, -32001])
def test_a_session_that_ended_before_the_call_left_it_unsent_and_a_new_one_is_opened_for_the_next(code: int) -> None:
    ended = Says("404 Not Found", error=(code, "Session not found"), answers_id=None)
    server = Server(older_server(), first={CALL: [ended]})
    with listening(server) as peer:
        only = connector(peer)
        answer = only.call(request_of(), OpenGate(), None)
        assert isinstance(answer, NotSent)
        assert answer.hold is Hold.NOT_READY
        assert server.methods.count(CALL) == 1
        assert isinstance(only.call(request_of(), OpenGate(), None), Applied)
    assert server.methods == [DISCOVER, *HANDSHAKE, CALL] * 2


DOUBTFUL = {
    "a bare 404": Says("404 Not Found"),
    "404 and a page": Says("404 Not Found", raw="<html>", content_type="text/html"),
    "404 with our id": Says("404 Not Found", error=UNREAD),
    "404 with another error": Says("404 Not Found", error=(-32603, "Session not found"), answers_id=None),
    "400 with our id": Says("400 Bad Request", error=(-32020, "header mismatch")),
    "400 and an unsupported version": Says("400 Bad Request", error=(-32022, "Unsupported protocol version")),
    "an unsupported version under 200": Says(error=(-32022, "Unsupported protocol version")),
    "400 and nothing": Says("400 Bad Request"),
}


@pytest.mark.parametrize("answer", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_may_have_come_after_the_tool_is_unknown_is_not_sent_again_and_the_next_call_negotiates(
    answer: Says,
) -> None:
    server = Server(older_server(), first={CALL: [answer]})
    with listening(server) as peer:
        only = connector(peer)
        assert isinstance(only.call(request_of(), OpenGate(), None), Unknown)
        assert server.methods.count(CALL) == 1
        assert isinstance(only.call(request_of(), OpenGate(), None), Applied)
    assert server.methods == [DISCOVER, *HANDSHAKE, CALL] * 2


@pytest.mark.parametrize("answer", [Says("500 Oops"), Says(drops=True), Says("429 Later"), Says(raw="{")])
def test_what_says_nothing_of_the_agreement_leaves_it(answer: Says) -> None:
    server = Server(older_server(), first={CALL: [answer]})
    with listening(server) as peer:
        only = connector(peer)
        only.call(request_of(), OpenGate(), None)
        assert isinstance(only.call(request_of(), OpenGate(), None), Applied)
    assert server.methods == [DISCOVER, *HANDSHAKE, CALL, CALL]


@pytest.mark.parametrize(("session", "opened"), [(SESSION, 2), (None, 1)])
def test_a_session_that_lay_unused_is_replaced_before_a_call_could_meet_its_end(
    session: str | None, opened: int
) -> None:
    clock = JumpingClock()
    server = Server(older_server(session=session))
    with listening(server) as peer:
        only = connector(peer, clock=clock)
        for ahead_ms in (0, SESSION_IDLE_MS // 2, SESSION_IDLE_MS + 1_000):
            clock.ahead_ms += ahead_ms
            assert isinstance(only.call(request_of(), OpenGate(), None), Applied)
    assert server.methods.count(INITIALIZE) == opened


def test_a_session_is_shown_in_no_answer() -> None:
    echo = f"unknown session {SESSION}"
    answers = [Says(error=(-32603, echo)), Says(result={"structuredContent": {"success": True, "said": echo}})]
    server = Server(older_server(), first={CALL: list(answers)})
    with listening(server) as peer:
        only = connector(peer)
        said = [only.call(request_of(), OpenGate(), None) for _ in answers]
    assert [type(it) for it in said] == [Unknown, Applied]
    assert SESSION not in repr(said)
    assert SESSION not in repr(vars(only))
