"""Whether an MCP server offers the tools that a registry entry names, and would take what the entry sends them."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from adapters.connectors.authorizing import NotReadyError
from adapters.connectors.dressing import AS_IT_IS, Dressing
from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp_arguments import Sending, sendings
from adapters.connectors.mcp_listing import Listing, NotListedError, Schemas
from adapters.connectors.mcp_negotiating import NOTHING_PINNED, Pinned
from adapters.connectors.mcp_schema import UnreadableSchemaError, faults_of
from adapters.connectors.showing import shown
from core.domain.gateway_names import SEPARATOR, on_gateway
from core.domain.registry import RegistryEntry
from ports.clock import Clock
from ports.contract_check import Holding

TIMEOUT_MS = 30_000


class McpCheck:
    """Asks for the list of tools once, and holds against it what a connector with the same dressing would send."""

    def __init__(
        self, exchange: Exchange, clock: Clock, pinned: Pinned = NOTHING_PINNED, dressing: Dressing = AS_IT_IS
    ) -> None:
        """Keep the transport, and how calls are dressed for this server."""
        self._listing = Listing(exchange, clock, pinned)
        self._dressing = dressing
        self._offered: Schemas | Holding | None = None

    def check(self, entry: RegistryEntry) -> Holding:
        offered = self._tools()
        if isinstance(offered, Holding):
            return offered
        wanted = self._wanted(entry)
        if isinstance(wanted, Holding):
            return wanted
        for tool, all_sent in wanted.items():
            fault = _not_offered(tool, offered) if tool not in offered else _not_taken(tool, offered, all_sent)
            if fault is not None:
                return fault
        return Holding(True, f"{', '.join(wanted)}: offered, and what is sent fits")

    def _wanted(self, entry: RegistryEntry) -> Mapping[str, list[Sending]] | Holding:
        wanted: dict[str, list[Sending]] = {}
        try:
            for sending in sendings(entry, self._dressing):
                wanted.setdefault(sending.tool, []).append(sending)
        except NotReadyError as why:
            return Holding(False, f"nothing would be sent: {str(why).removesuffix('.')}", "Mend proof_secret.")
        return wanted

    def _tools(self) -> Schemas | Holding:
        if self._offered is None:
            try:
                self._offered = self._listing.tools(TIMEOUT_MS)
            except NotListedError as fault:
                advice = "Mend url, auth or protocol_version, or start the server."
                self._offered = Holding(False, str(fault).removesuffix("."), advice)
        return self._offered


def _not_offered(tool: str, offered: Schemas) -> Holding:
    there = on_gateway(tool)
    if there != tool and there in offered:
        return Holding(
            False,
            f"there is no tool {tool}",
            f'A gateway offers it as {there}: set names = "gateway" for its connector.',
        )
    ends = f"{SEPARATOR}{tool}"
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
