"""The command line: ``actonce``. Each command parses, calls one use case or port, and shows what came of it."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from traceback import extract_tb
from typing import Annotated, ParamSpec

import typer

from core.domain.errors import (
    ConfigurationError,
    ExecutionError,
    IntentNotFoundError,
    InvalidEventError,
    TransientError,
    UnknownExecutionError,
    ValidationError,
)
from entrypoints import logs
from entrypoints.cli import (
    acting,
    checking,
    exporting,
    ledger,
    listing,
    looking,
    publishing,
    redriving,
    registry,
    running,
    serving,
    switching,
    working,
)
from entrypoints.cli.session import Session
from entrypoints.cli.show import aside
from entrypoints.settings.loading import Overrides
from entrypoints.settings.tables import Target

UNFORESEEN, USAGE, NOT_FOUND, REFUSED, UNAVAILABLE = 1, 2, 3, 4, 7
EPILOG = (
    "Exit codes: 0 done; 1 unforeseen fault; 2 wrong usage or configuration; 3 not found; "
    "4 refused, because it is not proved safe; 5 a check failed; "
    "6 run: some work is dead-lettered, in doubt or unfinished; 7 a store or the API is unavailable, try again."
)


P = ParamSpec("P")


def reporting(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command say our own errors in one line on stderr, with an exit code that means something."""

    @wraps(command)
    def reported(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ExecutionError as error:
            aside(f"actonce: {error.message}")
            raise typer.Exit(exit_code(error)) from error

    return reported


def exit_code(error: ExecutionError) -> int:
    """Return the exit code of an error."""
    if isinstance(error, TransientError):
        return UNAVAILABLE
    if isinstance(error, IntentNotFoundError):
        return NOT_FOUND
    if isinstance(error, ConfigurationError | ValidationError | InvalidEventError):
        return USAGE
    return UNFORESEEN if isinstance(error, UnknownExecutionError) else REFUSED


def subcommands(help_: str, commands: Mapping[str, Callable[..., None]]) -> typer.Typer:
    """Return a group of commands."""
    group = typer.Typer(help=help_, no_args_is_help=True)
    for name, command in commands.items():
        group.command(name)(reporting(command))
    return group


app = typer.Typer(
    name="actonce",
    help="Executes approved actions at most once, and tells their outcome truthfully.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def prepare_session(  # noqa: PLR0913, PLR0917 - each is an option
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", help="The TOML file; actonce.toml here where there is one.")
    ] = None,
    db: Annotated[Path | None, typer.Option("--db", help="The database file.")] = None,
    registry_folder: Annotated[
        list[Path] | None, typer.Option("--registry", help="A folder of registry entries; may be repeated.")
    ] = None,
    target: Annotated[
        Target | None,
        typer.Option("--target", help="Where the stores are; api: behind an installation's API.", show_default=False),
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="api: its address. Its token is never an option.")] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="AWS: the profile.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="AWS: the region.")] = None,
    endpoint_url: Annotated[str | None, typer.Option("--endpoint-url", help="AWS: an emulator's address.")] = None,
    operator: Annotated[str | None, typer.Option("--operator", help="Who acts; the user of this machine.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Logs as JSON lines on stderr.")] = False,
) -> None:
    """Keep what stands before the command."""
    logs.set_up(verbose=verbose)
    overrides = Overrides(config, db, tuple(registry_folder or ()), target, profile, region, endpoint_url, url)
    context.obj = Session(overrides, operator, verbose)


WORK, LOOK, ACT, KEEP = "Work", "Look", "Act on one intent", "Keep the installation"
COMMANDS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("run", running.run, WORK),
    ("publish", publishing.publish, WORK),
    ("worker", working.work, WORK),
    ("sweep", running.sweep, WORK),
    ("serve", serving.serve, WORK),
    ("status", looking.status, LOOK),
    ("list", listing.list_executions, LOOK),
    ("counts", listing.counts, LOOK),
    ("timeline", looking.timeline, LOOK),
    ("inbox", listing.inbox, LOOK),
    ("dead-letters", listing.dead_letters, LOOK),
    ("redrive", redriving.redrive, WORK),
    ("replay", redriving.replay, WORK),
    ("cancel", acting.cancel, ACT),
    ("retry", acting.retry, ACT),
    ("resolve", acting.resolve, ACT),
    ("undo", acting.undo, ACT),
    ("stop", switching.stop, KEEP),
    ("resume", switching.resume, KEEP),
    ("switches", switching.switches, KEEP),
    ("export", exporting.export, KEEP),
    ("doctor", checking.doctor, KEEP),
)
for _name, _command, _panel in COMMANDS:
    app.command(_name, rich_help_panel=_panel)(reporting(_command))
app.add_typer(
    subcommands(
        "What each action type calls, and how that call can be made safe.",
        {"check": registry.check, "apply": registry.apply, "list": registry.list_entries},
    ),
    name="registry",
    rich_help_panel=KEEP,
)
app.add_typer(
    subcommands(
        "The append-only record of everything that happened.",
        {"verify": ledger.verify, "seal": ledger.seal, "export": ledger.export},
    ),
    name="ledger",
    rich_help_panel=KEEP,
)


def app_main() -> None:
    """Run the command line; what nobody foresaw is one line too."""
    try:
        app()
    except BrokenPipeError:
        # The reader of our output left; Python must not complain about it once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(UNFORESEEN)
    except Exception as unforeseen:  # noqa: BLE001 - the last line
        last = extract_tb(unforeseen.__traceback__)[-1]
        fault = f"{type(unforeseen).__name__} in {Path(last.filename).name}:{last.lineno}"
        print(f"actonce: an unforeseen fault of this program: {fault}. Please report it.", file=sys.stderr)
        sys.exit(UNFORESEEN)
