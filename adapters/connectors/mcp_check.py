"""Whether an MCP server offers the tools that a registry entry names, and would take what the entry sends them."""

from collections.abc import Iterable
from difflib import get_close_matches

from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp_arguments import Sending, sendings
from adapters.connectors.mcp_listing import Listing, NotListedError, Schemas
from adapters.connectors.mcp_negotiating import NOTHING_PINNED, Pinned
from adapters.connectors.mcp_schema import UnreadableSchemaError, faults_of
from adapters.connectors.showing import shown
from core.domain.registry import RegistryEntry
from ports.clock import Clock
from ports.contract_check import Holding

TIMEOUT_MS = 30_000
GATEWAY_SEPARATOR = "___"


class McpCheck:
    """Asks for the list of tools once."""

    def __init__(self, exchange: Exchange, clock: Clock, pinned: Pinned = NOTHING_PINNED) -> None:
        """Keep the transport."""
        self._listing = Listing(exchange, clock, pinned)
        self._offered: Schemas | Holding | None = None

    def check(self, entry: RegistryEntry) -> Holding:
        offered = self._tools()
        if isinstance(offered, Holding):
            return offered
        wanted: dict[str, list[Sending]] = {}
        for sending in sendings(entry):
            wanted.setdefault(sending.tool, []).append(sending)
        for tool, all_sent in wanted.items():
            fault = _not_offered(tool, offered) if tool not in offered else _not_taken(tool, offered, all_sent)
            if fault is not None:
                return fault
        return Holding(True, f"{', '.join(wanted)}: offered, and what is sent fits")

    def _tools(self) -> Schemas | Holding:
        if self._offered is None:
            try:
                self._offered = self._listing.tools(TIMEOUT_MS)
            except NotListedError as fault:
                advice = "Mend url, auth or protocol_version, or start the server."
                self._offered = Holding(False, str(fault).removesuffix("."), advice)
        return self._offered


def _not_offered(tool: str, offered: Schemas) -> Holding:
    ends = f"{GATEWAY_SEPARATOR}{tool}"
    behind = sorted(it for it in offered if it.endswith(ends))
    if behind:
        advice = f"A gateway offers it as {behind[0]}: name it so in a new version of the entry."
        return Holding(False, f"there is no tool {tool}", shown(advice))
    near = get_close_matches(tool, offered, n=1)
    advice = f"The server offers {len(offered)} tools{f', among them {near[0]}' if near else ''}."
    return Holding(False, f"there is no tool {tool}", shown(advice))


def _not_taken(tool: str, offered: Schemas, all_sent: Iterable[Sending]) -> Holding | None:
    try:
        fault = faults_of(offered[tool], all_sent)
    except UnreadableSchemaError as unreadable:
        return Holding(False, f"{tool}: {unreadable}", "Mend the tool's input schema.")
    if fault is None:
        return None
    advice = "Mend the tool's input schema, or map the parameters otherwise in a new version of the entry."
    return Holding(False, f"{tool} would turn away what is sent: {fault}", advice)
