"""A tool server that speaks MCP 2025-03-26 and nothing else, strictly: what that version does not know is turned away.

It asks for ``initialize``, keeps a session, wants ``notifications/initialized`` before anything else, and lists its
tools three at a time. Headers and ``_meta`` of later versions are refused, so that nobody sends them by accident.

What people do: {"do": "make"} returns the id of a ticket, {"do": "edit" or "remove", "id": ...}; {"do": "expire"} ends
all sessions; {"do": "said"} returns the methods that were asked for so far.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

from tests.providers.desk.tools import READS, SCHEMAS, Tools, done, refused
from tests.providers.faults import Fault
from tests.providers.messages import Call, Reply
from tests.providers.shelf import PEOPLE, UPDATE

VERSION = "2025-03-26"
PATH = "/mcp"
LATER_HEADERS = ("mcp-protocol-version", "mcp-method", "mcp-name")
PAGE = 3
PARSE_ERROR, INVALID_REQUEST, NO_METHOD, BAD_PARAMS = -32700, -32600, -32601, -32602
KINDS: Mapping[str, type | tuple[type, ...]] = {"string": str, "number": (int, float), "object": dict}
numbers = itertools.count(1)

Message = Mapping[str, Any]


class Stream(Reply):
    """A response as an event stream: a note of progress, and then the message."""

    @property
    def body(self) -> bytes:
        note = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "working"}}
        return b"".join(b"event: message\ndata: " + json.dumps(it).encode() + b"\n\n" for it in (note, self.document))


class Desk:
    """The protocol; the work is the tools'."""

    def __init__(self, tools: Tools, token: str, *, streams: bool = False, keeps_sessions: bool = True) -> None:
        self.shelf = tools.shelf
        self._tools = tools
        self._token = token
        self._streams = streams
        self._keeps_sessions = keeps_sessions
        self._sessions: dict[str, bool] = {}
        self._said: list[str] = []

    def token(self, call: Call) -> Reply | None:
        """Answer all that is no call of a tool; None where it is one."""
        message = _message(call)
        if message is None or message.get("method") == "tools/call":
            return None
        return self._turned_away(call, message) or self._spoken_to(call, message)

    def is_write(self, call: Call) -> bool:
        return _tool(call) not in READS

    def handle(self, call: Call) -> Reply:
        message = _message(call)
        if message is None:
            return _unread(PARSE_ERROR, "That is no message.")
        away = self._turned_away(call, message) or self._sessionless(call)
        return away or self._called(message)

    def spoken(self, fault: Fault, call: Call) -> Reply:
        later = {"Retry-After": f"{fault.seconds:g}"}
        match fault.name:
            case "throttle":
                return Reply(429, {"error": "not so fast"}, later)
            case "unavailable":
                return Reply(503, {"error": "closed"}, later)
            case "refuse":
                return self._answer(_message(call) or {}, refused("NOT_TODAY", "The desk is closed."))
            case "unauthorized":
                return Reply(401, {"error": "who are you"})
            case "echo":
                return Reply(400, {"error": f"Cannot read {call.headers.get('authorization')}"})
            case _:
                return Reply(500, {"error": "something broke"})

    def mix_up(self, call: Call) -> Reply:
        key = (_message(call) or {})["params"]["arguments"]["idempotency_key"]
        other = {"title": "Somebody else's", "state": "NEW", "version": 1}
        self.shelf.write(UPDATE, ("ticket", key), other, PEOPLE)
        return self._answer(_message(call) or {}, done("ticket", "somebody-elses"))

    def people(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        if wish["do"] == "expire":
            self._sessions.clear()
            return {}
        return {"said": self._said} if wish["do"] == "said" else self._tools.people(wish)

    def _turned_away(self, call: Call, message: Message) -> Reply | None:
        """Return what is answered to whoever is not let in, or speaks otherwise than this version does."""
        if (away := self._unheard(call)) is not None:
            return away
        if message.get("jsonrpc") != "2.0" or any(name in call.headers for name in LATER_HEADERS):
            return _unread(INVALID_REQUEST, f"This is MCP {VERSION}.")
        if "_meta" in (message.get("params") or {}):
            return _unread(INVALID_REQUEST, f"_meta of a later version than {VERSION}.")
        self._said.append(str(message.get("method")))
        return None

    def _unheard(self, call: Call) -> Reply | None:
        """Return what HTTP itself has to say."""
        if call.headers.get("authorization") != f"Bearer {self._token}":
            return Reply(401, {"error": "who are you"})
        if call.path != PATH or call.method != "POST":
            return Reply(404 if call.path != PATH else 405)
        accepted = {it.partition(";")[0].strip() for it in call.headers.get("accept", "").split(",")}
        if not {"application/json", "text/event-stream"} <= accepted:
            return Reply(406)
        return None if call.headers.get("content-type") == "application/json" else Reply(415)

    def _spoken_to(self, call: Call, message: Message) -> Reply:
        match message.get("method"):
            case "initialize":
                return self._initialized(call, message)
            case "notifications/initialized":
                return self._confirmed(call, message)
            case "tools/list":
                return self._sessionless(call) or self._listed(message)
            case _:
                return self._sessionless(call) or _error(message, NO_METHOD, "There is no such method.")

    def _initialized(self, call: Call, message: Message) -> Reply:
        params = message.get("params")
        wanted = {"protocolVersion", "capabilities", "clientInfo"}
        if "mcp-session-id" in call.headers or not isinstance(params, dict) or params.keys() != wanted:
            return _unread(INVALID_REQUEST, "That is no initialize.")
        server = {"name": "desk", "version": "1"}
        result = {"protocolVersion": VERSION, "capabilities": {"tools": {}}, "serverInfo": server}
        headers = {}
        if self._keeps_sessions:
            session = f"session-{next(numbers)}-0123456789"
            self._sessions[session] = False
            headers["Mcp-Session-Id"] = session
        return self._reply({"jsonrpc": "2.0", "id": message["id"], "result": result}, headers)

    def _confirmed(self, call: Call, message: Message) -> Reply:
        if "id" in message:
            return _unread(INVALID_REQUEST, "A notification has no id.")
        if not self._keeps_sessions:
            return Reply(202)
        session = call.headers.get("mcp-session-id", "")
        if session not in self._sessions:
            return _unread(INVALID_REQUEST, "There is no such session.", 404)
        self._sessions[session] = True
        return Reply(202)

    def _sessionless(self, call: Call) -> Reply | None:
        if not self._keeps_sessions:
            return None
        session = call.headers.get("mcp-session-id")
        if session is None:
            return _unread(INVALID_REQUEST, "Where is the session?")
        if session not in self._sessions:
            return _unread(INVALID_REQUEST, "There is no such session.", 404)
        return None if self._sessions[session] else _unread(INVALID_REQUEST, "Say notifications/initialized first.")

    def _listed(self, message: Message) -> Reply:
        start = int((message.get("params") or {}).get("cursor", "0"))
        names = sorted(SCHEMAS)
        tools = [{"name": it, "description": it, "inputSchema": SCHEMAS[it]} for it in names[start : start + PAGE]]
        more = {"nextCursor": str(start + PAGE)} if start + PAGE < len(names) else {}
        return self._reply({"jsonrpc": "2.0", "id": message["id"], "result": {"tools": tools, **more}})

    def _called(self, message: Message) -> Reply:
        params = message.get("params")
        if not isinstance(message.get("id"), str | int) or not isinstance(params, dict):
            return _unread(INVALID_REQUEST, "A call has an id and parameters.")
        tool, given = params.get("name"), params.get("arguments")
        schema = SCHEMAS.get(str(tool))
        if schema is None or not isinstance(given, dict):
            return _error(message, BAD_PARAMS, f"Unknown tool: {tool}")
        if fault := _misfit(schema, given):
            return _error(message, BAD_PARAMS, fault)
        return self._answer(message, self._tools.do(str(tool), given))

    def _answer(self, message: Message, envelope: Mapping[str, Any]) -> Reply:
        text = {"type": "text", "text": json.dumps(envelope)}
        result = {"content": [text], "isError": not envelope["success"]}
        return self._reply({"jsonrpc": "2.0", "id": message.get("id"), "result": result})

    def _reply(self, document: Message, headers: Mapping[str, str] | None = None) -> Reply:
        if self._streams:
            return Stream(200, document, {**(headers or {}), "Content-Type": "text/event-stream"})
        return Reply(200, document, headers or {})


def _message(call: Call) -> Message | None:
    return call.document if isinstance(call.document, dict) else None


def _tool(call: Call) -> str:
    params = (_message(call) or {}).get("params")
    return str(params.get("name")) if isinstance(params, dict) else ""


def _misfit(schema: Mapping[str, Any], given: Mapping[str, Any]) -> str | None:
    if missing := sorted(set(schema["required"]) - given.keys()):
        return f"{missing[0]} is missing"
    if stray := sorted(given.keys() - schema["properties"].keys()):
        return f"{stray[0]} is not known"
    wrong = [it for it, value in given.items() if not isinstance(value, KINDS[schema["properties"][it]["type"]])]
    return f"{wrong[0]} is of another type" if wrong else None


def _error(message: Message, code: int, why: str) -> Reply:
    return Reply(200, {"jsonrpc": "2.0", "id": message.get("id"), "error": {"code": code, "message": why}})


def _unread(code: int, why: str, status: int = 400) -> Reply:
    return Reply(status, {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": why}})
