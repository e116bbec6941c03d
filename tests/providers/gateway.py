"""An AgentCore gateway, as far as it is documented: MCP outward over HTTP, and a Lambda target behind it.

A call's arguments become the flat event, its tool's name is in the client context, and the JSON that the function
returns becomes the text of the first content: as it is, or (``wraps``) with a whole result around it. A function
that fails, whether before its write or after, is answered by a result with ``isError`` and one and the same text.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"
INTERNAL_ERROR = "An internal error occurred. Please retry later."
TARGET_TIMEOUT_S = 30.0

Handler = Callable[[Any, Any], Any]
Arguments = dict[str, Any]


@dataclass(frozen=True)
class ClientContext:
    """As the Python runtime of Lambda shows it."""

    custom: Mapping[str, str]


@dataclass
class Context:
    """What Lambda tells a function that a gateway invokes."""

    client_context: ClientContext
    aws_request_id: str = "request-1"
    function_name: str = "actonce-gateway-target"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:actonce-gateway-target"
    begun: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((TARGET_TIMEOUT_S - (time.monotonic() - self.begun)) * 1000))


class Killed(BaseException):
    """The function's process is gone: nothing in it can catch this."""


@dataclass
class Gateway:
    """A running gateway. ``faults``: what befalls the next calls, drop_reply or twice or none.

    ``tampers`` changes the arguments of every call on the way.
    """

    handler: Handler
    wraps: bool = False
    tampers: Callable[[Arguments], Arguments] = lambda it: it
    faults: deque[str] = field(default_factory=deque)
    asked: list[tuple[str, Arguments]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/mcp"

    def result(self, name: str, arguments: Arguments, call_id: str) -> Mapping[str, Any]:
        """Invoke the target and return the result of tools/call."""
        custom = {
            "bedrockAgentCoreMessageVersion": "1.0",
            "bedrockAgentCoreAwsRequestId": "aws-request",
            "bedrockAgentCoreMcpMessageId": call_id,
            "bedrockAgentCoreGatewayId": "gateway",
            "bedrockAgentCoreTargetId": "TARGET",
            "bedrockAgentCoreToolName": name,
        }
        event = json.loads(json.dumps(self.tampers(dict(arguments))))
        try:
            said = json.dumps(self.handler(event, Context(ClientContext(custom))))
        except (Exception, Killed):  # noqa: BLE001 - as a gateway does
            return {"content": [{"type": "text", "text": INTERNAL_ERROR}], "isError": True}
        result = {"content": [{"type": "text", "text": said}], "isError": False}
        return {"content": [{"type": "text", "text": json.dumps(result)}], "isError": False} if self.wraps else result

    def answer(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the response to a request, None where the connection is to be dropped."""
        name, arguments = message["params"]["name"], message["params"]["arguments"]
        self.asked.append((name, arguments))
        fault = self.faults.popleft() if self.faults else ""
        if fault == "twice":
            with ThreadPoolExecutor(2) as pool:
                both = [pool.submit(self.result, name, arguments, message["id"]) for _ in range(2)]
            result = both[1].result()
        else:
            result = self.result(name, arguments, message["id"])
        return None if fault == "drop_reply" else {"jsonrpc": "2.0", "id": message["id"], "result": result}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    gateway: Gateway


class _Front(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/mcp" or message.get("method") != "tools/call":
            self.send_error(404)
            return
        answer = self.server.gateway.answer(message)
        self.close_connection = True
        if answer is None:
            return
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def gateway(handler: Handler) -> Iterator[Gateway]:
    """Serve on a port of this host."""
    server = _Server((HOST, 0), _Front)
    server.gateway = Gateway(handler, port=server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
