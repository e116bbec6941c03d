"""The registry: files that are checked, applied once and for all, and listed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from core.domain.errors import ConfigurationError
from core.domain.registry import RegistryEntry
from entrypoints.cli.checking import CHECK_FAILED
from entrypoints.cli.session import AsJson, session_of
from entrypoints.cli.show import listed, say, say_json
from entrypoints.container.connecting import INTERNAL_TOOLS
from entrypoints.container.contract_checks import contract_check
from entrypoints.container.registering import apply_registry, registry_entries
from entrypoints.settings.connectors import is_offered
from entrypoints.settings.loading import Settings
from entrypoints.settings.mcp import McpSettings

Folders = Annotated[
    list[Path] | None, typer.Option("--registry", help="A folder of entries; may be repeated.", show_default=False)
]
COLUMNS = ("action type", "version", "tool", "contract", "compensation", "risk", "parameters")


def check(
    context: typer.Context,
    folders: Folders = None,
    against: Annotated[
        str | None,
        typer.Option("--against", help="A configured connector, or an MCP server's URL: do the entries hold there?"),
    ] = None,
) -> None:
    """Check the files, without a database; exits with 5 where an effect contract does not hold.

    Example: actonce registry check --against crm
    """
    settings = session_of(context).settings().with_registry(folders or ())
    entries = registry_entries(settings)
    if against is not None:
        _check_against(settings, entries, against)
        return
    for entry in entries:
        say(f"ok  {entry.action_type} version {entry.version}: {entry.tool}, {entry.terms.contract.value}")
    say(f"{len(entries)} entries are well formed.")


def _check_against(settings: Settings, entries: Iterable[RegistryEntry], name: str) -> None:
    """Say of each action type that the connector would carry out whether its effect contract holds there."""
    broken = 0
    with contract_check(settings, name) as checking:
        routed = [it for it in entries if _goes_to(settings, name, it.tool)]
        for entry in routed:
            found = checking.check(entry)
            broken += not found.holds
            what = f"{entry.action_type} version {entry.version}: {entry.tool}, {entry.terms.contract.value}"
            say(f"{'ok  ' if found.holds else 'fail'}  {what}: {' '.join((found.found + '.', found.advice)).strip()}")
    if not routed:
        raise ConfigurationError(f"No entry of the registry uses a tool of {name}.")
    if broken:
        raise typer.Exit(CHECK_FAILED)


def _goes_to(settings: Settings, name: str, tool: str) -> bool:
    """Tell whether a tool is one of this connector; to a bare address goes what nobody else is configured for."""
    if name in settings.connectors:
        return is_offered(settings.connectors[name], tool)
    others = [it for it in settings.connectors.values() if not (isinstance(it, McpSettings) and it.url == name)]
    return not tool.startswith(INTERNAL_TOOLS) and not any(is_offered(it, tool) for it in others)


def apply(context: typer.Context, folders: Folders = None) -> None:
    """Add the entries of the files to the registry; a version that is there stays as it is for ever.

    Example: actonce registry apply --registry my-registry
    """
    session = session_of(context)
    settings = session.settings().with_registry(folders or ())
    with session.open(settings, creating=True) as container:
        new, known = apply_registry(container)
    say(f"{new} new, {known} there before.")


def list_entries(context: typer.Context, as_json: AsJson = False) -> None:
    """List what is in the registry.

    Example: actonce registry list
    """
    session = session_of(context)
    with session.doors() as doors:
        entries = doors.registry().entries
    if as_json:
        for it in entries:
            say_json(it.document())
        return
    if not entries:
        say("The registry is empty. Fill it: actonce registry apply")
        return
    rows = [
        (
            it.action_type,
            it.version,
            it.tool,
            it.effect_contract.value,
            it.compensation.mode.value,
            it.risk,
            ", ".join(one.parameter + ("*" if one.required else "") for one in it.parameters),
        )
        for it in entries
    ]
    listed("Registry (* is required)", COLUMNS, rows)
