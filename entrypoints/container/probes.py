"""The doctor's probe of the connectors that are configured."""

from adapters.connectors.exchange import Exchange
from adapters.connectors.probing import unreached
from core.domain.errors import ConfigurationError
from entrypoints.container.authorizing import Surroundings
from entrypoints.container.contract_checks import surroundings
from entrypoints.container.google_calendar import google_calendar_exchange
from entrypoints.container.http import http_exchange
from entrypoints.container.mcp import mcp_exchange
from entrypoints.container.salesforce import salesforce_exchange
from entrypoints.settings.connectors import Outward
from entrypoints.settings.google_calendar import GoogleCalendarSettings
from entrypoints.settings.http import HttpSettings
from entrypoints.settings.loading import Settings
from entrypoints.settings.mcp import McpSettings
from entrypoints.settings.salesforce import SalesforceSettings

PROBE_MS = 4_000


def probe(settings: Settings, name: str, one: Outward) -> tuple[str, str | None]:
    """Return where a connector reaches out to, and why that cannot be reached, None where it can.

    Nothing is sent to it; where it takes tokens, one is asked for.

    Raises:
        ConfigurationError: its settings are wrong, or a secret of it is not there.
        StoreUnavailableError: a secret could not be read now.
    """
    with surroundings(settings) as around:
        try:
            exchange = _exchange(one, around)
        except ConfigurationError as fault:
            raise ConfigurationError(f"connectors.{name}: {fault.message}") from fault
        return f"{exchange.endpoint.host}:{exchange.endpoint.url.port}", unreached(exchange, PROBE_MS)


def _exchange(one: Outward, around: Surroundings) -> Exchange:
    match one:
        case McpSettings():
            return mcp_exchange(one, around)
        case SalesforceSettings():
            return salesforce_exchange(one, around)
        case GoogleCalendarSettings():
            return google_calendar_exchange(one, around)
        case HttpSettings():
            return http_exchange(one, around)
