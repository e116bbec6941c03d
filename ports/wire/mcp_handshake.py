"""The messages by which a version of MCP is agreed on, and those by which a server's tools are listed."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from core.domain.canonical import Json, compact
from ports.wire.envelope import Answered, Words, read, read_json
from ports.wire.mcp import ClientInfo, RpcError, Version, meta_of

MAX_PAGE_TOOLS = 10_000
MAX_VERSIONS = 1_000

Cursor = Annotated[str, StringConstraints(min_length=1, max_length=8_192)]


def discover_request(call_id: str, version: Version) -> str:
    """Return the request that asks which versions a server speaks; only the newest version knows it."""
    return _request(call_id, "server/discover", _with_meta({}, version))


def initialize_request(call_id: str, version: Version) -> str:
    """Return the request that proposes an older version."""
    params: dict[str, Json] = {
        "protocolVersion": version,
        "capabilities": {},
        "clientInfo": ClientInfo().model_dump(mode="json"),
    }
    return _request(call_id, "initialize", params)


def initialized_notice() -> str:
    """Return the notification that ends the handshake; it has no id, and no answer."""
    return compact({"jsonrpc": "2.0", "method": "notifications/initialized"})


def list_request(call_id: str, cursor: str | None, version: Version) -> str:
    """Return the request for one page of a server's tools."""
    return _request(call_id, "tools/list", _with_meta({} if cursor is None else {"cursor": cursor}, version))


class RpcReply(Answered):
    """A JSON-RPC response of whatever kind: a result or an error. ``id`` is null where ours could not be read."""

    id: str | int | None = None
    result: dict[str, JsonValue] | None = None
    error: RpcError | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.result is None) == (self.error is None):
            raise ValueError("a response has a result or an error")
        return self


class Discovered(Answered):
    """The versions a server speaks."""

    supported_versions: Annotated[list[str], Field(max_length=MAX_VERSIONS)] = Field(alias="supportedVersions")


class Initialized(Answered):
    """The version that a server answers the handshake with, which need not be the one that was proposed."""

    protocol_version: Words = Field(alias="protocolVersion")


class OfferedTool(Answered):
    """A tool, and the JSON Schema of its arguments."""

    name: Words
    input_schema: JsonValue = Field(default=None, alias="inputSchema")


class ToolPage(Answered):
    """One page of a server's tools; ``next_cursor`` asks for the next one, None: this is the last."""

    tools: Annotated[list[OfferedTool], Field(max_length=MAX_PAGE_TOOLS)]
    next_cursor: Cursor | None = Field(default=None, alias="nextCursor")


def read_reply(text: str | None) -> RpcReply | None:
    """Return a response's text as a typed one, None when it is none."""
    try:
        return None if text is None else read(RpcReply, read_json(text))
    except ValueError:
        return None


def _with_meta(params: dict[str, Json], version: Version) -> dict[str, Json]:
    meta = meta_of(version)
    return params if meta is None else {**params, "_meta": meta.model_dump(mode="json", by_alias=True)}


def _request(call_id: str, method: str, params: Mapping[str, Json]) -> str:
    return compact({"jsonrpc": "2.0", "id": call_id, "method": method, "params": dict(params)})
