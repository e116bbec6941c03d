"""The server process: the SDK's app behind the faulty front, the /_ pages, and uvicorn with a prompt end."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from examples.mcp_server.faults import Call, CallList, Fault, FaultPlan
from examples.mcp_server.front import MCP_PATH, FaultyFront
from examples.mcp_server.objects import Provider, WriteLog
from examples.mcp_server.tools import ToolFaults, offer_tools

HOST = "127.0.0.1"
KEEP_ALIVE_S = 75


class Pages:
    """What tests and people ask the provider, beside MCP."""

    def __init__(self, log: WriteLog, plan: FaultPlan, calls: CallList) -> None:
        self._log = log
        self._plan = plan
        self._calls = calls

    def routes(self) -> list[Route]:
        return [
            Route("/_health", self.health, methods=["GET"]),
            Route("/_log", self.log, methods=["GET"]),
            Route("/_calls", self.calls, methods=["GET"]),
            Route("/_faults", self.faults, methods=["POST"]),
            Route("/_elsewhere", self.elsewhere, methods=["GET", "POST"]),
        ]

    async def health(self, _request: Request) -> JSONResponse:
        return JSONResponse({"ok": True, "writes": len(self._log.lines)})

    async def log(self, _request: Request) -> JSONResponse:
        return JSONResponse(self._log.lines)

    async def calls(self, _request: Request) -> JSONResponse:
        return JSONResponse(list(self._calls.calls))

    async def faults(self, request: Request) -> JSONResponse:
        try:
            self._plan.put(await request.json())
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"ok": True})

    async def elsewhere(self, _request: Request) -> JSONResponse:
        """Where the redirect fault points; a client that follows it shows up in the list of calls."""
        self._calls.add(Call("_elsewhere", "write", {}), Fault("ok"))
        return JSONResponse({"error": "you should not be here"}, 404)


def build_app(log: WriteLog, plan: FaultPlan, closing: asyncio.Event, *, sse: bool, sessions: bool) -> ASGIApp:
    calls = CallList()
    server: MCPServer[Any] = MCPServer(
        "example-provider", version="1", log_level="ERROR", middleware=[ToolFaults(stream=sse)]
    )
    offer_tools(server, Provider(log))
    app: Starlette = server.streamable_http_app(
        streamable_http_path=MCP_PATH, json_response=not sse, stateless_http=not sessions, host=HOST
    )
    app.routes.extend(Pages(log, plan, calls).routes())
    return FaultyFront(app, plan, calls, closing)


class OpenHandedProtocol(H11Protocol):
    """Hands each request its TCP transport, in the ASGI scope's state, so that a fault can close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class PromptServer(uvicorn.Server):
    """Says where it listens once it does; when told to stop it lets hanging requests go, and exits with 0."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        super().__init__(config)
        self._closing = closing
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        print(json.dumps({"url": f"http://{HOST}:{port}{MCP_PATH}", "port": port}), flush=True)

    def handle_exit(self, _sig: int, _frame: FrameType | None) -> None:
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._closing.set)


def serve(port: int, log_path: Path, plan: FaultPlan, *, sse: bool, sessions: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. `port` 0 lets the system choose."""
    closing = asyncio.Event()
    log = WriteLog(log_path)
    config = uvicorn.Config(
        build_app(log, plan, closing, sse=sse, sessions=sessions),
        host=HOST,
        port=port,
        http=OpenHandedProtocol,
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )
    try:
        PromptServer(config, closing).run()
    finally:
        log.close()
