"""Sending back: dead letters to the queue, and events of the past to the bus."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from core.domain.errors import ConfigurationError
from entrypoints.cli.session import AsJson, session_of
from entrypoints.cli.show import aside, listed, say, say_json
from entrypoints.redriving import Choice, judging
from ports.dead_letters import DeadLetter
from ports.wire.outcome import iso

NOT_FOUND, REFUSED = 3, 4
MOMENTS = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"]

Verdict = tuple[DeadLetter, str | None]


def redrive(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Option("--id", help="This message; may be repeated.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Those whose reason begins so.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many at most.")] = 50,
    force: Annotated[bool, typer.Option("--force", help="Also those of which nothing can come.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, what would be done is shown.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send dead letters back to the queue; without --yes it only shows which.

    Example: actonce redrive --reason INTENT_NOT_FOUND
    """
    session = session_of(context)
    settings = session.settings()
    choice = Choice(frozenset(ids or ()), reason)
    with session.open(settings, needs=("queue_url", "dead_letter_queue_url")) as container:
        hopeless = judging(settings.events.source, container.intents())
        meant = [it for it in container.dead_letters().newest(100) if choice(it)][:limit]
        judged: list[Verdict] = [(it, None if force else hopeless(it)) for it in meant]
        going = {it.message_id for it, why in judged if why is None}
        moved = container.dead_letters().redrive(lambda it: it.message_id in going, len(going)) if yes and going else ()
    if not judged:
        aside("actonce: There is no such dead letter.")
        raise typer.Exit(NOT_FOUND)
    _show(judged, as_json=as_json)
    if yes:
        aside(f"{len(moved)} sent back. They are carried out by {session.who_works}.")
    elif going:
        aside(f"{len(going)} would be sent back: say so with --yes.")
    if not going:
        aside("actonce: Nothing can come of any of them. Mend and publish them anew, or give --force.")
        raise typer.Exit(REFUSED)


def replay(
    context: typer.Context,
    since: Annotated[datetime, typer.Option("--from", formats=MOMENTS, help="From this moment on, UTC.")],
    before: Annotated[datetime, typer.Option("--to", formats=MOMENTS, help="Before this moment, UTC.")],
    name: Annotated[str | None, typer.Option("--name", help="Its name; without one, that of these moments.")] = None,
) -> None:
    """Bring approved events of the past again; what was carried out is not carried out again.

    Example: actonce replay --from 2026-11-24T08:00:00 --to 2026-11-24T09:30:00
    """
    session = session_of(context)
    settings = session.settings()
    if not settings.is_aws:
        raise ConfigurationError(
            "The target embedded has no archive: publish the file of these events again (actonce publish FILE)."
        )
    since_ms, before_ms = (int(it.replace(tzinfo=UTC).timestamp() * 1000) for it in (since, before))
    settings.require("archive")
    with session.open_aws(settings) as container:
        if not since_ms < before_ms <= container.clock().now_ms():
            raise ConfigurationError("--from must be before --to, and --to must be past.")
        given = name or f"actonce-{since:%Y%m%dT%H%M%S}-{before:%Y%m%dT%H%M%S}"
        begun = container.archive().replay(given, since_ms, before_ms)
    if begun.is_new:
        say(f"Replay {begun.name} has begun: {begun.state}. The same command says how far it is.")
    else:
        say(f"Replay {begun.name} was begun before: {begun.state}. To do it again, give it another --name.")


def _show(judged: list[Verdict], *, as_json: bool) -> None:
    if as_json:
        for it, why in judged:
            document = {"message_id": it.message_id, "reason": it.reason, "at": iso(it.at_ms), "stays_because": why}
            say_json(document)
        return
    rows = [(iso(it.at_ms), it.message_id, it.reason, "back" if why is None else f"stays: {why}") for it, why in judged]
    listed("Dead letters", ("at", "message", "turned away because", "now"), rows)
    say("Their bodies: actonce dead-letters --json.")
