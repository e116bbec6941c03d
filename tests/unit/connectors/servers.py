"""MCP servers as scripts: what each says to each method, and what it was told."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp import McpConnector
from adapters.connectors.mcp_negotiating import NOTHING_PINNED, Pinned
from tests.unit.connectors.peers import Peer, RealClock, replying

Message = dict[str, Any]

DISCOVER, INITIALIZE = "server/discover", "initialize"
INITIALIZED, CALL = "notifications/initialized", "tools/call"
HANDSHAKE = [INITIALIZE, INITIALIZED]
SESSION = "session-0123456789abcdef"
DONE: Message = {"structuredContent": {"success": True, "external_object_refs": []}}


@dataclass(frozen=True)
class Says:
    """One answer. ``raw`` is sent instead of a message; ``drops`` ends the connection, ``stalls`` says nothing."""

    status: str = "200 OK"
    result: object = None
    error: tuple[int, str] | None = None
    raw: str | None = None
    session: str | None = None
    answers_id: object = ...
    drops: bool = False
    stalls: bool = False
    content_type: str = "application/json"
    more: tuple[str, ...] = ()

    def play(self, connection: socket.socket, request: bytes, message: Message) -> None:
        if self.stalls:
            connection.recv(1)
        if self.stalls or self.drops:
            return
        headers = [*self.more, *([] if self.session is None else [f"Mcp-Session-Id: {self.session}"])]
        replying(self._body(message), *headers, status=self.status, content_type=self.content_type)(connection, request)

    def _body(self, message: Message) -> bytes:
        if self.raw is not None:
            return self.raw.encode()
        if self.result is None and self.error is None:
            return b""
        said: Message = {"jsonrpc": "2.0", "id": message.get("id") if self.answers_id is ... else self.answers_id}
        if self.error is not None:
            said["error"] = {"code": self.error[0], "message": self.error[1]}
        else:
            said["result"] = self.result
        text = json.dumps(said)
        return (f"data: {text}\n\n" if self.content_type == "text/event-stream" else text).encode()


NEWEST_SERVER: Mapping[str, Says] = {
    DISCOVER: Says(result={"supportedVersions": ["2025-11-25", "2026-07-28"], "capabilities": {}}),
    CALL: Says(result=DONE),
}


def older_server(version: str = "2025-06-18", session: str | None = SESSION) -> dict[str, Says]:
    return {
        DISCOVER: Says("400 Bad Request", error=(-32600, "Unsupported protocol version"), answers_id=None),
        INITIALIZE: Says(result={"protocolVersion": version, "capabilities": {}, "serverInfo": {}}, session=session),
        INITIALIZED: Says("202 Accepted"),
        CALL: Says(result=DONE),
    }


@dataclass
class Server:
    """Plays the answer to each method; ``first`` before that, one each time. Notes whatever it is told."""

    says: Mapping[str, Says]
    first: dict[str, list[Says]] = field(default_factory=dict)
    on: Callable[[str], object] = lambda _method: None
    told: list[tuple[dict[str, str], Message]] = field(default_factory=list)

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:]]
        message: Message = json.loads(body)
        self.told.append(({name.lower(): value for name, _, value in lines}, message))
        method = str(message["method"])
        self.on(method)
        waiting = self.first.get(method)
        (waiting.pop(0) if waiting else self.says[method]).play(connection, request, message)

    @property
    def methods(self) -> list[str]:
        return [str(message["method"]) for _, message in self.told]

    def headers(self, method: str) -> dict[str, str]:
        """Return the headers of the last message of a method."""
        return [headers for headers, message in self.told if message["method"] == method][-1]


class JumpingClock(RealClock):
    """The real one, some milliseconds ahead."""

    ahead_ms = 0

    def monotonic_ms(self) -> int:
        return super().monotonic_ms() + self.ahead_ms


def connector(peer: Peer, pinned: Pinned = NOTHING_PINNED, clock: RealClock | None = None) -> McpConnector:
    used = clock or RealClock()
    return McpConnector(Exchange(Endpoint(peer.url), used), used, pinned)
