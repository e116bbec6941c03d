"""Working: carry out what is in the durable queue until a signal comes, in a container or anywhere else."""

import logging
from typing import Annotated

import typer

from entrypoints import logs
from entrypoints.cli.session import session_of
from entrypoints.cli.stopping import Stopping
from entrypoints.container.registering import apply_registry
from entrypoints.container.wiring import Container
from entrypoints.draining import Tally
from entrypoints.settings.loading import Settings

UNFORESEEN = 1
TICK_S = 0.2
NEEDS = ("queue_url", "dead_letter_queue_url", "bus_name", "artifacts_bucket")

log = logging.getLogger("actonce.worker")


def work(
    context: typer.Context,
    workers: Annotated[int | None, typer.Option("--workers", "-w", help="Threads.", show_default=False)] = None,
    stop_s: Annotated[
        float | None,
        typer.Option("--stop-s", help="Seconds that work under way is given to end.", show_default=False),
    ] = None,
) -> None:
    """Carry out what is in the queue until SIGTERM or Ctrl-C; a JSON line on stderr for each change of its state.

    It stops gracefully: it takes no more, gives back what nobody started on, and finishes the rest within --stop-s
    seconds. Any number of workers may share a queue. Example: actonce worker --stop-s 25
    """
    session = session_of(context)
    stopping = Stopping()
    logs.set_up_worker(verbose=session.is_verbose)
    with stopping.in_place():
        settings = session.settings().with_run(workers=workers, stop_s=stop_s)
        _tell("starting", target=settings.target, workers=settings.run.workers)
        with session.open(settings, creating=True, needs=NEEDS) as container:
            if not settings.is_aws:
                apply_registry(container)
            has_fault = _work(container, settings, stopping)
    if has_fault:
        raise typer.Exit(UNFORESEEN)


def _work(container: Container, settings: Settings, stopping: Stopping) -> bool:
    """Work until it is asked to stop; return whether it stopped for a fault of this program."""
    worker, tally = container.worker(), Tally(keep=False)
    worker.start(tally)
    _tell("working")
    try:
        while not stopping.is_asked and not worker.stopping.wait(TICK_S):
            pass
    finally:
        _tell("stopping", held=worker.held, stop_s=settings.run.stop_s)
        has_ended = worker.stop(settings.run.stop_s)
    # What did not end in time comes back when its visibility ends, and its effect is settled then.
    _tell("stopped", settled=tally.settled, ended_in_time=has_ended, left=worker.held, fault=worker.fault)
    return worker.fault is not None


def _tell(state: str, **fields: object) -> None:
    log.info(state, extra={"fields": fields})
