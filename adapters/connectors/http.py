"""The HTTP connector: tools of any JSON API, by configuration alone."""

import json
from collections.abc import Mapping
from dataclasses import replace

from adapters.connectors.exchange import Exchange, Reply
from adapters.connectors.http_looking import finding_of, image_of
from adapters.connectors.http_plan import Ask, HttpTool, Outbound
from adapters.connectors.http_table import answer_of
from adapters.connectors.http_template import Arguments, BadArgumentError
from core.domain.answer import Answer, CannotTell, Finding, NotSent, Refused, Unknown
from core.domain.canonical import Json
from core.domain.errors import ErrorClass
from core.domain.request import Request
from ports.connector import Gate


class HttpConnector:
    """The tools of one system, below one URL. Each call, look-up and image is one request."""

    def __init__(self, exchange: Exchange, system: str, tools: Mapping[str, HttpTool]) -> None:
        """Keep the transport, which is built once, and what each tool does with it."""
        self._exchange = exchange
        self._system = system
        self._tools = tools
        self._base = exchange.endpoint.url.target.decode("ascii").rstrip("/")

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:  # noqa: ARG002
        tool = self._tools.get(request.tool)
        arguments = _arguments(request)
        if tool is None or arguments is None:
            return _refused(f"There is no tool {request.tool} for these arguments.")
        try:
            outbound = tool.ask.of(arguments, request.arguments)
            key = {} if tool.key is None else tool.key.of(request.effect_key)
        except BadArgumentError as fault:
            return _refused(str(fault))
        keyed = replace(outbound, headers={**outbound.headers, **key})
        reply = self._send(keyed, request.timeout_ms, gate)
        return answer_of(tool, self._system, reply, arguments) if isinstance(reply, Reply) else reply

    def look_up(self, request: Request, before: str | None) -> Finding:
        tool = self._tools.get(request.tool)
        arguments = _arguments(request)
        if tool is None or tool.looking is None or arguments is None:
            return CannotTell(f"No look-up is configured for {request.tool}.")
        reply = self._read(tool.looking.ask, request, arguments)
        if reply is None:
            return CannotTell("The object could not be read.")
        return finding_of(tool, tool.looking, self._system, reply, arguments, before)

    def before_image(self, request: Request) -> str | None:
        tool = self._tools.get(request.tool)
        arguments = _arguments(request)
        if tool is None or tool.imaging is None or arguments is None:
            return None
        reply = self._read(tool.imaging.ask, request, arguments)
        return None if reply is None else image_of(tool.imaging, reply)

    def _read(self, ask: Ask, request: Request, arguments: Arguments) -> Reply | None:
        try:
            outbound = ask.of(arguments, request.arguments)
        except BadArgumentError:
            return None
        reply = self._send(outbound, request.timeout_ms, None)
        return reply if isinstance(reply, Reply) else None

    def _send(self, outbound: Outbound, timeout_ms: int, gate: Gate | None) -> Reply | NotSent | Unknown:
        reply = self._exchange.send(
            outbound.body,
            outbound.headers,
            timeout_ms=timeout_ms,
            gate=gate,
            method=outbound.method,
            target=f"{self._base}{outbound.target}",
        )
        if not isinstance(reply, Reply):
            return reply
        redacted = self._exchange.endpoint.auth.redact(reply.body.decode(errors="replace"))
        return replace(reply, body=redacted.encode())


def _arguments(request: Request) -> Arguments | None:
    arguments: Json = json.loads(request.arguments)
    return arguments if isinstance(arguments, Mapping) else None


def _refused(message: str) -> Refused:
    return Refused(ErrorClass.VALIDATION, "VALIDATION_FAILED", message)
