"""Which connector offers which tool, as configured."""

from collections.abc import Sequence

from adapters.connectors.guarded import GuardedConnector
from core.domain.errors import ConfigurationError
from core.domain.making import dataclass

_PREFIX_ENDS = (".", "___")


@dataclass(frozen=True, slots=True)
class Route:
    """A tool's name, or the beginning of names: ``crm.`` or, as a gateway writes it, ``crm___``.

    ``tenant_id`` None: for every tenant that has no route of its own for the same pattern. All routes to one connector
    share its guard.
    """

    pattern: str
    connector: GuardedConnector
    tenant_id: str | None = None

    @property
    def is_prefix(self) -> bool:
        """Tell whether the pattern is the beginning of names."""
        return self.pattern.endswith(_PREFIX_ENDS)


class ConnectorTable:
    """The longest pattern that matches wins; the same pattern for one tenant beats the one for all."""

    def __init__(self, routes: Sequence[Route]) -> None:
        """Index the routes.

        Raises:
            ConfigurationError: a pattern is empty, or given twice for the same tenants.
        """
        self._routes: dict[tuple[str, str | None], GuardedConnector] = {}
        for route in routes:
            name = (route.pattern, route.tenant_id)
            if not route.pattern.strip("._ "):
                raise ConfigurationError("A route's pattern names no tool.")
            if name in self._routes:
                raise ConfigurationError(f"The tools {route.pattern!r} are routed twice.")
            self._routes[name] = route.connector
        prefixes = {route.pattern for route in routes if route.is_prefix}
        self._prefixes = sorted(prefixes, key=len, reverse=True)

    def offering(self, tool: str, tenant_id: str) -> GuardedConnector | None:
        for pattern in (tool, *(it for it in self._prefixes if tool.startswith(it) and tool != it)):
            for owner in (tenant_id, None):
                connector = self._routes.get((pattern, owner))
                if connector is not None:
                    return connector
        return None
