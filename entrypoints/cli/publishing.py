"""Publishing: approved events are checked, and go to where a worker finds them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from core.domain.errors import ConfigurationError, InvalidEventError, StoreUnavailableError
from entrypoints.approving import Nowhere, Outlet, Refusal, ToBus, ToQueue, approve
from entrypoints.cli.session import Session, session_of
from entrypoints.cli.show import aside, safe, say
from entrypoints.cli.sources import Files, check_files, sources
from entrypoints.settings.loading import Settings

MOST_SHOWN = 20
"""Refusals shown one by one; the others are counted."""

Bus = Annotated[
    str | None, typer.Option("--bus", help="Onto this EventBridge bus: a name or an ARN.", show_default=False)
]
QueueUrl = Annotated[str | None, typer.Option("--queue", help="Into this SQS queue: its URL.", show_default=False)]
Database = Annotated[Path | None, typer.Option("--db", help="Into this embedded database.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check every line, and send nothing.")]


def publish(
    context: typer.Context,
    files: Files = None,
    bus: Bus = None,
    queue: QueueUrl = None,
    db: Database = None,
    dry_run: DryRun = False,
) -> None:
    """Check events, and put those that are valid where a worker finds them.

    Without --bus, --queue or --db they go into the queue of the configured target. A line that is not valid is named
    and not sent, and keeps back no other; then the exit code is 2. 7: some were not taken; publish all again, which
    is always harmless. Example: actonce publish --bus actonce events.jsonl
    """
    if not files:
        raise ConfigurationError("Name a JSON Lines file of events, or - for stdin.")
    check_files(files)
    if sum(it is not None for it in (bus, queue, db)) > 1:
        raise ConfigurationError("Give one of --bus, --queue and --db.")
    session = session_of(context)
    settings = placed(session.settings(), bus, queue, db)
    with outlet(session, settings, bus=bus, queue=queue, is_dry=dry_run) as opened:
        taken, refusals = _published(files, opened, settings.events.source)
    for refusal in refusals[:MOST_SHOWN]:
        aside(f"event {refusal.number}: {safe(refusal.reason)}")
    if len(refusals) > MOST_SHOWN:
        aside(f"... and {len(refusals) - MOST_SHOWN} more.")
    if dry_run:
        say(f"{taken} valid. Nothing was sent.")
    else:
        say(f"{taken} published. They are carried out by {'actonce worker' if settings.is_aws else 'actonce run'}.")
    _judge(refusals)


def placed(settings: Settings, bus: str | None, queue: str | None, db: Path | None) -> Settings:
    """Return the settings with what the command's own options say of where events go."""
    if db is not None:
        return replace(settings, target="embedded", paths=settings.paths.model_copy(update={"database": db}))
    given = {name: value for name, value in {"bus_name": bus, "queue_url": queue}.items() if value is not None}
    if not given:
        return settings
    return replace(settings, target="aws", aws=settings.aws.model_copy(update=given))


@contextmanager
def outlet(
    session: Session, settings: Settings, *, bus: str | None, queue: str | None, is_dry: bool
) -> Iterator[Outlet]:
    """Open where events go; nothing is opened for a dry run."""
    if is_dry:
        yield Nowhere((ToBus if bus else ToQueue).max_bytes)
    elif bus:
        with session.open_aws(settings) as aws:
            yield ToBus(aws.approvals())
    else:
        with session.open(settings, creating=True, needs=("queue_url",)) as container:
            # Whoever names a queue alone need not reach the tables.
            yield ToQueue(container.queue(), None if queue else container.intents())


def _published(files: list[Path], opened: Outlet, source: str) -> tuple[int, list[Refusal]]:
    taken, refusals, seen = 0, list[Refusal](), 0
    for file in sources(files):
        with file as lines:
            for number, refused in approve(lines, opened, source=source, first=seen + 1):
                taken, seen = taken + number, seen + number + len(refused)
                refusals += refused
    return taken, sorted(refusals, key=lambda it: it.number)


def _judge(refusals: Sequence[Refusal]) -> None:
    """End as what was refused asks for: what can be tried again outranks what cannot."""
    lost = sum(not it.is_invalid for it in refusals)
    if lost:
        raise StoreUnavailableError(f"{lost} were not taken. Publish all again: what was taken is not done twice.")
    if refusals:
        raise InvalidEventError(f"{len(refusals)} are not valid and were not sent.")
