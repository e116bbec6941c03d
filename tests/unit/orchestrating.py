"""The use cases on memory, a tool that answers as it is told, and an orchestrator that keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.memory.clock import CountingIds, FakeClock
from adapters.memory.kill_switches import MemoryKillSwitches
from adapters.memory.objects import MemoryArtifacts
from adapters.memory.queue import MemoryQueue, MemoryWakeUps
from adapters.memory.registry import MemoryRegistry
from adapters.memory.store import MemoryExecutions, MemoryIntents, MemoryStore
from core.domain.answer import Answer, CannotTell, Finding
from core.domain.attempt import Attempt, EffectKind
from core.domain.claiming import Order
from core.domain.errors import NameTakenError, StoreUnavailableError
from core.domain.execution import Change, Execution
from core.domain.intent import Intent
from core.domain.orchestration import Orchestration, orchestration
from core.domain.registry import Compensation, CompensationMode, RegistryEntry
from core.domain.request import Request
from core.domain.signal import Signal
from core.usecases.advance import Advance
from core.usecases.asking import Asking
from core.usecases.cancel import Cancel
from core.usecases.compensate import Compensate
from core.usecases.conclude import Conclude
from core.usecases.gate import Switchboard
from core.usecases.invoke import Invoke
from core.usecases.launch import Launch
from core.usecases.map_tool import MapTool
from core.usecases.prepare import Prepare
from core.usecases.reconcile import Reconcile
from core.usecases.record import Record
from core.usecases.retry import Retry
from core.usecases.start import Start
from core.usecases.transact import Transact
from core.usecases.undo import Undo
from core.usecases.validate import Validate
from entrypoints.meters import Meters
from entrypoints.stepping import Begin, Check, Map, Send, Settle, Tell
from ports.artifacts import Artifacts
from ports.connector import Gate
from ports.executions import Executions
from ports.wire.state import OrderedModel
from tests.unit.making import KEY, NOW_MS, TIMING, an_entry, an_intent, terms_of

ORDER = Order(KEY, "queue:message-1", None, "HUMAN", False)
OURS = orchestration(ORDER)
"""What an event about the intent of these tests asks for."""


class Orchestrations:
    """An orchestrator: one orchestration under each name, and everything it was asked, in order."""

    def __init__(self) -> None:
        self.started: dict[str, Orchestration] = {}
        self.asked: list[Orchestration] = []
        self.stopped: list[tuple[str, str]] = []
        self.is_away = False

    def start(self, asked: Orchestration) -> None:
        if self.is_away:
            raise StoreUnavailableError("away")
        self.asked.append(asked)
        there = self.started.setdefault(asked.name, asked)
        if there.order.key != asked.order.key:
            raise NameTakenError("taken")

    def find(self, name: str) -> Orchestration | None:
        return self.started.get(name)

    def stop(self, name: str, reason: str) -> None:
        if self.is_away:
            raise StoreUnavailableError("away")
        self.stopped.append((name, reason))


class Tool:
    """A connector of every tool: gives the answers and findings it was told, in order."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.findings: list[Finding] = []
        self.before: str | None = None
        self.calls: list[Request] = []
        self.given: list[str | None] = []
        self.before_it_looks: Callable[[], object] = lambda: None

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        held = gate.closed()
        if held is not None:
            return held
        self.calls.append(request)
        self.given.append(before)
        return self.answers.pop(0)

    def look_up(self, request: Request, before: str | None) -> Finding:
        self.before_it_looks()
        return self.findings.pop(0) if self.findings else CannotTell("nothing was told")

    def before_image(self, request: Request) -> str | None:
        return self.before

    def offering(self, tool: str, tenant_id: str) -> Tool:
        return self


class Between:
    """Executions where somebody else acts just before the next commit."""

    def __init__(self, inner: MemoryExecutions, acts: Callable[[], object]) -> None:
        self._inner = inner
        self._acts: Callable[[], object] | None = acts
        self.load, self.refuse, self.due = inner.load, inner.refuse, inner.due

    def commit(self, change: Change) -> None:
        acts, self._acts = self._acts, None
        if acts is not None:
            acts()
        self._inner.commit(change)


class Bench:
    """Every use case that an orchestration meets, on one store; ``beside`` gives a second process on the same."""

    def __init__(
        self, *, entry: RegistryEntry | None = None, store: MemoryStore | None = None, number: int = 1
    ) -> None:
        self.store = store or MemoryStore()
        self.clock, self.tool, self.orchestrator = FakeClock(NOW_MS), Tool(), Orchestrations()
        self.entry = entry or an_entry()
        self.number = number
        self.queue = MemoryQueue(self.clock, CountingIds(1_000))
        self.intents = MemoryIntents(self.store)
        self.switches = MemoryKillSwitches(self.store, unknown_tenants_enabled=True)
        self.executions: Executions = MemoryExecutions(self.store)
        self.artifacts: Artifacts = MemoryArtifacts()
        self.wire()

    def wire(self) -> None:
        """Build the use cases over what the ports are now."""
        executions, clock, ids = self.executions, self.clock, CountingIds(self.number)
        wake_ups = MemoryWakeUps(self.queue, clock)
        transact = Transact(executions, clock, ids)
        board = Switchboard(self.switches, clock, TIMING)
        self.map_tool = MapTool()
        self.validate = Validate(MemoryRegistry([self.entry]), self.tool, board, clock)
        self.start = Start(self.intents, executions, transact, clock, ids, TIMING)
        self.reconcile = Reconcile(executions, self.tool, transact, clock, TIMING)
        record = Record(transact, TIMING)
        self.advance = Advance(
            clock=clock,
            timing=TIMING,
            transact=transact,
            start=self.start,
            validate=self.validate,
            map_tool=self.map_tool,
            prepare=Prepare(self.tool, transact, TIMING),
            invoke=Invoke(self.tool, self.artifacts, board, transact, clock, TIMING),
            reconcile=self.reconcile,
            compensate=Compensate(self.validate),
            record=record,
        )
        self.conclude = Conclude(executions, self.start, record)
        self.launch = Launch(executions, self.intents, self.start, self.orchestrator, wake_ups, clock)
        self.cancel = Cancel(self.intents, transact, ids, self.orchestrator)
        self.cancel_without = Cancel(self.intents, transact, ids)
        self.retry = Retry(transact, Asking(executions, wake_ups), ids)
        self.undo = Undo(transact, Asking(executions, wake_ups), self.validate, board, TIMING)

    def beside(self) -> Bench:
        """A second process: the same store and clock, and nothing else in common."""
        other = Bench(entry=self.entry, store=self.store, number=self.number + 1)
        other.clock = self.clock
        other.wire()
        return other

    def interrupted_by(self, acts: Callable[[], object]) -> None:
        """Let somebody else act just before the next commit of this process."""
        self.executions = Between(MemoryExecutions(self.store), acts)
        self.wire()

    def known(self, intent: Intent | None = None) -> Intent:
        """Store the intent, as a publisher or the starter does."""
        body = intent or an_intent()
        self.intents.put(body)
        return body

    def claimed(self, order: Order = OURS.order) -> Execution:
        """Store the intent and claim it, for the orchestration by default."""
        self.known()
        return self.start(order)

    def stored(self) -> Execution:
        found = self.executions.load(KEY)
        assert found is not None
        return found

    @property
    def attempt(self) -> Attempt:
        return self.stored().attempt

    def told(self) -> list[tuple[str, str | None]]:
        """The signals to be published: type and error code."""
        return [(it.type.value, it.error_code) for it in self.signals()]

    def signals(self) -> list[Signal]:
        return list(self.store.outbox.values())


def undoable(**changes: Any) -> RegistryEntry:  # noqa: ANN401 - what an entry takes
    """An entry whose write is removed by a tool of its own."""
    terms = an_entry().terms
    undo = Compensation(CompensationMode.AUTOMATIC, "crm.delete_task", terms=terms_of(terms.contract))
    return an_entry(compensation=undo, **changes)


class Steps:
    """Every step, on one bench."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.meters = Meters("space", "name")
        self.begin = Begin(bench.start)
        self.check = Check(bench.start, bench.validate)
        self.map = Map(bench.start, bench.validate, bench.map_tool)
        self.send = Send(bench.executions, bench.advance, EffectKind.ACTION)
        self.compensate = Send(bench.executions, bench.advance, EffectKind.UNDO)
        self.settle = Settle(bench.executions, bench.advance, bench.clock, TIMING)
        self.tell = Tell(bench.executions, bench.conclude, self.meters)

    def counted(self) -> dict[tuple[str, ...], float]:
        return {(it.name, *(value for _, value in dims)): sum(got) for (it, dims), got in self.meters._numbers.items()}


def given_state(asked: Orchestration = OURS) -> OrderedModel:
    """What an execution of the state machine starts with."""
    return OrderedModel(
        version=1,
        name=asked.name,
        run=asked.run,
        tenant_id=KEY.tenant_id,
        account_id=KEY.account_id,
        action_intent_id=KEY.intent_id,
        approval_source="HUMAN",
        auto_executed=False,
    )
