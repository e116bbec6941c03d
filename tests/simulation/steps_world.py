"""The simulated world where a state machine takes the steps; a crash of a function is not the end of its execution."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from greenlet import getcurrent, greenlet

from core.domain.errors import ExecutionAbortedError
from core.domain.orchestration import Orchestration
from ports.wire.state import input_of
from tests.simulation.functions import Document, StepsProcess
from tests.simulation.machine import Invocation, Running, SimOrchestrator
from tests.simulation.process import Process
from tests.simulation.proof import Violation
from tests.simulation.scenario import TIMING, Scenario
from tests.simulation.stage import SWEEP_MS, Crash, Message
from tests.simulation.world import Injection, World
from tests.statemachine.interpreter import Machine, MachineError, Run, StepLostError

LOSSES = ("Lambda.Unknown", "Sandbox.Timedout", "States.Timeout", "Lambda.SdkClientException")
"""What the service calls it when a function ends without an answer, or its answer is lost."""


ABORTED = ExecutionAbortedError.error_code


class Ended(BaseException):
    """The execution is over, so nobody waits for what its function answers."""


class StepsWorld(World):
    """A world in which the queue is read by the starter, and steps are taken by functions of a state machine."""

    # The machine waits to the next whole second, and where a function's clock is behind it is asked once more.
    grace_ms = 2 * TIMING.max_skew_ms + 1_000

    worker: StepsProcess

    def __init__(self, scenario: Scenario, injections: dict[int, Injection] | None = None) -> None:
        """Set the stage. ``tidings_ms``: how long after the end of an execution the rule tells of it, each time.

        ``is_sweeper_first``: the sweeper comes the moment that something is due, before anybody else.
        """
        self.orchestrator = SimOrchestrator(self)
        self.tidings_ms: tuple[int, ...] = (200,)
        self.is_sweeper_first = False
        super().__init__(scenario, injections)

    def new_process(self, name: str) -> StepsProcess:
        """Start a process."""
        return StepsProcess(self, *self.birth(name))

    def begun(self, orchestration: Orchestration) -> Running:
        """Return a new execution, whose first step is taken next."""
        run = Run()
        running = Running(orchestration, self.worker, iter(()), self.now, run)
        functions = {token: partial(self._invoked, running, token) for token in self.worker.functions}
        machine = Machine(functions, lambda: self.now)
        running.course = machine.execute(json.loads(input_of(orchestration)), run)
        return running

    def end(self, running: Running, status: str) -> None:
        """End an execution from outside; the function that it waits for goes on without it."""
        if not running.is_over:
            running.run.status = status
            self._tell_end(running)

    def trouble(self, label: str, what: str) -> Exception:
        """Return what the caller learns; the state machine calls functions, and what it learns has names."""
        if not label.startswith("machine."):
            return super().trouble(label, what)
        return StepLostError("Lambda.TooManyRequestsException" if what == "throttled" else self._loss())

    def through(self, process: Process, label: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Let a port call through; a function that was given up may hang before each."""
        invocation = getcurrent()
        if isinstance(invocation, Invocation) and invocation.naps_ms:
            invocation.nap(invocation.naps_ms.pop(0))
        return super().through(process, label, call)

    def work(self, process: Process) -> bool:
        """Let a process do the next thing that is to be done; False when nothing is."""
        if self.is_sweeper_first and self.now >= self.swept_at and self.raw_executions.due(self.now, 1):
            self.swept_at = self.now + SWEEP_MS
            process.sweep(process.name)
            self.watch.survived(process)
        ready = self._ready()
        if ready is None or (self.queue and self.queue[0].visible_at < ready.until_ms):
            return super().work(process)
        self._go_on(ready, process)
        return True

    def others_work(self) -> None:
        """Let other processes take what is to be done now; executions whose function hangs wait for it."""
        super().others_work()
        while (ready := self._ready()) is not None:
            self.elsewhere(partial(self._go_on, ready))

    def moments(self) -> list[int]:
        """Return when something is to be done, as far as is known."""
        return super().moments() + [it.until_ms for it in self._waiting()]

    def handle(self, process: Process, message: Message) -> None:
        """Carry out one delivery, as the starter does or what settles ended executions."""
        if message.ended is None:
            super().handle(process, message)
            return
        assert isinstance(process, StepsProcess)
        process.ended.settle(*message.ended)

    def died(self, process: Process) -> StepsProcess:
        """Put another process in the place of one that is gone; no rule tells of that."""
        super().died(process)
        self.ruled = False
        if self.hub is not None:
            self.hub.replace(process, self.worker)
        return self.worker

    def finish(self) -> None:
        """Go on until nothing is left to happen; then judge the executions too."""
        super().finish()
        executions = self.orchestrator.executions.values()
        if not all(it.is_over for it in executions):
            raise Violation("an execution of the state machine never ended")
        # Whoever ended speaks for its own run alone, and not for one that an operator asked for since.
        ended = {it.orchestration.run for it in executions if it.run.status != "SUCCEEDED"}
        aborted = [it.run for it in self.store.outcomes if it.fault and it.fault.error_code == ABORTED]
        if not ended.issuperset(aborted):
            raise Violation("a run was failed by the end of an execution that was for another")

    def give_up(self, *naps_ms: int, answer: Document | Exception | None = None) -> None:
        """The service loses the function that is being called here; it hangs, and then goes on without it.

        ``answer`` is what the service takes for the function's answer, where it has called another one as well.
        """
        invocation = self.invocation
        if invocation is None:
            self.others_go_on(naps_ms[0])
            return
        first, *rest = naps_ms
        invocation.naps_ms = rest
        self.later(self.now + first, invocation.wake)
        self.disown(invocation, answer=answer)

    def disown(
        self, invocation: Invocation, hub: greenlet | None = None, answer: Document | Exception | None = None
    ) -> None:
        """Go on without the function that is being called here; returns in it, once ``hub`` or a nap goes on with it.

        ``answer`` is what the service takes for its answer.
        """
        waiting = invocation.waiting
        invocation.given_up = True
        invocation.running.by = self.died(invocation.process)
        if hub is not None:
            invocation.parent = hub
        waiting.switch(answer or StepLostError(self._loss()))

    @property
    def invocation(self) -> Invocation | None:
        """The function that is being called here and now, None where it is not for the state machine."""
        it = getcurrent()
        return it if isinstance(it, Invocation) and not it.given_up else None

    @property
    def running(self) -> Running | None:
        """The execution that is on its way here, otherwise the last one that is not over."""
        here = self.invocation
        open_ones = [it for it in self.orchestrator.executions.values() if not it.is_over]
        return here.running if here else next(iter(reversed(open_ones)), None)

    def _ready(self) -> Running | None:
        ready = [it for it in self._waiting() if it.until_ms <= self.now]
        return min(ready, key=lambda it: it.until_ms, default=None)

    def _waiting(self) -> list[Running]:
        return [it for it in self.orchestrator.executions.values() if not it.is_over and not it.is_busy]

    def _go_on(self, running: Running, process: Process) -> None:
        assert isinstance(process, StepsProcess)
        running.by, running.is_busy = process, True
        try:
            pause = next(running.course, None)
        except MachineError as endless:
            raise Violation(str(endless)) from endless
        except Ended:
            return
        finally:
            running.is_busy = False
        if pause is not None:
            running.until_ms = pause.until_ms
        elif running.run.status == "SUCCEEDED":
            self._check_told(running.run)
        else:
            self._tell_end(running)

    def _invoked(self, running: Running, token: str, document: Document) -> Document:
        """Call a function as the service does; whatever it ends with is no matter once the execution is over."""
        function = partial(self._called, running, token, document)
        try:
            answer: Document = self.through(running.by, f"machine.{token}", function)
        except Crash:
            running.by = self.died(running.by)
            self._follow(running)
            raise StepLostError(self._loss()) from None
        except Exception:
            if running.is_over:
                raise Ended from None
            raise
        if running.is_over:
            raise Ended
        return answer

    def _called(self, running: Running, token: str, document: Document) -> Document:
        answer: Document | Exception = Invocation(self, running, token, document).switch()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _follow(self, running: Running) -> None:
        """With its function an execution ends too, where the scenario says so; its end is told, or forgotten."""
        if self.scenario.forgotten and self.store.executions:
            self.tidings_ms = ()
        if self.scenario.rule or (self.scenario.forgotten and self.store.executions):
            self.end(running, "ABORTED")
        if running.is_over:
            raise Ended from None

    def _tell_end(self, running: Running) -> None:
        self.labels.append(running.run.status)
        for after_ms in self.tidings_ms:
            ended = (running.orchestration, running.run.status)
            self.send(Message(self.now + after_ms, next(self.numbers), ended=ended))

    def _check_told(self, run: Run) -> None:
        told = run.output["status"]
        self.labels.append(told)
        if told in {"SUCCEEDED", "FAILED", "CANCELLED"} and told not in {it.status for it in self.store.outcomes}:
            raise Violation(f"an execution told {told}, which nobody recorded")
        if not self.injections and told == "RUNNING":
            raise Violation("an execution left its work to others, though nothing went wrong")

    def _loss(self) -> str:
        return LOSSES[self.points % len(LOSSES)]
