"""What is agreed with an MCP server, what each version of the protocol wants in the headers, and one message there."""

import re
from collections.abc import Mapping
from dataclasses import field

from adapters.connectors.authorizing import Redaction
from adapters.connectors.event_stream import EVENT_STREAM, EventStream
from adapters.connectors.exchange import Exchange, Reply
from adapters.connectors.mcp_table import Said
from core.domain.answer import NotSent, Unknown
from core.domain.making import dataclass
from ports.connector import Gate
from ports.wire.mcp import PROTOCOL_VERSION, Version

SESSION_HEADER = "Mcp-Session-Id"
WITHOUT_VERSION_HEADER: Version = "2025-03-26"

_JSON = "application/json"
# Visible ASCII, as the specification has it; shorter than eight characters it is too common to be looked for in texts.
_SESSION = re.compile(r"[\x21-\x7e]{1,1024}")
_SHORTEST_REDACTED = 8


@dataclass(frozen=True, slots=True)
class Agreement:
    """The version that is spoken, and the session it is spoken in, None where the server keeps none."""

    version: Version
    session: str | None = field(default=None, repr=False)

    def headers(self, method: str, name: str | None = None) -> dict[str, str]:
        """Return the headers of one message: those of its version, and no others."""
        headers = plain_headers()
        if self.version != WITHOUT_VERSION_HEADER:
            headers["MCP-Protocol-Version"] = self.version
        if self.version == PROTOCOL_VERSION:
            headers["Mcp-Method"] = method
            headers |= {} if name is None else {"Mcp-Name": name}
        if self.session is not None:
            headers[SESSION_HEADER] = self.session
        return headers


def plain_headers() -> dict[str, str]:
    """Return the headers of a message before anything is agreed on."""
    return {"Content-Type": _JSON, "Accept": f"{_JSON}, {EVENT_STREAM}"}


def is_session(text: str) -> bool:
    """Tell whether a text can be sent as the id of a session."""
    return _SESSION.fullmatch(text) is not None


class Speaker:
    """Says one message to one server by one POST, and reads what comes back, as JSON or as an event stream."""

    def __init__(self, exchange: Exchange) -> None:
        """Keep the transport, which is built once."""
        self._exchange = exchange
        self._sessions = Redaction()

    def hide(self, session: str) -> None:
        """Note the id of a session, which no text shall show."""
        if len(session) >= _SHORTEST_REDACTED:
            self._sessions.add(session)

    def shown(self, text: str) -> str:
        """Return the text without credentials and sessions."""
        return self._sessions(self._exchange.endpoint.auth.redact(text))

    def say(
        self, body: str, headers: Mapping[str, str], timeout_ms: int, gate: Gate | None = None
    ) -> Said | NotSent | Unknown:
        """Send a message within ``timeout_ms``; when that is none, nothing is sent."""
        events = EventStream()
        reply = self._exchange.send(
            body.encode(), headers, timeout_ms=max(timeout_ms, 0), gate=gate, enough=events.takes
        )
        if not isinstance(reply, Reply):
            return reply
        text = events.response if reply.content_type == EVENT_STREAM else _text(reply)
        shown = None if text is None else self.shown(text)
        return Said(reply.status, shown, reply.retry_after_ms, session=reply.headers.get(SESSION_HEADER.lower()))


def _text(reply: Reply) -> str | None:
    try:
        return reply.body.decode() if reply.content_type == _JSON else None
    except UnicodeDecodeError:
        return None
