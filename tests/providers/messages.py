"""Requests and responses of a fake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MAX_BODY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came; header names are lower case, the path is still percent-encoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:  # noqa: ANN401 - whatever came
        """The body as JSON, None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Reply:
    """A response; a document is sent as JSON."""

    status: int
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return b"" if self.document is None else json.dumps(self.document).encode()


def raw(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a response as it goes over the wire."""
    length = {} if status == 204 else {"Content-Length": str(len(body))}
    lines = [f"{name}: {value}" for name, value in {**headers, **length, "Connection": "close"}.items()]
    return "\r\n".join([f"HTTP/1.1 {status} -", *lines, "", ""]).encode() + (b"" if status == 204 else body)


def called(handler: BaseHTTPRequestHandler) -> Call:
    """Return the request that a handler has parsed."""
    parts = urlsplit(handler.path)
    length = min(int(handler.headers.get("Content-Length") or 0), MAX_BODY_BYTES)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Call(handler.command, parts.path, query, headers, handler.rfile.read(length))


def headers_of(reply: Reply) -> Mapping[str, str]:
    json_type = {} if reply.document is None else {"Content-Type": "application/json; charset=UTF-8"}
    return {**json_type, **reply.headers}
