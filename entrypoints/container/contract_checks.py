"""The check of effect contracts against one configured connector."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.connectors.exchange import Limits
from adapters.system.clock import SystemClock
from core.domain.errors import ConfigurationError
from entrypoints.container.authorizing import Surroundings
from entrypoints.container.building import build_aws, close
from entrypoints.container.mcp import mcp_check
from entrypoints.container.salesforce import salesforce_check
from entrypoints.settings.connectors import ConnectorSettings
from entrypoints.settings.loading import Settings
from entrypoints.settings.mcp import McpSettings, bare_server
from entrypoints.settings.salesforce import SalesforceSettings
from entrypoints.settings.tables import is_web_address
from ports.contract_check import ContractCheck


@contextmanager
def contract_check(settings: Settings, name: str) -> Iterator[ContractCheck]:
    """Open what checks against the connector of this name, or the MCP server at this address, without credentials.

    No database is opened for it.

    Raises:
        ConfigurationError: there is no such connector, its settings are wrong, or nothing can be asked of its kind.
        StoreUnavailableError: a secret of it could not be read now.
    """
    if is_web_address(name):
        around = Surroundings(SystemClock(), Limits().connect_ms, egress=settings.egress.hosts)
        yield mcp_check(bare_server(name), around)
        return
    one = settings.connectors.get(name)
    if one is None:
        known = ", ".join(sorted(settings.connectors)) or "none"
        raise ConfigurationError(f"{settings.source}: there is no connector {name}; configured: {known}.")
    with surroundings(settings) as around:
        yield _built(name, one, around)


@contextmanager
def surroundings(settings: Settings) -> Iterator[Surroundings]:
    """Open what a connector is built with where nothing is carried out; no database is opened for it.

    Raises:
        ConfigurationError: there is no such profile.
    """
    connect_ms, hosts = Limits().connect_ms, settings.egress.hosts
    if not settings.is_aws:
        yield Surroundings(SystemClock(), connect_ms, egress=hosts)
        return
    container = build_aws(settings)
    try:
        yield Surroundings(container.clock(), connect_ms, container.secrets(), container.sign(), hosts)
    finally:
        close(container)


def _built(name: str, one: ConnectorSettings, around: Surroundings) -> ContractCheck:
    """A kind of connector that can be asked has its case here."""
    try:
        match one:
            case McpSettings():
                return mcp_check(one, around)
            case SalesforceSettings():
                return salesforce_check(one, around)
            case _:
                raise ConfigurationError(f"nothing can be asked of a connector of kind {one.kind}")
    except ConfigurationError as fault:
        raise ConfigurationError(f"connectors.{name}: {fault.message}") from fault
