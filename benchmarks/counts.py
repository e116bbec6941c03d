"""AWS calls and write units of an action, counted in a batch of ten with intents of 1 KB: direct and Step Functions.

The services are moto, in this process: nothing here is timed. The steps are taken by the tests' interpreter of the
committed state machine, each function over one container, as warm functions have their registry at hand.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dependency_injector import providers
from moto import mock_aws

from adapters.memory.clock import FakeClock
from benchmarks.cost import Counted
from benchmarks.meter import BATCH, Meter, an_intent, metered, settings
from benchmarks.part import Goal, Part, at_most
from core.domain.attempt import AttemptStatus
from entrypoints.container.aws import AwsContainer
from entrypoints.container.building import build_aws
from ports.wire.messages import approved_event
from tests.statemachine.orchestrator import FakeOrchestrator

GROUP = "AWS, of an action"
NOW_MS = 1_900_000_000_000
VISIBILITY_MS = 60_000
FROM_THE_BUS = 1
MOST_CALLS = at_most(4, is_exact=True)
MOST_UNITS = at_most(28, is_exact=True)
QUEUE_CALLS = frozenset({"ReceiveMessage", "DeleteMessageBatch", "DeleteMessage", "SendMessageBatch"})


@dataclass(frozen=True, slots=True)
class Mode:
    """What was counted in one mode, and what it is priced by."""

    name: str
    calls: float
    counted: Counted


def measure() -> tuple[Mode, Mode]:
    """Carry out a batch in each mode."""
    with _credentials(), mock_aws():
        direct = _direct()
    with _credentials(), mock_aws():
        return direct, _steps()


def parts(modes: tuple[Mode, Mode]) -> list[Part]:
    """Return the counts; the goals are those of the direct mode."""
    found: list[Part] = []
    for mode in modes:
        is_direct = not mode.counted.states
        found += [
            _part(mode, "calls", mode.calls, MOST_CALLS if is_direct else None),
            _part(mode, "write units", mode.counted.write_units, MOST_UNITS if is_direct else None),
            _part(mode, "read units", mode.counted.read_units),
        ]
        if not is_direct:
            found += [_part(mode, "states", mode.counted.states), _part(mode, "functions", mode.counted.steps)]
    return found


def _part(mode: Mode, unit: str, value: float, goal: Goal | None = None) -> Part:
    return Part(group=GROUP, name=f"{mode.name}: {unit}", unit=unit, values=(value,), goal=goal)


def _direct() -> Mode:
    meter = Meter()
    container = metered(build_aws(settings()), meter)
    _publish(container, meter)
    deliveries = container.queue().receive(BATCH, visibility_ms=VISIBILITY_MS)
    intake = container.intake()
    for delivery in deliveries:
        execution = intake(delivery).execution
        if execution is None or execution.attempt.status is not AttemptStatus.SUCCEEDED:
            raise LookupError("an action did not succeed")
    _told(container)
    container.shutdown_resources()
    return _mode("direct", meter, FROM_THE_BUS + _queue_calls(meter) / BATCH)


def _steps() -> Mode:
    meter, clock = Meter(), FakeClock(NOW_MS)
    container = build_aws(settings())
    container.carrying_out.override(container.launch)
    container.clock.override(providers.Object(clock))
    metered(container, meter)
    orchestrator = FakeOrchestrator(clock)
    container.orchestrator.override(providers.Object(orchestrator))
    orchestrator.use(container)
    _publish(container, meter)
    intake = container.intake()
    for delivery in container.queue().receive(BATCH, visibility_ms=VISIBILITY_MS):
        intake(delivery)
    while orchestrator.next_ms() is not None:
        orchestrator.advance()
    runs = [it.run for it in orchestrator.launched.values()]
    if [it.status for it in runs] != ["SUCCEEDED"] * BATCH:
        raise LookupError("an execution did not succeed")
    _told(container)
    container.shutdown_resources()
    # Each execution is started by a call that the orchestrator stands for.
    meter.calls["StartExecution"] = BATCH
    visited = [name for run in runs for name, _ in run.visited]
    tasks = [name for name in visited if orchestrator._machine.states[name]["Type"] == "Task"]
    requests = FROM_THE_BUS + _queue_calls(meter) / BATCH
    return _mode("Step Functions", meter, requests, states=len(visited) / BATCH, steps=len(tasks) / BATCH)


def _publish(container: AwsContainer, meter: Meter) -> None:
    """Store intents as upstream does, and send their events by id; that is not counted."""
    intents = [an_intent(number) for number in range(BATCH)]
    for intent in intents:
        container.intents().put(intent)
    container.queue().send([approved_event(it, "HUMAN", False) for it in intents])
    meter.clear()


def _told(container: AwsContainer) -> None:
    if container.relay()() != BATCH:
        raise LookupError("a signal was not published")


def _queue_calls(meter: Meter) -> int:
    return sum(meter.calls[name] for name in QUEUE_CALLS)


def _mode(name: str, meter: Meter, requests: float, *, states: float = 0, steps: float = 0) -> Mode:
    counted = Counted(meter.units.total() / BATCH, meter.reads / BATCH, requests, states, steps)
    return Mode(name, meter.calls.total() / BATCH, counted)


@contextmanager
def _credentials() -> Iterator[None]:
    """Make credentials up for a while, so that a call that strays to AWS is refused there."""
    before = dict(os.environ)
    os.environ |= {"AWS_ACCESS_KEY_ID": "AKIABENCHMARK", "AWS_SECRET_ACCESS_KEY": secrets.token_hex(20)}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
