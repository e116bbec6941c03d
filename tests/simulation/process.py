"""A simulated process: the real use cases on ports that pass through the world; thrown away when it crashes."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adapters.memory.clock import CountingIds
from core.domain.answer import Answer, Applied, Finding
from core.domain.errors import StoreUnavailableError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.registry import RegistryEntry
from core.domain.request import MappedCall, Request
from core.usecases.advance import Advance
from core.usecases.asking import Asking
from core.usecases.cancel import Cancel
from core.usecases.compensate import Compensate
from core.usecases.execute import Execute
from core.usecases.gate import Switchboard
from core.usecases.invoke import Invoke
from core.usecases.map_tool import MapTool
from core.usecases.prepare import Prepare
from core.usecases.reconcile import Reconcile
from core.usecases.record import Record
from core.usecases.relay import Relay
from core.usecases.resolve import Resolve
from core.usecases.retry import Retry
from core.usecases.start import Start
from core.usecases.sweep import Sweep
from core.usecases.transact import Transact
from core.usecases.undo import Undo
from core.usecases.validate import Validate
from ports.connector import Gate
from tests.simulation.scenario import KEY, TIMING
from tests.simulation.stage import Message

if TYPE_CHECKING:
    from entrypoints.intake import CarriesOut
    from tests.simulation.world import World


class _Through:
    """A port whose every verb passes through the world."""

    def __init__(self, inner: object, name: str, process: "Process") -> None:
        """Keep what is behind."""
        self._inner = inner
        self._name = name
        self._process = process

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        """Return the verb, passing through."""
        inner, process, label = getattr(self._inner, verb), self._process, f"{self._name}.{verb}"

        def call(*args: object, **named: object) -> object:
            return process.world.through(process, label, lambda: inner(*args, **named))

        setattr(self, verb, call)
        return call


def through(inner: object, name: str, process: "Process") -> Any:  # noqa: ANN401 - stands for any port
    """Return a port whose verbs pass through the world."""
    return _Through(inner, name, process)


class ProcessClock:
    """True time, off by this machine's skew."""

    def __init__(self, world: "World", skew_ms: int) -> None:
        """Keep the skew."""
        self._world = world
        self.skew_ms = skew_ms

    def now_ms(self) -> int:
        """Return what this machine believes."""
        return self._world.now + self.skew_ms

    def monotonic_ms(self) -> int:
        """Return true time; a monotonic clock has no skew to itself."""
        return self._world.now

    def pause(self, longest_ms: int) -> None:
        """Let true time pass, and what happens in it happen."""
        self._world.pass_time(longest_ms)


class SimConnector:
    """The connector of this process; asks the gate, then sends at once."""

    def __init__(self, process: "Process") -> None:
        """Keep the process and its world."""
        self._process = process
        self._world = process.world

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        """Send once."""
        held = gate.closed()
        if held is not None:
            return held
        self._world.watch.sending(request, self._process.clock.now_ms())
        answer, after_ms = self._world.provider.receive(request)
        self._world.watch.learned(self._process, is_applied=isinstance(answer, Applied))
        self._world.labels.append(type(answer).__name__)
        self._world.pass_time(after_ms)
        return answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        """Look."""
        finding = self._world.provider.look_up(request, before)
        self._world.labels.append(type(finding).__name__)
        return finding

    def before_image(self, request: Request) -> str | None:
        """Return the version before."""
        if self._world.scenario.unreadable:
            return None
        return str(self._world.provider.version(request))


class SimConnectors:
    """One connector for all tools."""

    def __init__(self, connector: SimConnector) -> None:
        """Keep it."""
        self._connector = connector

    def offering(self, tool: str, tenant_id: str) -> SimConnector:
        """Return it."""
        return self._connector


class SimWakeUps:
    """Wake-ups are queue messages that keep their owner."""

    def __init__(self, process: "Process") -> None:
        """Keep the process."""
        self._process = process

    def at(self, key: IntentKey, owner: str, due_at_ms: int) -> None:
        """Enqueue."""
        world = self._process.world
        if world.scenario.lost_wake_ups:
            raise StoreUnavailableError("queue down")
        visible_at = max(world.now, due_at_ms - self._process.clock.skew_ms)
        world.send(Message(visible_at, next(world.numbers), key=key, owner=owner))


class DeployedMapping(MapTool):
    """The mapping of some later deploy: the same intent maps to other arguments."""

    def __init__(self, deploy: int) -> None:
        """Keep which deploy."""
        super().__init__()
        self._deploy = deploy

    def __call__(self, intent: Intent, entry: RegistryEntry) -> MappedCall:
        """Map, differently."""
        call = super().__call__(intent, entry)
        return replace(call, arguments={**call.arguments, "deploy": self._deploy}) if self._deploy else call


class Process:
    """One incarnation of a worker, sweeper or operator's command."""

    def __init__(self, world: "World", name: str, skew_ms: int, number: int) -> None:
        """Build the use cases on ports of this world."""
        self.world = world
        self.name = name
        self.clock = ProcessClock(world, skew_ms)
        ids = self.ids = CountingIds(number)
        executions = self.executions = through(world.watch, "executions", self)
        intents = self.intents = through(world.raw_intents, "intents", self)
        connectors = SimConnectors(through(SimConnector(self), "connector", self))
        wake_ups = self.wake_ups = through(SimWakeUps(self), "wake_ups", self)
        switches = through(world.switches, "switches", self)
        outbox = through(world.raw_outbox, "outbox", self)
        signals = through(world.signals, "signals", self)
        registry = through(world.registry, "registry", self)
        clock = self.clock
        transact = self.transact = Transact(executions, clock, ids)
        board = Switchboard(switches, clock, TIMING)
        validate = self.validate = Validate(registry, connectors, board, clock)
        start = self.start = Start(intents, executions, transact, clock, ids, TIMING)
        asking = Asking(executions, wake_ups)
        self.reconcile = Reconcile(executions, connectors, transact, clock, TIMING)
        prepare = Prepare(connectors, transact, TIMING)
        invoke = Invoke(connectors, world.artifacts, board, transact, clock, TIMING)
        record = self.record = Record(transact, TIMING)
        self.map_tool = DeployedMapping(world.deploy)
        advance = self.advance = Advance(
            clock=clock,
            timing=TIMING,
            transact=transact,
            start=start,
            validate=validate,
            map_tool=self.map_tool,
            prepare=prepare,
            invoke=invoke,
            reconcile=self.reconcile,
            compensate=Compensate(validate),
            record=record,
        )
        self.execute = Execute(
            executions=executions,
            wake_ups=wake_ups,
            timing=TIMING,
            transact=transact,
            start=start,
            prepare=prepare,
            invoke=invoke,
            record=record,
            advance=advance,
        )
        self.carries_out: CarriesOut = self.execute
        self.sweep = Sweep(executions, self.execute, self.reconcile, clock)
        self.relay = Relay(outbox, signals)
        self.cancel = Cancel(intents, transact, ids)
        self.retry = Retry(transact, asking, ids)
        self.resolve = Resolve(transact, asking, TIMING)
        self.undo = Undo(transact, asking, validate, board, TIMING)

    def settle_rest(self) -> None:
        """Settle what is left, as whoever is told that an execution ended."""
        execution = self.executions.load(KEY)
        if execution is not None:
            self.reconcile(execution)

    def acknowledge(self, remove: Callable[[], None]) -> None:
        """Acknowledge a delivery, which is a call like any other."""
        self.world.through(self, "queue.acknowledge", remove)
