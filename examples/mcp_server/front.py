"""The ASGI front that plays the HTTP faults; without a fault a request goes to the SDK's app as it came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examples.mcp_server.faults import APPLIED_FIRST, HTTP_FAULTS, CallList, Fault, FaultPlan, read_call

MCP_PATH = "/mcp"
MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_HANG_S = 30.0
DRIP_INTERVAL_S = 0.05
BROKEN_JSON = '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"te'


class FaultyFront:
    """Counts each tools/call, takes its fault from the plan and plays it."""

    def __init__(self, app: ASGIApp, plan: FaultPlan, calls: CallList, closing: asyncio.Event) -> None:
        self._app = app
        self._plan = plan
        self._calls = calls
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != MCP_PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = await _read_body(receive)
        if len(body) > MAX_BODY_BYTES:
            await JSONResponse({"error": "request too large"}, 413)(scope, receive, send)
            return
        exchange = Exchange(self._app, scope, receive, send, body, self._closing)
        call = read_call(body)
        if call is None:
            await exchange.forward()
            return
        fault = self._plan.take(call.plan_key)
        self._calls.add(call, fault)
        await exchange.play(fault)


@dataclass(slots=True)
class Reply:
    """A response that was caught instead of sent."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def catch(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what becomes of it. Every wait ends with the client, the process, or MAX_HANG_S."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    body: bytes
    closing: asyncio.Event

    async def play(self, fault: Fault) -> None:
        if fault.name not in HTTP_FAULTS:
            self.scope["state"]["tool_fault"] = fault.name
            await self.forward()
        elif fault.name == "late_apply":
            await self._apply_later(fault.seconds)
        elif fault.name == "slow_drip":
            await self._drip(await self._apply())
        else:
            if fault.name in APPLIED_FIRST:
                await self._apply()
            await self._end(fault)

    async def _end(self, fault: Fault) -> None:
        """Silence, a closed connection, or a response of our own."""
        if fault.name.startswith("timeout"):
            await self._hang()
        elif fault.name.startswith("drop"):
            await self._hang_up()
        else:
            await _own_response(fault, self.scope["server"][1])(self.scope, self.receive, self.send)

    async def forward(self) -> None:
        """Let the SDK answer the client itself."""
        await self.app(self.scope, _replay(self.body, self.receive), self.send)

    async def _apply(self) -> Reply:
        """Let the SDK do the call unseen; it is not told when the client goes."""
        reply = Reply()
        await self.app(self.scope, _replay(self.body, _never), reply.catch)
        return reply

    async def _apply_later(self, delay_s: float) -> None:
        """A process that stops in the meantime never applies."""
        if not await _happens(self.closing.wait(), delay_s):
            await self._apply()
            await self._hang()

    async def _hang(self) -> None:
        await _happens(self._over(), MAX_HANG_S)
        await self._hang_up()

    async def _hang_up(self) -> None:
        """Close the TCP connection; uvicorn answers 500 by itself unless it has seen the connection go."""
        transport: asyncio.Transport = self.scope["state"]["transport"]
        transport.close()
        await _happens(self._gone(), 1.0)

    async def _drip(self, reply: Reply) -> None:
        await self.send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        over = asyncio.ensure_future(self._over())
        for index in range(min(len(reply.body), int(MAX_HANG_S / DRIP_INTERVAL_S))):
            await self.send({"type": "http.response.body", "body": reply.body[index : index + 1], "more_body": True})
            done, _ = await asyncio.wait({over}, timeout=DRIP_INTERVAL_S)
            if done:
                break
        over.cancel()
        await self._hang_up()

    async def _gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _over(self) -> None:
        """Ends when the client has gone or the process is closing."""
        waits = {asyncio.ensure_future(self._gone()), asyncio.ensure_future(self.closing.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _own_response(fault: Fault, port: int) -> Response:
    match fault.name:
        case "throttle":
            return JSONResponse({"error": "too many requests"}, 429, {"Retry-After": f"{fault.seconds:g}"})
        case "http_400":
            return JSONResponse({"error": "bad request"}, 400)
        case "redirect":
            return Response(status_code=302, headers={"Location": f"http://localhost:{port}/_elsewhere"})
        case "malformed":
            return Response(BROKEN_JSON, media_type="application/json")
        case _:
            return JSONResponse({"error": "internal error"}, 500)


async def _happens(wait: Awaitable[object], within_s: float) -> bool:
    try:
        await asyncio.wait_for(wait, within_s)
    except TimeoutError:
        return False
    return True


async def _read_body(receive: Receive) -> bytes:
    body = bytearray()
    while len(body) <= MAX_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


async def _never() -> Message:
    return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]


def _replay(body: bytes, after: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else await after()

    return receive
