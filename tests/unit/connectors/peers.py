"""What the connectors' tests talk to: raw sockets that behave as told, gates that keep count, a real clock."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from core.domain.answer import Hold, NotSent
from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.keys import IntentKey
from core.domain.request import MappedCall, Request, frozen

CANARY = "canary-SECRET/token+0123456789"
SHUT = NotSent(Hold.SWITCH_CLOSED, "Stopped by global.")


class RealClock:
    def now_ms(self) -> int:
        return int(time.time() * 1000)

    def monotonic_ms(self) -> int:
        return int(time.monotonic() * 1000)

    def pause(self, longest_ms: int) -> None:
        time.sleep(longest_ms / 1000)


class OpenGate:
    """Open; counts how often it was asked."""

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.asked = 0
        self._then = then

    def closed(self) -> NotSent | None:
        self.asked += 1
        self._then()
        return None


class ShutGate:
    def __init__(self) -> None:
        self.asked = 0

    def closed(self) -> NotSent | None:
        self.asked += 1
        return SHUT


@dataclass
class Peer:
    """A server on a port of this host; ``received`` is what each connection brought."""

    port: int
    received: list[bytes] = field(default_factory=list)
    last_port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"


Script = Callable[[socket.socket, bytes], None]
Shake = Callable[[socket.socket], socket.socket]


@contextmanager
def listening(script: Script | None, shake: Shake = lambda it: it) -> Iterator[Peer]:
    """A peer that reads each request whole and then plays the script; None: it never reads at all."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        peer = Peer(server.getsockname()[1])
        open_connections: list[socket.socket] = []
        thread = threading.Thread(target=_serve, args=(server, peer, script, shake, open_connections), daemon=True)
        thread.start()
        try:
            yield peer
        finally:
            # Connections are accepted in turn, so that this one is the last to be looked at.
            with socket.socket() as last:
                last.bind(("127.0.0.1", 0))
                peer.last_port = last.getsockname()[1]
                last.connect(server.getsockname())
                thread.join(10)
            for connection in open_connections:
                connection.close()


def _serve(server: socket.socket, peer: Peer, script: Script | None, shake: Shake, held: list[socket.socket]) -> None:
    while True:
        connection, (_, port) = server.accept()
        held.append(connection)
        if port == peer.last_port:
            return
        if script is None:
            continue
        connection.settimeout(5)
        connection = shake(connection)
        request = _read_request(connection)
        peer.received.append(request)
        with suppress(OSError):
            if request:
                script(connection, request)
            connection.close()


def _read_request(connection: socket.socket) -> bytes:
    read = b""
    with suppress(OSError):
        while b"\r\n\r\n" not in read or len(read) < _whole(read):
            piece = connection.recv(65536)
            if not piece:
                break
            read += piece
    return read


def _whole(read: bytes) -> int:
    head, _, _ = read.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((line for line in lines if line.startswith(b"content-length:")), b"content-length: 0")
    return len(head) + 4 + int(length.partition(b":")[2])


def replying(body: bytes, *headers: str, status: str = "200 OK", content_type: str = "application/json") -> Script:
    def script(connection: socket.socket, _request: bytes) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    return script


def answering(make: Callable[[dict[str, Any]], object]) -> Script:
    """Reply with what is made of the request's JSON-RPC message."""

    def script(connection: socket.socket, request: bytes) -> None:
        message = json.loads(request.partition(b"\r\n\r\n")[2])
        replying(json.dumps(make(message)).encode())(connection, request)

    return script


def resetting(connection: socket.socket, _request: bytes = b"") -> None:
    """Close so that the other side sees a reset, not an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def request_of(
    tool: str = "crm.create_task",
    intent: str = "intent-1",
    *,
    timeout_ms: int = 2_000,
    look_up: str | None = None,
    before: str | None = None,
    **arguments: Json,
) -> Request:
    """A frozen request, as the core makes it."""
    key = IntentKey("tenant", "account", intent)
    binding = {"tenant_id": key.tenant_id, "account_id": key.account_id, "action_intent_id": intent}
    terms = Terms(EffectContract.NATURAL_KEY, look_up_tool=look_up, before_tool=before)
    return frozen(MappedCall(key, tool, "1", 1, terms, timeout_ms, {**binding, **arguments}), "ACTION", 1)
