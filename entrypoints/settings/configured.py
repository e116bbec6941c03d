"""What is configured by kind, or for one function only: each read by settings that are imported for it alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import SecretStr

from entrypoints.late import found
from entrypoints.settings.auth import with_secrets
from entrypoints.settings.parsing import parsed

if TYPE_CHECKING:
    from entrypoints.settings.connectors import ConnectorSettings, ConnectorTables
    from entrypoints.settings.gateway_target import GatewayTargetSettings

KINDS: Mapping[object, str] = {
    "internal": "entrypoints.settings.internal.InternalSettings",
    "mcp": "entrypoints.settings.mcp.McpSettings",
    "salesforce": "entrypoints.settings.salesforce.SalesforceSettings",
    "google_calendar": "entrypoints.settings.google_calendar.GoogleCalendarSettings",
    "http": "entrypoints.settings.http.HttpSettings",
}
WHOLE = "entrypoints.settings.connectors.ConnectorTables"
GATEWAY_TARGET = "entrypoints.settings.gateway_target.GatewayTargetSettings"


def connectors_in(tables: object, source: str, env: Mapping[str, str]) -> dict[str, ConnectorSettings]:
    """Return the connectors that tables are of; secrets are read now, and are missed only by whoever is about to call.

    Raises:
        ConfigurationError: a table is none.
    """
    named = {name: _kind_of(table) for name, table in tables.items()} if isinstance(tables, dict) else {}
    if not isinstance(tables, dict) or None in named.values():
        # Which kinds there are the whole says, and what else is wrong.
        whole: type[ConnectorTables] = found(WHOLE)
        return parsed(whole, {"connectors": tables}, source).connectors
    return {name: _connector(name, tables[name], place, source, env) for name, place in named.items() if place}


def gateway_target_in(table: object, source: str, env: Mapping[str, str]) -> GatewayTargetSettings:
    """Return what a target behind a gateway is told.

    Raises:
        ConfigurationError: the table is none.
    """
    model: type[GatewayTargetSettings] = found(GATEWAY_TARGET)
    return with_secrets(parsed(model, table, source, "gateway_target"), env)


def _kind_of(table: object) -> str | None:
    kind = table.get("kind") if isinstance(table, dict) else None
    return KINDS.get(kind) if isinstance(kind, str) else None


def _connector(name: str, table: object, place: str, source: str, env: Mapping[str, str]) -> ConnectorSettings:
    model: type[ConnectorSettings] = found(place)
    return _with_token(with_secrets(parsed(model, table, source, "connectors", name), env), env)


def _with_token(one: ConnectorSettings, env: Mapping[str, str]) -> ConnectorSettings:
    if one.kind != "mcp" or one.token_env is None or not env.get(one.token_env):
        return one
    return one.model_copy(update={"token": SecretStr(env[one.token_env])})
