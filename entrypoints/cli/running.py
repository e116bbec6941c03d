"""Running: publish, work until nothing is left, and tell what came of it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.domain.errors import ConfigurationError
from entrypoints.cli.reporting import Report, progress
from entrypoints.cli.session import session_of
from entrypoints.cli.show import aside, say
from entrypoints.cli.sources import Files, check_files, sources
from entrypoints.cli.stopping import Stopped, Stopping
from entrypoints.container.registering import apply_registry
from entrypoints.draining import Tally, drain
from entrypoints.publishing import publish as publish_lines
from entrypoints.settings.loading import Settings
from entrypoints.worker import Worker

if TYPE_CHECKING:
    from entrypoints.container.embedded import EmbeddedContainer

UNFORESEEN = 1
FOLLOW_TICK_S = 0.2
SWEEP_LIMIT = 100
MAX_SWEEPS = 1_000


def run(
    context: typer.Context,
    files: Files = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until SIGTERM or Ctrl-C.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per intent or refused line, and nothing else on stdout.")
    ] = False,
    workers: Annotated[int | None, typer.Option("--workers", "-w", help="Threads.", show_default=False)] = None,
    max_wait: Annotated[
        float | None, typer.Option("--max-wait", help="Seconds to wait for what is not due yet.", show_default=False)
    ] = None,
) -> None:
    """Publish events, carry them out, and tell their outcomes.

    Without --follow it ends when nothing is left that can be settled within --max-wait seconds: 0 when every line
    was accepted and settled (a failed action is settled too), 6 when some are refused, in doubt or unfinished.
    Running again is always safe. Example: actonce run events.jsonl
    """
    session = session_of(context)
    settings = session.settings().with_run(workers=workers, max_wait_s=max_wait)
    if settings.is_aws:
        raise ConfigurationError(
            "run is for the target embedded; AWS is fed by actonce publish, worked by actonce worker."
        )
    check_files(files or [])
    with session.open_embedded(settings) as container:
        apply_registry(container)
        code = _run(container, settings, files or [], follow=follow, as_json=as_json)
    raise typer.Exit(code)


def sweep(context: typer.Context) -> None:
    """Take over what is due: dead workers' executions, doubt that waits, lost wake-ups. A worker does it by itself.

    Example: actonce sweep
    """
    session = session_of(context)
    settings = session.settings()
    with session.open(settings, needs=("queue_url", "bus_name", "artifacts_bucket")) as container:
        if not settings.is_aws:
            apply_registry(container)
        owner = f"sweeper:{container.ids().fresh()}"
        seen = postponed = 0
        for _ in range(MAX_SWEEPS):
            swept = container.sweep()(owner, SWEEP_LIMIT)
            seen, postponed = seen + swept.seen, postponed + swept.postponed
            if swept.seen < SWEEP_LIMIT or swept.postponed:
                break
        while container.relay()():
            pass
    say(f"{seen} looked at, {postponed} left for the next sweep.")


def _run(container: "EmbeddedContainer", settings: Settings, files: list[Path], *, follow: bool, as_json: bool) -> int:
    worker, tally = container.worker(), Tally(keep=not follow)
    report = Report(container, tally, as_json=as_json, follow=follow)
    stopping = Stopping()
    with progress(tally, is_shown=sys.stderr.isatty()) as bar, stopping.in_place():

        def tick() -> None:
            stopping.check()
            bar.tick()

        worker.start(report.observe)
        try:
            for source in sources(files):
                with source as opened:
                    publish_lines(container.queue(), stopping.reading(opened), bar.published)
            if follow:
                _follow(worker, stopping, bar.tick)
            else:
                drain(container, worker, tally, max_wait_s=settings.run.max_wait_s, tick=tick)
        except Stopped:
            aside("actonce: stopping; what is under way is finished, the rest stays in the queue.")
        finally:
            has_ended = worker.stop(settings.run.stop_s)
    if not has_ended:
        aside("actonce: some calls did not end in time; their effects are settled when a worker runs again.")
    if worker.fault is not None:
        aside(f"actonce: an unforeseen fault of this program: {worker.fault}. See --verbose, and please report it.")
        return UNFORESEEN
    return report.close()


def _follow(worker: Worker, stopping: Stopping, tick: Callable[[], None]) -> None:
    while not stopping.is_asked and not worker.stopping.wait(FOLLOW_TICK_S):
        tick()
