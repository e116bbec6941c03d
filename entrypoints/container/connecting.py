"""The table of connectors, each built once from its settings."""

from collections.abc import Mapping

from adapters.connectors.authorizing import ANONYMOUS, Authorizer, Bearer
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits
from adapters.connectors.internal import InternalConnector
from adapters.connectors.mcp import McpConnector
from adapters.connectors.routing import ConnectorTable, Route
from core.domain.errors import ConfigurationError
from entrypoints.settings.connectors import ConnectorSettings, McpSettings
from ports.clock import Clock
from ports.connector import Connectors
from ports.internal_objects import InternalObjects
from ports.secrets import Secrets

INTERNAL_TOOLS = "internal."
CONNECT_SHARE = 0.8


def connector_table(
    configured: Mapping[str, ConnectorSettings],
    objects: InternalObjects,
    clock: Clock,
    slack_ms: int,
    secrets: Secrets | None = None,
) -> Connectors:
    """Build every connector once; the internal one is there by default.

    Raises:
        ConfigurationError: a connector's settings are wrong, or its token is not there.
        StoreUnavailableError: its token could not be read now.
    """
    connect_ms = min(Limits().connect_ms, int(slack_ms * CONNECT_SHARE))
    routes = [Route(INTERNAL_TOOLS, InternalConnector(objects))]
    for name, one in configured.items():
        if isinstance(one, McpSettings):
            connector = _mcp(name, one, clock, connect_ms, secrets)
            routes += [Route(pattern, connector) for pattern in one.tools]
    return ConnectorTable(routes)


def _mcp(name: str, one: McpSettings, clock: Clock, connect_ms: int, secrets: Secrets | None) -> McpConnector:
    limits = Limits(connect_ms=connect_ms, response_bytes=one.max_response_bytes)
    try:
        endpoint = Endpoint(one.url, _authorizer(one, secrets), allows_private=one.allows_private)
    except ConfigurationError as fault:
        raise ConfigurationError(f"connectors.{name}: {fault.message}") from fault
    return McpConnector(Exchange(endpoint, clock, limits), errors_precede_tools=one.errors_precede_tools)


def _authorizer(one: McpSettings, secrets: Secrets | None) -> Authorizer:
    token = _token(one, secrets)
    return ANONYMOUS if token is None else Bearer(token)


def _token(one: McpSettings, secrets: Secrets | None) -> str | None:
    if one.token_secret is not None:
        if secrets is None:
            raise ConfigurationError("token_secret is for the target aws; name a variable as token_env.")
        return secrets.get(one.token_secret)
    if one.token_env is not None and one.token is None:
        raise ConfigurationError(f"token_env: the variable {one.token_env} is not set")
    return one.token.get_secret_value() if one.token is not None else None
