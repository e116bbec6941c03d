"""What an MCP server offers: tools/list, page by page, within bounds."""

from collections.abc import Mapping

from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp_negotiating import Negotiator, Pinned
from adapters.connectors.mcp_speaking import Agreement, Speaker
from adapters.connectors.mcp_table import OK, Said
from adapters.connectors.showing import shown
from core.domain.answer import NotSent
from core.domain.canonical import Json
from ports.clock import Clock
from ports.wire.envelope import read
from ports.wire.mcp_handshake import ToolPage, list_request, read_reply

MAX_PAGES = 100
MAX_LIST_CHARACTERS = 32 * 1024 * 1024

Schemas = Mapping[str, Json]
"""Tools by name, each with the JSON Schema of its arguments, unread."""


class NotListedError(Exception):
    """What is offered cannot be told. The message is safe to show."""


class Listing:
    """Asks a server once for all its tools."""

    def __init__(
        self, exchange: Exchange, clock: Clock, pinned: Pinned, *, max_characters: int = MAX_LIST_CHARACTERS
    ) -> None:
        """Keep the transport. ``max_characters`` bounds all pages together; the transport bounds each."""
        self._clock = clock
        self._speaker = Speaker(exchange)
        self._max_characters = max_characters
        self._negotiator = Negotiator(self._speaker, clock, pinned)

    def tools(self, timeout_ms: int) -> Schemas:
        """Return every tool, within ``timeout_ms`` in all.

        Raises:
            NotListedError: the server did not say, or said more than there can be.
        """
        end_ms = self._clock.monotonic_ms() + timeout_ms
        agreement = self._negotiator.agreed(timeout_ms)
        if isinstance(agreement, NotSent):
            raise NotListedError(agreement.detail)
        found: dict[str, Json] = {}
        cursor: str | None = None
        asked: set[str | None] = set()
        characters = 0
        while cursor not in asked:
            if len(asked) == MAX_PAGES:
                raise NotListedError(f"the list of tools has more than {MAX_PAGES} pages")
            asked.add(cursor)
            page, size = self._page(agreement, cursor, end_ms)
            characters += size
            if characters > self._max_characters:
                raise NotListedError(f"the list of tools is over {self._max_characters} characters")
            _add(found, page)
            if page.next_cursor is None:
                return found
            cursor = page.next_cursor
        raise NotListedError("the pages of the list of tools go in a circle")

    def _page(self, agreement: Agreement, cursor: str | None, end_ms: int) -> tuple[ToolPage, int]:
        call_id = "actonce-list"
        body = list_request(call_id, cursor, agreement.version)
        said = self._speaker.say(body, agreement.headers("tools/list"), end_ms - self._clock.monotonic_ms())
        if not isinstance(said, Said):
            raise NotListedError(said.detail if isinstance(said, NotSent) else said.reason)
        reply = read_reply(said.text)
        if said.status != OK or reply is None or reply.id != call_id or reply.result is None:
            why = "" if reply is None or reply.error is None else f", {reply.error.code}: {reply.error.message}"
            raise NotListedError(shown(f"tools/list was answered with {said.status}{why}"))
        page = read(ToolPage, reply.result)
        if page is None:
            raise NotListedError("the list of tools is malformed")
        return page, len(said.text or "")


def _add(found: dict[str, Json], page: ToolPage) -> None:
    for tool in page.tools:
        if tool.name in found:
            raise NotListedError(shown(f"the tool {tool.name} is offered twice"))
        found[tool.name] = tool.input_schema
