"""The table of connectors, each built once from its settings; only what is configured is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from adapters.connectors.guarded import GuardedConnector
from adapters.connectors.internal import InternalConnector
from adapters.connectors.routing import ConnectorTable, Route
from adapters.connectors.shares import Bounds
from core.domain.timing import Timing
from entrypoints.late import found

if TYPE_CHECKING:
    from adapters.connectors.signing import Sign
    from entrypoints.settings.connectors import ConnectorSettings
    from ports.clock import Clock
    from ports.connector import Connectors
    from ports.internal_objects import InternalObjects
    from ports.secrets import Secrets

INTERNAL_TOOLS = "internal."
INTERNAL_BOUNDS = Bounds(calls=256, look_ups=256)
"""As many as there can be workers: what it does is in our own store."""
REACHING_OUT = "entrypoints.container.outward.routes_of"


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
    routes = [Route(INTERNAL_TOOLS, GuardedConnector(InternalConnector(objects), clock, INTERNAL_BOUNDS, "internal"))]
    outward = {name: one for name, one in configured.items() if one.kind != "internal"}
    if outward:
        routes += found(REACHING_OUT)(outward, clock, timing, secrets, sign, egress)
    return ConnectorTable(routes)
