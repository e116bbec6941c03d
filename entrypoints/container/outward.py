"""Building the connectors that reach out, each kind by a module of its own, imported where it is configured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from adapters.connectors.exchange import Limits
from adapters.connectors.guarded import GuardedConnector
from adapters.connectors.routing import Route
from adapters.connectors.shares import Bounds
from core.domain.errors import ConfigurationError
from entrypoints.container.authorizing import Surroundings
from entrypoints.late import found

if TYPE_CHECKING:
    from adapters.connectors.signing import Sign
    from core.domain.timing import Timing
    from entrypoints.settings.connectors import Outward
    from ports.clock import Clock
    from ports.connector import Connector
    from ports.secrets import Secrets

CONNECT_SHARE = 0.8

MAKINGS: Mapping[str, str] = {
    "mcp": "entrypoints.container.mcp.mcp_connector",
    "salesforce": "entrypoints.container.salesforce.salesforce_connector",
    "google_calendar": "entrypoints.container.google_calendar.google_calendar_connector",
    "http": "entrypoints.container.http.http_connector",
}


def routes_of(
    configured: Mapping[str, Outward],
    clock: Clock,
    timing: Timing,
    secrets: Secrets | None,
    sign: Callable[[str, str | None], Sign] | None,
    egress: tuple[str, ...],
) -> list[Route]:
    """Build every connector once, and return which tools it offers to whom.

    Raises:
        ConfigurationError: a connector's settings are wrong, or a secret of it can never be there.
    """
    connect_ms = min(Limits().connect_ms, int(timing.call_slack_ms * CONNECT_SHARE))
    around = Surroundings(clock, connect_ms, secrets, sign, egress, max_skew_ms=timing.max_skew_ms)
    routes: list[Route] = []
    for name, one in configured.items():
        try:
            connector = GuardedConnector(connector_of(one, around), clock, _bounds(one), name)
        except ConfigurationError as fault:
            raise ConfigurationError(f"connectors.{name}: {fault.message}") from fault
        routes += [Route(pattern, connector, tenant) for pattern in one.tools for tenant in one.tenants or (None,)]
    return routes


def _bounds(one: Outward) -> Bounds:
    return Bounds(one.max_concurrent, one.max_look_ups, one.breaker_failures, int(one.breaker_open_s * 1000))


def connector_of(one: Outward, around: Surroundings) -> Connector:
    """Build one connector, without its guard.

    Raises:
        ConfigurationError: its settings are wrong, or a secret of it can never be there.
    """
    connector: Connector = found(MAKINGS[one.kind])(one, around)
    return connector
