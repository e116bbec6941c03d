"""The vendor's API on a port of this host, with its faults."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from tests.providers.faults import AFTER, SPOKEN, Fault, Plan
from tests.providers.messages import Call, Reply, called, headers_of, raw
from tests.providers.shelf import Shelf

HOST = "127.0.0.1"
MAX_HANG_S = 20.0
DRIP_INTERVAL_S = 0.05
OVERSIZE_BYTES = 200 * 1024
BROKEN = b'{"id": "half of a'


class Api(Protocol):
    """What one vendor's fake does."""

    shelf: Shelf

    def token(self, call: Call) -> Reply | None:
        """Answer a request for a token; None where it is none."""
        ...

    def is_write(self, call: Call) -> bool: ...

    def handle(self, call: Call) -> Reply:
        """Do it and answer."""
        ...

    def spoken(self, fault: Fault, call: Call) -> Reply:
        """Answer a fault in the vendor's own words."""
        ...

    def mix_up(self, call: Call) -> Reply:
        """Put somebody else's object where this call would create its own, and show it as a success."""
        ...

    def people(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        """Let people do something; a ValueError or KeyError says that nobody can."""
        ...


class Counts:
    """How many came."""

    def __init__(self) -> None:
        self.asked = 0
        self.strays = 0


class ApiServer(ThreadingHTTPServer):
    """Serves the API; a thread for each connection, a connection for each request."""

    daemon_threads = True

    def __init__(self, port: int, api: Api, plan: Plan, counts: Counts) -> None:
        super().__init__((HOST, port), ApiHandler)
        self.api = api
        self.plan = plan
        self.counts = counts
        self.elsewhere = ""
        self.lock = threading.Lock()


class ApiHandler(BaseHTTPRequestHandler):
    """One request, with its fault."""

    protocol_version = "HTTP/1.1"
    server: ApiServer

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if self.raw_requestline and self.parse_request():
            with suppress(OSError):
                self._answer(called(self))
        # Parsing says that the connection may stay open; here each has one request.
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def _answer(self, call: Call) -> None:
        api = self.server.api
        if (token := api.token(call)) is not None:
            self._send(token)
            return
        with self.server.lock:
            self.server.counts.asked += 1
        fault = self.server.plan.take("write" if api.is_write(call) else "read")
        if fault is None:
            self._send(self._applied(call))
        else:
            self._play(fault, call)

    def _play(self, fault: Fault, call: Call) -> None:
        if fault.name == "late_apply":
            time.sleep(fault.seconds)
        reply = self._applied(call) if fault.name in AFTER else None
        if fault.name in SPOKEN:
            self._send(self.server.api.spoken(fault, call))
        elif fault.name in {"mixed_up", "collision"}:
            with self.server.lock:
                other = self.server.api.mix_up(call)
            self._send(reply or other)
        elif fault.name == "redirect":
            self._send(Reply(307, None, {"Location": self.server.elsewhere}))
        elif reply is not None and fault.name in {"late_reply", "malformed", "drip", "oversize"}:
            self._spoil(fault, reply)
        else:
            self._leave(fault)

    def _applied(self, call: Call) -> Reply:
        with self.server.lock:
            return self.server.api.handle(call)

    def _spoil(self, fault: Fault, reply: Reply) -> None:
        match fault.name:
            case "late_reply":
                time.sleep(fault.seconds)
                self._send(reply)
            case "malformed":
                self._write(200, {"Content-Type": "application/json"}, BROKEN)
            case "oversize":
                self._write(200, {"Content-Type": "application/json"}, b'"' + b"x" * OVERSIZE_BYTES + b'"')
            case _:
                self._drip(raw(reply.status, headers_of(reply), reply.body + b" " * 1000))

    def _leave(self, fault: Fault) -> None:
        """No answer: silence, an end, or a reset."""
        if fault.name in {"silence_before", "silence_after", "late_apply"}:
            self.connection.settimeout(MAX_HANG_S)
            with suppress(OSError):
                self.connection.recv(1)
        if fault.name.startswith("reset"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # The socket's own end, for the server would shut it down in good order first.
            socket.socket(fileno=self.connection.detach()).close()

    def _drip(self, text: bytes) -> None:
        for place in range(min(len(text), int(MAX_HANG_S / DRIP_INTERVAL_S))):
            self.connection.sendall(text[place : place + 1])
            time.sleep(DRIP_INTERVAL_S)

    def _send(self, reply: Reply) -> None:
        self._write(reply.status, headers_of(reply), reply.body)

    def _write(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.connection.sendall(raw(status, headers, body))
