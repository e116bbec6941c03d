"""The messages of MCP that a connector sends and reads: tools/call, its result, its error (JSON-RPC 2.0)."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from core.domain.canonical import Json
from ports.wire.envelope import Answered, Words, read, read_json

Version = Literal["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"]
PROTOCOL_VERSION: Version = "2026-07-28"
"""The newest one; it needs neither a handshake nor a session."""

HANDSHAKEN: tuple[Version, ...] = ("2025-11-25", "2025-06-18", "2025-03-26")
"""Those that begin with ``initialize``, newest first."""

META = "io.modelcontextprotocol/"

CallId = Annotated[str, Field(min_length=1, max_length=128)]


class ClientInfo(BaseModel):
    """Who calls; for the provider's logs only."""

    model_config = ConfigDict(defer_build=True)

    name: str = "actonce"
    version: str = "1"


class CallMeta(BaseModel):
    """What protocol version 2026-07-28 wants said with every request, since there is no session."""

    model_config = ConfigDict(populate_by_name=True, defer_build=True)

    protocol_version: str = Field(default=PROTOCOL_VERSION, alias=META + "protocolVersion")
    client_info: ClientInfo = Field(default_factory=ClientInfo, alias=META + "clientInfo")
    client_capabilities: dict[str, JsonValue] = Field(default={}, alias=META + "clientCapabilities")


def meta_of(version: Version) -> CallMeta | None:
    """Return what a version wants said with every request, None for those that settle it by a handshake."""
    return CallMeta() if version == PROTOCOL_VERSION else None


class CallParams(BaseModel):
    """Which tool, and its arguments, which come last (see ToolCall.carrying). Older versions know no ``meta``."""

    model_config = ConfigDict(populate_by_name=True, defer_build=True)

    name: str
    meta: CallMeta | None = Field(default=None, alias="_meta")
    arguments: dict[str, JsonValue] = {}


class ToolCall(BaseModel):
    """A tools/call request. Its id is at the top level, and every answer echoes it."""

    model_config = ConfigDict(defer_build=True)

    jsonrpc: Literal["2.0"] = "2.0"
    id: CallId
    method: Literal["tools/call"] = "tools/call"
    params: CallParams

    @classmethod
    def carrying(cls, call_id: str, tool: str, arguments: str, version: Version = PROTOCOL_VERSION) -> str:
        """Return the request's text, with ``arguments``, a JSON object's text, byte for byte as it was frozen."""
        params = CallParams(name=tool, meta=meta_of(version))
        head = cls(id=call_id, params=params).model_dump_json(by_alias=True, exclude_none=True)
        return f"{head.removesuffix('{}}}')}{arguments}}}}}"


class RpcError(Answered):
    """Why there is no result."""

    code: int
    message: Words = ""


class ToolResult(Answered):
    """What a tool gave back. ``is_error`` without an envelope of ours says nothing of what was written."""

    content: list[JsonValue] = Field(default_factory=list)
    structured_content: JsonValue = Field(default=None, alias="structuredContent")
    is_error: bool = Field(default=False, alias="isError")
    result_type: str = Field(default="complete", alias="resultType")

    @property
    def envelope(self) -> dict[str, Json] | None:
        """Return what looks like an envelope of ours; None where there is none, or two that differ."""
        structured, text = _enveloped(self.structured_content), _enveloped(self._first_text())
        if structured is not None and text is not None and structured != text:
            return None
        return structured or text

    def unwrapped(self) -> Self:
        """Return the result inside this one, where a gateway has wrapped a tool's whole result as text."""
        inner = self._first_text() if self.envelope is None else None
        if not isinstance(inner, dict) or not isinstance(inner.get("content"), list):
            return self
        result = read(type(self), inner)
        return self if result is None else result.model_copy(update={"is_error": self.is_error or result.is_error})

    def _first_text(self) -> Json:
        first = self.content[0] if self.content else None
        text = first.get("text") if isinstance(first, dict) else None
        if not isinstance(text, str):
            return None
        try:
            return read_json(text)
        except ValueError:
            return None


class RpcResponse(Answered):
    """A JSON-RPC response: a result or an error. ``id`` is null where the server could not read ours."""

    jsonrpc: Literal["2.0"]
    id: str | int | None = None
    result: ToolResult | None = None
    error: RpcError | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.result is None) == (self.error is None):
            raise ValueError("a response has a result or an error")
        return self


def read_response(text: str) -> RpcResponse | None:
    """Return a response's text as a typed one, None when it is not a response."""
    try:
        return read(RpcResponse, read_json(text))
    except ValueError:
        return None


def is_response(text: str) -> bool:
    """Tell whether a message may be a response; a request or a notification of the server has a method."""
    try:
        message = read_json(text)
    except ValueError:
        return True
    return not (isinstance(message, dict) and "method" in message)


def _enveloped(value: Json) -> dict[str, Json] | None:
    return value if isinstance(value, dict) and "success" in value else None
