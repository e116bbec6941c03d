"""The settings of connectors: one table each, told apart by its kind."""

from typing import Annotated

from pydantic import Field

from entrypoints.settings.google_calendar import GoogleCalendarSettings
from entrypoints.settings.http import HttpSettings
from entrypoints.settings.internal import InternalSettings
from entrypoints.settings.mcp import McpSettings
from entrypoints.settings.salesforce import SalesforceSettings
from entrypoints.settings.tables import Table

Outward = McpSettings | SalesforceSettings | GoogleCalendarSettings | HttpSettings
ConnectorSettings = InternalSettings | Outward


class ConnectorTables(Table):
    """The tables as a whole, whichever kinds they are of."""

    connectors: dict[str, Annotated[ConnectorSettings, Field(discriminator="kind")]]


def is_offered(one: ConnectorSettings, tool: str) -> bool:
    """Tell whether a connector's patterns name this tool: by its whole name, or by how it begins."""
    patterns = () if isinstance(one, InternalSettings) else tuple(one.tools)
    return any(tool == it or (it.endswith((".", "___")) and tool.startswith(it)) for it in patterns)
