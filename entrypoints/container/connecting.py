"""The table of connectors, each built once from its settings."""

from collections.abc import Callable, Mapping

from adapters.connectors.exchange import Limits
from adapters.connectors.guarded import GuardedConnector
from adapters.connectors.internal import InternalConnector
from adapters.connectors.routing import ConnectorTable, Route
from adapters.connectors.shares import Bounds
from adapters.connectors.signing import Sign
from core.domain.errors import ConfigurationError
from core.domain.timing import Timing
from entrypoints.container.authorizing import Surroundings
from entrypoints.container.google_calendar import google_calendar_connector
from entrypoints.container.http import http_connector
from entrypoints.container.mcp import mcp_connector
from entrypoints.container.salesforce import salesforce_connector
from entrypoints.settings.connectors import ConnectorSettings, InternalSettings, McpSettings
from entrypoints.settings.google_calendar import GoogleCalendarSettings
from entrypoints.settings.http import HttpSettings
from entrypoints.settings.salesforce import SalesforceSettings
from ports.clock import Clock
from ports.connector import Connector, Connectors
from ports.internal_objects import InternalObjects
from ports.secrets import Secrets

INTERNAL_TOOLS = "internal."
INTERNAL_BOUNDS = Bounds(calls=256, look_ups=256)
"""As many as there can be workers: what it does is in our own store."""
CONNECT_SHARE = 0.8

Outward = McpSettings | SalesforceSettings | GoogleCalendarSettings | HttpSettings


def connector_table(
    configured: Mapping[str, ConnectorSettings],
    objects: InternalObjects,
    clock: Clock,
    timing: Timing,
    secrets: Secrets | None = None,
    sign: Callable[[str, str | None], Sign] | None = None,
    egress: tuple[str, ...] = (),
) -> Connectors:
    """Build every connector once; the internal one is there by default. ``egress``: the hosts that may be reached.

    Raises:
        ConfigurationError: a connector's settings are wrong, or a secret of it can never be there.
    """
    connect_ms = min(Limits().connect_ms, int(timing.call_slack_ms * CONNECT_SHARE))
    around = Surroundings(clock, connect_ms, secrets, sign, egress, max_skew_ms=timing.max_skew_ms)
    own = GuardedConnector(InternalConnector(objects), clock, INTERNAL_BOUNDS, "internal")
    routes = [Route(INTERNAL_TOOLS, own)]
    for name, one in configured.items():
        if isinstance(one, InternalSettings):
            continue
        try:
            connector = GuardedConnector(connector_of(one, around), clock, _bounds(one), name)
        except ConfigurationError as fault:
            raise ConfigurationError(f"connectors.{name}: {fault.message}") from fault
        routes += [Route(pattern, connector, tenant) for pattern in one.tools for tenant in one.tenants or (None,)]
    return ConnectorTable(routes)


def _bounds(one: Outward) -> Bounds:
    return Bounds(one.max_concurrent, one.max_look_ups, one.breaker_failures, int(one.breaker_open_s * 1000))


def connector_of(one: Outward, around: Surroundings) -> Connector:
    """Build one connector, without its guard.

    Raises:
        ConfigurationError: its settings are wrong, or a secret of it can never be there.
    """
    match one:
        case McpSettings():
            return mcp_connector(one, around)
        case SalesforceSettings():
            return salesforce_connector(one, around)
        case GoogleCalendarSettings():
            return google_calendar_connector(one, around)
        case HttpSettings():
            return http_connector(one, around)
