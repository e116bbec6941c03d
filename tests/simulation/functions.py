"""A simulated process where a state machine takes the steps: the starter, its functions, and what settles the rest."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from adapters.memory.queue import MemoryQueue
from core.domain.attempt import EffectKind
from core.usecases.cancel import Cancel
from core.usecases.conclude import Conclude
from core.usecases.launch import Launch
from entrypoints import steps
from entrypoints.ended import Ended
from entrypoints.meters import Meters
from entrypoints.remaining import Remaining
from entrypoints.stepping import Begin, Check, Map, Send, Settle, Tell
from tests.simulation.process import Process, through
from tests.simulation.scenario import TIMING

if TYPE_CHECKING:
    from tests.simulation.steps_world import StepsWorld

Document = dict[str, Any]


class StepsProcess(Process):
    """One incarnation of a Lambda function, whichever is called in it, or of an operator's command."""

    def __init__(self, world: "StepsWorld", name: str, skew_ms: int, number: int) -> None:
        """Build what stands on the use cases of every process."""
        super().__init__(world, name, skew_ms, number)
        orchestrator = through(world.orchestrator, "orchestrator", self)
        executions, start, advance, clock = self.executions, self.start, self.advance, self.clock
        self.carries_out = Launch(executions, self.intents, start, orchestrator, self.wake_ups, clock)
        self.cancel = Cancel(self.intents, self.transact, self.ids, orchestrator)
        conclude = Conclude(executions, start, self.record)
        meters = Meters()
        self.ended = Ended(conclude, self.reconcile, MemoryQueue(clock, self.ids), meters, Remaining())
        invoke = Send(executions, advance, EffectKind.ACTION)
        compensate = Send(executions, advance, EffectKind.UNDO)
        self.functions: Mapping[str, Callable[[Document], Document]] = {
            "start": partial(steps.start.take, Begin(start)),
            "validate": partial(steps.validate.take, Check(start, self.validate)),
            "map_tool": partial(steps.map_tool.take, Map(start, self.validate, self.map_tool)),
            "invoke": partial(steps.invoke.take, invoke),
            "compensate": partial(steps.compensate.take, compensate),
            "reconcile": partial(steps.reconcile.take, Settle(executions, advance, clock, TIMING)),
            "record": partial(steps.record.take, Tell(executions, conclude, meters)),
        }
