from __future__ import annotations

import socket
import time
from itertools import repeat

import pytest

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import MAX_RETRY_AFTER_MS, Exchange, Limits, Reply, retry_after
from core.domain.answer import Cause, NotSent, Unknown
from tests.unit.connectors.peers import (
    SHUT,
    OpenGate,
    RealClock,
    Script,
    ShutGate,
    listening,
    replying,
    resetting,
)
from tests.unit.connectors.sending import SOON_S, send, timed


def dripping(text: bytes, before: bytes = b"") -> Script:
    def script(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(before)
        for octet in text:
            connection.sendall(bytes([octet]))
            time.sleep(0.05)

    return script


def silent(connection: socket.socket, _request: bytes) -> None:
    connection.recv(1)


def test_one_request_is_posted_and_its_reply_read_whole() -> None:
    with listening(replying(b'{"a":1}', "Retry-After: 2")) as peer:
        gate = OpenGate()
        assert send(peer.url, gate) == Reply(200, "application/json", 2_000, b'{"a":1}')
        assert gate.asked == 1
    (received,) = peer.received
    assert received.startswith(b"POST /mcp HTTP/1.1\r\n")
    assert received.endswith(b"\r\n\r\n{}")
    assert b"accept-encoding" not in received.lower()


def test_each_call_opens_a_connection_of_its_own() -> None:
    with listening(replying(b"{}")) as peer:
        post = Exchange(Endpoint(peer.url), RealClock())
        for _ in range(3):
            assert isinstance(post.send(b"{}", {}, timeout_ms=2_000), Reply)
    assert len(peer.received) == 3


def test_a_closed_gate_lets_no_byte_through() -> None:
    with listening(replying(b"{}")) as peer:
        gate = ShutGate()
        assert send(peer.url, gate) == SHUT
        assert gate.asked == 1
    assert peer.received == [b""]


def test_a_gate_that_takes_all_the_time_lets_no_byte_through() -> None:
    with listening(replying(b"{}")) as peer:
        sent = send(peer.url, OpenGate(lambda: time.sleep(0.3)), timeout_ms=200)
        assert isinstance(sent, NotSent)
    assert peer.received == [b""]


@pytest.mark.parametrize("script", [resetting, lambda *_: None], ids=["reset", "end"])
def test_a_connection_lost_after_the_request_leaves_it_unknown(script: Script) -> None:
    with listening(script) as peer:
        sent = send(peer.url)
    assert isinstance(sent, Unknown)
    assert not sent.timed_out


def test_a_reset_before_the_first_byte_is_read_is_unknown_once_a_byte_may_have_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"

        def reset() -> None:
            resetting(server.accept()[0])
            time.sleep(0.05)

        assert isinstance(send(url, OpenGate(reset)), Unknown)


@pytest.mark.parametrize(
    "script",
    [
        silent,
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: " + b"y" * 60 + b"\r\n\r\n{}"),
        dripping(b"x" * 60, b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n"),
        dripping(b"1\r\nx\r\n" * 30, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 3),
    ],
    ids=["silence", "header drip", "body drip", "chunk drip", "endless informational"],
)
def test_nothing_outlasts_the_deadline(script: Script) -> None:
    with listening(script) as peer:
        sent, took_s = timed(peer.url, 300)
    assert sent == Unknown("The call was not answered in time.", timed_out=True, cause=Cause.TRANSPORT)
    assert 0.25 < took_s < SOON_S


def test_a_peer_that_does_not_read_cannot_outlast_the_deadline() -> None:
    with listening(None) as peer:
        begun = time.monotonic()
        sent = Exchange(Endpoint(peer.url), RealClock()).send(b"x" * 50_000_000, {}, timeout_ms=300)
        assert time.monotonic() - begun < SOON_S
    assert sent == Unknown("The call was not answered in time.", timed_out=True, cause=Cause.TRANSPORT)


def test_a_response_that_is_too_large_is_cut_off() -> None:
    def flood(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in repeat(None, 100):
            connection.sendall(b"x" * 1024)

    with listening(flood) as peer:
        sent = send(peer.url, limits=Limits(response_bytes=2048))
    assert sent == Unknown("The response is over 2048 bytes.")


def test_headers_without_end_are_cut_off() -> None:
    with listening(lambda connection, _: connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500_000)) as peer:
        assert isinstance(send(peer.url), Unknown)


def test_a_body_shorter_than_promised_is_unknown() -> None:
    with listening(lambda it, _: it.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")) as peer:
        assert isinstance(send(peer.url), Unknown)


def test_what_is_not_http_is_unknown() -> None:
    with listening(lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")) as peer:
        assert isinstance(send(peer.url), Unknown)


def test_a_redirect_is_handed_back_and_not_followed() -> None:
    with listening(replying(b"{}")) as other:
        script = replying(b"", f"Location: {other.url}", status="307 Temporary Redirect")
        with listening(script) as peer:
            sent = send(peer.url)
    assert isinstance(sent, Reply)
    assert sent.status == 307
    assert (len(peer.received), other.received) == (1, [])


def test_the_rest_of_a_body_is_not_waited_for_once_there_is_enough() -> None:
    def script(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; a=b\r\n\r\nall of it")
        connection.recv(1)

    with listening(script) as peer:
        begun = time.monotonic()
        post = Exchange(Endpoint(peer.url), RealClock())
        sent = post.send(
            b"", {}, timeout_ms=3_000, enough=lambda kind, piece: (kind, piece[-2:]) == ("text/plain", b"it")
        )
        assert time.monotonic() - begun < SOON_S
    assert sent == Reply(200, "text/plain", 0, b"all of it")


@pytest.mark.parametrize(
    ("text", "wait_ms"),
    [
        ("", 0),
        ("0", 0),
        ("2", 2_000),
        (" 2 ", 2_000),
        ("0.2", 200),
        ("-5", 0),
        ("1e9", 0),
        ("soon", 0),
        ("9" * 400, 0),
        ("99999999", MAX_RETRY_AFTER_MS),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10_000),
        ("Tue, 14 Nov 2023 22:13:10 GMT", 0),
        ("Tue, 14 Nov 2093 22:13:20 GMT", MAX_RETRY_AFTER_MS),
        ("Tue, 99 Nov 2023 22:13:20 GMT", 0),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date_and_is_bounded(text: str, wait_ms: int) -> None:
    assert retry_after(text, 1_700_000_000_000) == wait_ms
