"""Two workers, a sweeper and an operator, interleaved at every port call by a dice; a seed plays it again."""

import random

from greenlet import getcurrent, greenlet

from core.domain.errors import TransientError
from tests.simulation.explore import SCENARIOS, is_long, new_world
from tests.simulation.injections import INJECTIONS
from tests.simulation.process import Process
from tests.simulation.proof import Violation
from tests.simulation.scenario import intent
from tests.simulation.stage import FRAGILE, HORIZON_MS, START_MS, Crash, Message
from tests.simulation.world import World

MAX_STEPS = 4_000
OPERATORS = ("cancel", "retry", "resolve_yes", "resolve_no", "undo", "stop", "edit", "delete", "conflict")
CALM = [name for name in SCENARIOS if not is_long(name) and not SCENARIOS[name].expect and not SCENARIOS[name].rule]


class Lane:
    """A process and its successors, as a thread of its own."""

    def __init__(self, hub: "Dice", name: str) -> None:
        """Start a lane; it works until the hub is done."""
        self.hub = hub
        self.name = name
        self.ready_at = START_MS
        self.process = hub.world.new_process(name)
        # Where it goes on: its own thread, or that of a function that it called.
        self.thread = greenlet(self._live)

    def _live(self) -> None:
        world = self.hub.world
        while not self.hub.is_over:
            try:
                if not world.work(self.process):
                    self.hub.rest(self, 400)
            except Crash:
                self.process = world.new_process(self.name)
            except TransientError:
                self.hub.rest(self, 200)


class Dice:
    """Decides at every port call who goes on, who dies, who hangs and which call fails."""

    kinds = INJECTIONS
    strikes: tuple[str, ...] = OPERATORS

    def __init__(self, world: World, seed: int) -> None:
        """Throw by this seed."""
        self.world = world
        self.is_over = False
        self._dice = random.Random(seed)
        self.main = getcurrent()
        self._risk = self._dice.choice((0.0, 0.01, 0.04))
        self._hang = self._dice.choice((0.0, 0.01, 0.04))
        self._fail = self._dice.choice((0.0, 0.0, 0.03))
        self.lanes = [Lane(self, name) for name in ("left", "right")]

    def pause(self, process: Process, label: str) -> str | None:
        """Give the others a turn."""
        lane = next((it for it in self.lanes if it.process is process), None)
        if lane is None:
            return None
        lane.thread = getcurrent()
        if self._dice.random() < self._hang:
            lane.ready_at = self.world.now + self._dice.choice((1_500, 4_000, 9_500, 14_500, 34_000, 70_000))
        self.world.labels.append(f"{lane.name}:{label}")
        self.main.switch()
        if self._dice.random() < self._risk:
            self.world.labels.append("crash")
            raise Crash
        is_failing = self._dice.random() < self._fail and label.partition(".")[0] in FRAGILE
        return self._dice.choice(("throttle", "lose")) if is_failing else None

    def replace(self, process: Process, by: Process) -> None:
        """Let the lane of a process that died go on with another."""
        for lane in self.lanes:
            if lane.process is process:
                lane.process = by

    def rest(self, lane: Lane, for_ms: int) -> None:
        """Let a lane that has nothing to do wait."""
        lane.ready_at = self.world.now + for_ms
        self.main.switch()

    def run(self) -> None:
        """Let the lanes take steps until the world is at rest."""
        for _ in range(MAX_STEPS):
            ready = [it for it in self.lanes if it.ready_at <= self.world.now]
            if not ready:
                self.world.pass_time(min(it.ready_at for it in self.lanes) - self.world.now)
                continue
            lane = self._dice.choice(ready)
            if self.world.now > START_MS + HORIZON_MS or self._is_still():
                self.is_over = True
            lane.thread.switch()
            if self.is_over and all(it.thread.dead for it in self.lanes):
                return
            self.lanes = [it for it in self.lanes if not it.thread.dead]
            if not self.lanes:
                return
        raise Violation("the world never came to rest")

    def strike(self) -> None:
        """Let an operator, or somebody at the provider, do one thing."""
        self.kinds[self._dice.choice(self.strikes)](self.world)

    def _is_still(self) -> bool:
        world = self.world
        is_due = any(it.attempt.due_at_ms is not None for it in world.store.executions.values())
        return not (world.queue or world.store.outbox or is_due or world.acts)


def hub_of(world: World, seed: int, *, by_steps: bool) -> Dice:
    """Return the dice for a world of this kind."""
    if not by_steps:
        return Dice(world, seed)
    from tests.simulation.steps_interleave import StepsDice  # only here, for it needs far more than the core

    return StepsDice(world, seed)


def interleaved(seed: int, *, by_steps: bool = False) -> tuple[bytes, str | None]:
    """Play one seed; return the trace's name and what went wrong, None for nothing."""
    dice = random.Random(seed)
    world = new_world(SCENARIOS[dice.choice(CALM)], by_steps=by_steps)
    world.injections = {0: INJECTIONS["crash"]}  # something may go wrong: no delivery is sure to come once
    world.begin()
    for _ in range(dice.randint(0, 2)):
        world.send(Message(START_MS + dice.randint(0, 20), next(world.numbers), intent=intent()))
    hub = hub_of(world, seed, by_steps=by_steps)
    world.hub = hub
    if dice.random() < 0.5:
        world.later(START_MS + dice.choice((10, 500, 5_000, 20_000, 60_000)), hub.strike)
    try:
        hub.run()
        world.hub = None
        world.finish()
    except Violation as violation:
        how = f"--interleaved {seed}{' --steps' if by_steps else ''}"
        return world.trace(), f"{violation}; replay: python -m tests.simulation {how}"
    return world.trace(), None
