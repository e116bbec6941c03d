"""The registry: files that are checked, applied once and for all, and listed."""

from pathlib import Path
from typing import Annotated

import typer

from entrypoints.cli.session import AsJson, session_of
from entrypoints.cli.show import listed, say, say_json
from entrypoints.container.building import apply_registry, registry_entries

Folders = Annotated[
    list[Path] | None, typer.Option("--registry", help="A folder of entries; may be repeated.", show_default=False)
]
COLUMNS = ("action type", "version", "tool", "contract", "compensation", "risk", "parameters")


def check(context: typer.Context, folders: Folders = None) -> None:
    """Check the files, without a database.

    Example: actonce registry check --registry my-registry
    """
    entries = registry_entries(session_of(context).settings().with_registry(folders or ()))
    for entry in entries:
        say(f"ok  {entry.action_type} version {entry.version}: {entry.tool}, {entry.terms.contract.value}")
    say(f"{len(entries)} entries are well formed.")


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
    with session.open() as container:
        entries = container.registry().entries()
    if as_json:
        for it in entries:
            say_json(
                {
                    "action_type": it.action_type,
                    "version": it.version,
                    "tool": it.tool,
                    "tool_schema_version": it.tool_schema_version,
                    "contract": it.terms.contract.value,
                    "compensation": it.compensation.mode.value,
                    "risk": it.risk,
                    "parameters": [one.parameter for one in it.parameters],
                }
            )
        return
    if not entries:
        say("The registry is empty. Fill it: actonce registry apply")
        return
    rows = [
        (
            it.action_type,
            it.version,
            it.tool,
            it.terms.contract.value,
            it.compensation.mode.value,
            it.risk,
            ", ".join(one.parameter + ("*" if one.required else "") for one in it.parameters),
        )
        for it in entries
    ]
    listed("Registry (* is required)", COLUMNS, rows)
