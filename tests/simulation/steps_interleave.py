"""Two workers and an operator where a state machine takes the steps; what it gives up goes on beside them."""

from typing import cast

from tests.simulation.interleave import OPERATORS, Dice, Lane
from tests.simulation.machine import Invocation
from tests.simulation.process import Process
from tests.simulation.steps_injections import STEPS_INJECTIONS
from tests.simulation.steps_world import StepsWorld
from tests.simulation.world import World


class Orphan(Lane):
    """A function that the state machine gave up, on a thread of its own until it ends."""

    def __init__(self, hub: "StepsDice", invocation: Invocation, ready_at: int) -> None:
        """Go on with it then."""
        self.hub = hub
        self.name = f"orphan{len(hub.orphans)}"
        self.ready_at = ready_at
        self.process = invocation.process
        self.thread = invocation


class StepsDice(Dice):
    """Decides also which function is given up."""

    kinds = STEPS_INJECTIONS
    strikes = (*OPERATORS, "abort", "time_out", "wake", "wake_later", "abort")

    def __init__(self, world: World, seed: int) -> None:
        """Throw by this seed."""
        super().__init__(world, seed)
        self.orphans: list[Orphan] = []
        self._lost = self._dice.choice((0.0, 0.01, 0.04, 0.1))

    def pause(self, process: Process, label: str) -> str | None:
        """Give the others a turn; perhaps the service gives this function up meanwhile."""
        fault = super().pause(process, label)
        world = cast("StepsWorld", self.world)
        invocation = world.invocation
        if invocation is not None and invocation.process is process and self._dice.random() < self._lost:
            ready_at = world.now + self._dice.choice((0, 30, 700, 2_500, 6_000, 12_500, 40_000))
            world.labels.append("given up")
            for lane in self.lanes:
                if lane.process is process:
                    lane.thread = invocation.waiting
            orphan = Orphan(self, invocation, ready_at)
            self.orphans.append(orphan)
            self.lanes = [*self.lanes, orphan]
            world.disown(invocation, self.main)
        return fault

    def replace(self, process: Process, by: Process) -> None:
        """Let the lane of a process that died go on with another; what was given up has its own."""
        for lane in self.lanes:
            if lane.process is process and lane not in self.orphans:
                lane.process = by

    def _is_still(self) -> bool:
        world = cast("StepsWorld", self.world)
        return super()._is_still() and world.running is None
