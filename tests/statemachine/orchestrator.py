"""Step Functions in virtual time: executions of our machine, and the rule for those that did not end by themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from adapters.memory.clock import FakeClock
from core.domain.errors import NameTakenError, TransientError
from core.domain.orchestration import Orchestration
from entrypoints import steps
from entrypoints.container.wiring import Container
from entrypoints.ended import Ended
from entrypoints.meters import Meters
from entrypoints.remaining import Remaining
from entrypoints.steps import StepFunction
from ports.wire.state import OrderedModel, input_of, parse_state
from tests.statemachine.interpreter import Function, Machine, Pause, Run, State, StepLostError
from tests.statemachine.scripted import ProcessDied

AGAIN_MS = 30_000
FUNCTIONS = {it.name: it for it in vars(steps).values() if isinstance(it, StepFunction)}


def functions_of(container: Container) -> dict[str, Function]:
    """Return every function of the machine as its entrypoint makes it, over one container."""
    return {name: _taking(function, container) for name, function in FUNCTIONS.items()}


def _taking(function: StepFunction, container: Container) -> Function:
    step = function._making(container, Meters())

    def take(state: State) -> State:
        try:
            return function.take(step, state)
        except ProcessDied as died:
            raise StepLostError("Lambda.Unknown") from died

    return take


@dataclass
class Launched:
    """An execution: what it was started with, how far it is, when it goes on and when its time is over."""

    name: str
    text: str
    run: Run
    pauses: Iterator[Pause]
    due_ms: int | None
    ends_ms: int


@dataclass
class FakeOrchestrator:
    """The orchestrator port. What ended badly is told to ``Ended`` as EventBridge tells it, until it is settled."""

    clock: FakeClock
    launched: dict[str, Launched] = field(default_factory=dict)
    untold: list[tuple[int, str]] = field(default_factory=list)
    started: int = 0

    def use(
        self, container: Container, change: Callable[[dict[str, Function]], dict[str, Function]] | None = None
    ) -> None:
        functions = functions_of(container)
        self._machine = Machine(change(functions) if change else functions, self.clock.now_ms)
        self._ended = Ended(container.conclude(), container.reconcile(), container.queue(), Meters(), Remaining())

    def start(self, orchestration: Orchestration) -> None:
        text = input_of(orchestration)
        known = self.launched.get(orchestration.name)
        if known is not None:
            if json.loads(known.text)["action_intent_id"] != orchestration.order.key.intent_id:
                raise NameTakenError(f"The execution {orchestration.name} is not for this intent.")
            return
        run, now_ms = Run(), self.clock.now_ms()
        pauses = self._machine.execute(json.loads(text), run)
        self.started += 1
        self.launched[orchestration.name] = Launched(
            orchestration.name, text, run, pauses, now_ms, now_ms + self._machine.timeout_ms
        )

    def find(self, name: str) -> Orchestration | None:
        known = self.launched.get(name)
        return None if known is None else parse_state(OrderedModel, json.loads(known.text)).orchestration

    def stop(self, name: str, reason: str) -> None:
        known = self.launched.get(name)
        if known is not None and known.run.status == "RUNNING":
            self._end(known, "ABORTED")

    def next_ms(self) -> int | None:
        """Return when something is to be done."""
        moments = [it.due_ms for it in self.launched.values() if it.due_ms is not None]
        return min([*moments, *(at_ms for at_ms, _ in self.untold)], default=None)

    def advance(self) -> None:
        """Do one thing that is due: go on with an execution up to its next pause, or tell of one that ended."""
        now_ms = self.clock.now_ms()
        for place, (at_ms, body) in enumerate(self.untold):
            if at_ms <= now_ms:
                del self.untold[place]
                self._tell(body)
                return
        one = min((it for it in self.launched.values() if it.due_ms is not None), key=lambda it: it.due_ms or 0)
        if now_ms >= one.ends_ms:
            self._end(one, "TIMED_OUT")
            return
        pause = next(one.pauses, None)
        if one.due_ms is None:
            return  # stopped by what it did itself
        if pause is not None:
            one.due_ms = min(max(pause.until_ms, now_ms), one.ends_ms)
        else:
            self._end(one, one.run.status)

    def _end(self, one: Launched, status: str) -> None:
        one.run.status, one.due_ms = status, None
        if status != "SUCCEEDED":
            self.untold.append((self.clock.now_ms(), event_of(one, status)))

    def _tell(self, body: str) -> None:
        try:
            self._ended.settle(*self._ended.read(body))
        except TransientError:
            self.untold.append((self.clock.now_ms() + AGAIN_MS, body))


def event_of(one: Launched, status: str) -> str:
    """Return what EventBridge tells of an execution that did not end by itself."""
    arn = "arn:aws:states:eu-central-1:123456789012:execution:actonce:"
    detail = {"executionArn": arn + one.name, "name": one.name, "status": status, "input": one.text, "output": None}
    return json.dumps(
        {
            "version": "0",
            "source": "aws.states",
            "detail-type": "Step Functions Execution Status Change",
            "detail": detail,
        }
    )
