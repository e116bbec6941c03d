from __future__ import annotations

import time

import pytest

from adapters.connectors.event_stream import EVENT_STREAM, EventStream

RESPONSE = '{"jsonrpc":"2.0","id":"a","result":{}}'
NOTE = '{"jsonrpc":"2.0","method":"notifications/progress","params":{}}'
QUESTION = '{"jsonrpc":"2.0","id":"a","method":"sampling/createMessage"}'


def read(*pieces: bytes) -> str | None:
    events = EventStream()
    for piece in pieces:
        if events.takes(EVENT_STREAM, piece):
            break
    return events.response


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_notifications_and_the_servers_own_requests_are_passed_over(end: str) -> None:
    lines = [
        ": ping",
        "",
        f"data: {NOTE}",
        "",
        "id: 1",
        "data:",
        "",
        f"data: {QUESTION}",
        "",
        f"data:{RESPONSE}",
        "",
        "",
    ]
    assert read(end.join(lines).encode()) == RESPONSE


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_stream_may_be_cut_anywhere(end: str) -> None:
    stream = end.join(["event: message", f"data: {NOTE}", "", f"data: {RESPONSE}", "", "", ""]).encode()
    assert read(*(bytes([octet]) for octet in stream)) == RESPONSE
    for cut in range(len(stream)):
        assert read(stream[:cut], b"", stream[cut:]) == RESPONSE


def test_data_on_several_lines_is_one_message() -> None:
    assert read(b'data: {"id":1,\ndata: "result":{}}\n\n') == '{"id":1,\n"result":{}}'


def test_an_event_without_its_end_is_no_response() -> None:
    assert read(f"data: {RESPONSE}\n".encode()) is None


def test_what_is_broken_counts_as_the_response_so_that_nothing_later_is_believed() -> None:
    assert read(b'data: {"jsonrpc"\n\n', f"data: {RESPONSE}\n\n".encode()) == '{"jsonrpc"'
    assert read(b"data: \xff\n\n", f"data: {RESPONSE}\n\n".encode()) == ""


def test_the_first_response_stands() -> None:
    assert read(f"data: {RESPONSE}\n\ndata: {{}}\n\n".encode()) == RESPONSE


def test_another_content_type_is_not_read() -> None:
    events = EventStream()
    assert not events.takes("application/json", f"data: {RESPONSE}\n\n".encode())
    assert events.response is None


def test_a_line_in_a_million_pieces_costs_little() -> None:
    events = EventStream()
    begun = time.monotonic()
    for _ in range(300_000):
        events.takes(EVENT_STREAM, b"x")
    assert time.monotonic() - begun < 3
