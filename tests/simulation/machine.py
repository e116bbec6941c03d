"""Executions of the simulated state machine, and the functions that it calls, which may outlive them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from greenlet import getcurrent, greenlet

from core.domain.errors import ExecutionError
from core.domain.orchestration import Orchestration
from tests.simulation.functions import Document, StepsProcess
from tests.simulation.stage import Crash
from tests.statemachine.interpreter import Pause, Run, StepLostError

if TYPE_CHECKING:
    from tests.simulation.steps_world import StepsWorld


@dataclass(eq=False)
class Running:
    """An execution of the state machine, under its own name; ``by`` is the process that its functions run in."""

    orchestration: Orchestration
    by: StepsProcess
    course: Iterator[Pause]
    until_ms: int
    run: Run = field(default_factory=Run)
    is_busy: bool = False

    @property
    def is_over(self) -> bool:
        """Tell whether it ended, by itself or not."""
        return self.run.status != "RUNNING"


class Invocation(greenlet):
    """One invocation of a function. Once it is given up it may go on, and nobody hears of its answer.

    ``naps_ms``: how long it then hangs before each of its next calls.
    """

    def __init__(self, world: "StepsWorld", running: Running, token: str, document: Document) -> None:
        """Keep what it is for."""
        super().__init__()
        self.world = world
        self.running = running
        self.process = running.by
        self.token = token
        self.document = document
        self.given_up = False
        self.naps_ms: list[int] = []

    @property
    def waiting(self) -> greenlet:
        """Who waits for its answer, or woke it."""
        assert self.parent is not None
        return self.parent

    def run(self) -> Document | Exception:
        """Take the step."""
        return self.answer_of(self.process)

    def answer_of(self, process: StepsProcess) -> Document | Exception:
        """Take the step in a process; return its answer, or the error that it ended with."""
        try:
            return process.functions[self.token](self.document)
        except ExecutionError as error:
            return error
        except Crash:
            self.world.watch.bearers.discard(process)
            if not self.given_up:
                raise
            return StepLostError("Lambda.Unknown")
        finally:
            self.world.watch.survived(process)

    def nap(self, for_ms: int) -> None:
        """Hang, and let everybody else go on."""
        self.world.later(self.world.now + for_ms, self.wake)
        self.waiting.switch()

    def wake(self) -> None:
        """Go on, for as long as it does not hang again."""
        self.parent = getcurrent()
        self.switch()


class SimOrchestrator:
    """Executions by name, durable in the world."""

    def __init__(self, world: "StepsWorld") -> None:
        """Start with none."""
        self.world = world
        self.executions: dict[str, Running] = {}

    def start(self, orchestration: Orchestration) -> None:
        """Start, once for each name."""
        if orchestration.name not in self.executions:
            self.executions[orchestration.name] = self.world.begun(orchestration)

    def stop(self, name: str, reason: str) -> None:
        """Abort what is running under this name."""
        running = self.executions.get(name)
        if running is not None:
            self.world.end(running, "ABORTED")
