"""Our machine over the memory adapters: real functions, a scripted tool, and trouble where a recipe asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Any

from dependency_injector import providers

from adapters.memory.clock import CountingIds, FakeClock
from adapters.memory.kill_switches import MemoryKillSwitches
from adapters.memory.objects import MemoryArtifacts, MemoryInternalObjects, MemorySignals
from adapters.memory.queue import MemoryQueue, MemoryWakeUps
from adapters.memory.registry import MemoryRegistry
from adapters.memory.store import (
    MemoryExecutions,
    MemoryIntents,
    MemoryLedger,
    MemoryListings,
    MemoryOutbox,
    MemoryStore,
)
from core.domain.claiming import Order
from core.domain.contract import EffectContract, Terms
from core.domain.execution import Execution, StaleError
from core.domain.intent import Intent
from core.domain.operating import Operator
from core.domain.orchestration import orchestration
from core.domain.registry import Compensation, CompensationMode, RegistryEntry
from entrypoints.container.wiring import Container
from entrypoints.settings.loading import Overrides, Settings, load
from tests.statemachine.interpreter import Function, Run, State, StepLostError
from tests.statemachine.orchestrator import FakeOrchestrator, Launched
from tests.statemachine.scripted import Tool, Tools
from tests.unit.making import NOW_MS, an_entry, an_intent

MOST_STEPS = 10_000
MOST_SWEEPS = 50
SWEEP_EVERY_MS = 30_000
OPERATOR = Operator("ada", "a test")
TERMS = Terms(EffectContract.CLIENT_ID, 1_500, absence_proof_ms=15_000, look_up_tool="sim.find")
UNDO_TERMS = Terms(EffectContract.CLIENT_ID, look_up_tool="sim.gone")
ENTRY = an_entry(
    tool="sim.write",
    terms=TERMS,
    compensation=Compensation(CompensationMode.AUTOMATIC, "undo.write", "object_id", UNDO_TERMS),
    timeout_s=3,
)


class Moment(StrEnum):
    """When a function is lost; DURING is where its script lets the process die."""

    BEFORE = "before it did anything"
    DURING = "while it called"
    AFTER = "after it did all"


class Troubled:
    """A port that raises what it was told to, verb by verb, before it does anything."""

    def __init__(self, inner: object) -> None:
        self._inner = inner
        self.planned: dict[str, list[Exception]] = {}

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        return partial(self._called, verb)

    def _called(self, verb: str, *args: object, **named: object) -> object:
        if self.planned.get(verb):
            raise self.planned[verb].pop(0)
        return getattr(self._inner, verb)(*args, **named)


class BenchContainer(Container):
    """The use cases over what stands on a bench."""

    def __init__(self, settings: Settings, ports: Mapping[str, object]) -> None:
        self._ports = ports
        super().__init__(settings)

    def _fill(self) -> None:
        # Nobody seals here.
        self.ledger_heads, self.ledger_rolls, self.head_signer = (providers.Dependency() for _ in range(3))
        self.set_providers(**{name: providers.Object(it) for name, it in self._ports.items()})


@dataclass
class Bench:
    """One intent, and everything that its execution passes through."""

    intent: Intent = field(default_factory=an_intent)
    entry: RegistryEntry = ENTRY
    acts: dict[str, list[Callable[[], object]]] = field(default_factory=dict)
    losses: dict[str, list[tuple[StepLostError, Moment]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock, self.store = FakeClock(NOW_MS), MemoryStore()
        self.tool = Tool(self.clock)
        self.executions = Troubled(MemoryExecutions(self.store))
        self.intents = Troubled(MemoryIntents(self.store))
        self.registry_store = MemoryRegistry()
        self.registry = Troubled(self.registry_store)
        self.switch_store = MemoryKillSwitches(self.store, unknown_tenants_enabled=True)
        self.switches = Troubled(self.switch_store)
        self.orchestrator = FakeOrchestrator(self.clock)
        self.compensated: list[Execution] = []
        self.container = self._container()
        self.orchestrator.use(self.container, self._watched)

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - as replace is
        """Change the intent before it is stored."""
        self.intent = replace(self.intent, **changes)

    def before(self, token: str, act: Callable[[], object], *, times: int = 1) -> None:
        """Do something just before a function is called for the first times."""
        self.acts.setdefault(token, []).extend([act] * times)

    def lose(self, token: str, error: StepLostError, moment: Moment, *, times: int = 1) -> None:
        """Let a function's answer be lost."""
        self.losses.setdefault(token, []).extend([(error, moment)] * times)

    def in_the_way(self, token: str, port: Troubled, verb: str, *errors: Exception) -> None:
        """Let a port raise these, once a function is called."""
        self.before(token, lambda: port.planned.update({verb: list(errors)}))

    def stale(self, times: int) -> list[Exception]:
        """Return what a store raises where somebody is faster every time."""
        return [StaleError(self.stored) for _ in range(times)]

    @property
    def stored(self) -> Execution | None:
        return self.store.executions.get(self.intent.key)

    def launch(self) -> Launched:
        """Store the intent and start its execution, as the starter does."""
        self.registry_store.apply(self.entry)
        self.store.put_intent(self.intent)
        order = Order(self.intent.key, "queue:1", None, "HUMAN", False)
        asked = orchestration(order)
        self.orchestrator.start(asked)
        return self.orchestrator.launched[asked.name]

    def play(self) -> Run:
        """Run the execution to its end, and what settles the rest where it did not end by itself."""
        launched = self.launch()
        self.settle()
        return launched.run

    def settle(self) -> None:
        for _ in range(MOST_STEPS):
            due_ms = self.orchestrator.next_ms()
            if due_ms is None:
                return
            self.clock.advance(max(0, due_ms - self.clock.now_ms()))
            self.orchestrator.advance()
        raise AssertionError("it never ends")

    def sweep(self) -> None:
        """Let the sweeper go on with what was left open, whenever it is due."""
        for _ in range(MOST_SWEEPS):
            execution = self.stored
            if execution is None or not execution.attempt.is_open:
                return
            due_ms = execution.attempt.due_at_ms
            assert due_ms is not None, "it is left open, and nobody comes by"
            self.clock.advance(max(SWEEP_EVERY_MS, due_ms + 1 - self.clock.now_ms()))
            self.container.sweep()("sweeper:1")
        raise AssertionError("the sweeper never settles it")

    def _container(self) -> Container:
        queue = MemoryQueue(self.clock, CountingIds(1))
        ports = {
            "clock": self.clock,
            "ids": CountingIds(),
            "executions": self.executions,
            "intents": self.intents,
            "listings": MemoryListings(self.store),
            "registry": self.registry,
            "kill_switches": self.switches,
            "ledger": MemoryLedger(self.store),
            "outbox": MemoryOutbox(self.store),
            "queue": queue,
            "wake_ups": MemoryWakeUps(queue, self.clock),
            "dead_letters": queue,
            "artifacts": MemoryArtifacts(),
            "internal_objects": MemoryInternalObjects(),
            "signals": MemorySignals(),
            "orchestrator": self.orchestrator,
        }
        container = BenchContainer(load(Overrides(), {}), ports)
        container.connectors.override(providers.Object(Tools(self.tool)))
        return container

    def _watched(self, functions: dict[str, Function]) -> dict[str, Function]:
        return {token: partial(self._called, token, function) for token, function in functions.items()}

    def _called(self, token: str, function: Function, state: State) -> State:
        if self.acts.get(token):
            self.acts[token].pop(0)()
        if token == "compensate" and self.stored is not None:
            self.compensated.append(self.stored)
        waiting = self.losses.get(token, [])
        if waiting and waiting[0][1] is Moment.DURING:
            return self._dying(function, state, waiting)
        lost, moment = waiting.pop(0) if waiting else (None, None)
        if lost is not None and moment is Moment.BEFORE:
            raise lost
        after = function(state)
        if lost is not None:
            raise lost
        return after

    @staticmethod
    def _dying(function: Function, state: State, waiting: list[tuple[StepLostError, Moment]]) -> State:
        """Call, and give the death that the script brings about the name that was asked for."""
        try:
            return function(state)
        except StepLostError as died:
            raise waiting.pop(0)[0] from died
