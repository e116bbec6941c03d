"""The simulated world: true time, one store, one queue, processes that crash, and what is injected at any point.

A point lies before every port call that a worker makes, which is also after the one before it.
"""

import hashlib
import heapq
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, Self

from adapters.memory.kill_switches import MemoryKillSwitches
from adapters.memory.objects import MemoryArtifacts, MemorySignals
from adapters.memory.registry import MemoryRegistry
from adapters.memory.store import MemoryExecutions, MemoryIntents, MemoryLedger, MemoryOutbox, MemoryStore
from core.domain.claiming import Order
from core.domain.errors import (
    IntentNotFoundError,
    PayloadConflictError,
    StoreUnavailableError,
    SwitchUnreadableError,
    TransientError,
)
from core.domain.switches import Switch
from tests.simulation.process import Process
from tests.simulation.proof import Violation
from tests.simulation.provider import Provider
from tests.simulation.scenario import TENANT, TIMING, Scenario
from tests.simulation.stage import (
    FRAGILE,
    HORIZON_MS,
    MAX_TURNS,
    START_MS,
    SWEEP_MS,
    VISIBILITY_MS,
    Crash,
    Hub,
    Message,
)
from tests.simulation.watch import Watch

Injection = Callable[["World"], None]


class World:
    """One run of one scenario with its injections; violations are raised where they happen or at the end."""

    grace_ms = TIMING.max_skew_ms
    """The sweeper leaves what has just come due to whoever waits for it."""

    def __init__(self, scenario: Scenario, injections: dict[int, Injection] | None = None) -> None:
        """Set the stage; ``injections`` by the number of the point at which they strike."""
        self.scenario = scenario
        self.now = START_MS
        self.injections = injections or {}
        self.points = 0
        self.deploy = 0
        self.labels: list[str] = []
        self.store = MemoryStore()
        self.switches = MemoryKillSwitches(self.store, unknown_tenants_enabled=True)
        self.registry = MemoryRegistry([scenario.entry])
        self.artifacts = MemoryArtifacts()
        self.signals = MemorySignals()
        self.provider = Provider(
            self, list(scenario.faults), list(scenario.undo_faults), scenario.late_ms, scenario.lag_ms
        )
        self.watch = Watch(self)
        self.acts: list[tuple[int, int, Callable[[], object]]] = []
        self.numbers = count(1)
        self.queue: list[Message] = []
        self.raw_executions = MemoryExecutions(self.store)
        self.raw_intents = MemoryIntents(self.store)
        self.raw_outbox = MemoryOutbox(self.store)
        self.ledger = MemoryLedger(self.store)
        self.quiet = 0
        self.swept_at = START_MS
        self.embed_all = False
        self.dark = False
        self.ruled = False
        self.fault: str | None = None
        self.hub: Hub | None = None
        self.worker = self.new_process("w")

    def new_process(self, name: str) -> Process:
        """Start a process."""
        return Process(self, *self.birth(name))

    def birth(self, name: str) -> tuple[str, int, int]:
        """Return a process's name, how far off its clock is, as the scenario says, and its number."""
        skews = self.scenario.skews
        number = next(self.numbers)
        return f"{name}{number}", skews[number % len(skews)], number

    def later(self, at_ms: int, act: Callable[[], object]) -> None:
        """Do something at a moment of true time."""
        heapq.heappush(self.acts, (at_ms, next(self.numbers), act))

    def through(self, process: Process, label: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Let a port call through: count the point, inject what is planned there, let time pass."""
        fault = None
        if self.hub is not None:
            fault = self.hub.pause(process, label)
        elif not self.quiet and process is self.worker:
            fault = self._point(label)
        self.pass_time(self.scenario.latency_ms // 2)
        if label == "switches.read" and (fault == "throttle" or self.dark):
            raise SwitchUnreadableError("unreadable")
        if label == "signals.publish" and fault == "throttle":
            return self.store.outbox.values()
        if fault == "throttle":
            raise self.trouble(label, "throttled")
        result = call()
        self.pass_time(self.scenario.latency_ms - self.scenario.latency_ms // 2)
        if fault == "lose":
            raise self.trouble(label, "reply lost")
        return result

    def trouble(self, label: str, what: str) -> Exception:
        """Return what the caller of a port learns when its call fails, before or after it was done."""
        return StoreUnavailableError(f"{label}: {what}")

    def _point(self, label: str) -> str | None:
        self.points += 1
        self.labels.append(label)
        injection = self.injections.get(self.points)
        if injection is not None:
            self.labels.append("!")
            injection(self)
        fault, self.fault = self.fault, None
        return fault if label.partition(".")[0] in FRAGILE else None

    def pass_time(self, by_ms: int) -> None:
        """Let true time pass, and do what was planned for it."""
        until = self.now + by_ms
        while self.acts and self.acts[0][0] <= until:
            at_ms, _, act = heapq.heappop(self.acts)
            self.now = max(self.now, at_ms)
            act()
        self.now = max(self.now, until)

    def begin(self) -> None:
        """Store, send and plan what the scenario says."""
        for intent in self.scenario.stored:
            self.raw_intents.put(intent)
        for at_ms, intent in self.scenario.events:
            self.send(Message(START_MS + at_ms, next(self.numbers), intent=intent))
        for at_ms, act in self.scenario.acts:
            self.later(START_MS + at_ms, partial(act, self))

    def run(self) -> Self:
        """Deliver, crash, restart and sweep until nothing is left to happen; then judge."""
        self.begin()
        self.finish()
        return self

    def finish(self) -> None:
        """Go on with one worker until nothing is left to happen; then judge."""
        for _ in range(MAX_TURNS):
            if not self._turn():
                break
        else:
            raise Violation("the world never came to rest")
        self.pass_time(2 * HORIZON_MS)
        self.watch.judge()

    def send(self, message: Message) -> None:
        """Put a delivery into the queue."""
        heapq.heappush(self.queue, message)

    def _turn(self) -> bool:
        """Do the next thing that is to be done; False when nothing is."""
        try:
            if self.ruled:
                self.ruled = False
                self.worker.settle_rest()
            elif not self.work(self.worker):
                return self._sleep()
        except Crash:
            self.died(self.worker)
        except TransientError:
            self.pass_time(200)
        return True

    def died(self, process: Process) -> Process:
        """Put another process in the place of one that is gone, and return it."""
        self.watch.bearers.discard(process)
        self.worker = self.new_process("w")
        self.ruled = self.scenario.rule
        if self.scenario.forgotten and self.store.executions:
            self.queue.clear()
        return self.worker

    def work(self, process: Process) -> bool:
        """Let a process do the next thing that is to be done; False when nothing is."""
        if self.queue and self.queue[0].visible_at <= self.now:
            self._deliver(process, heapq.heappop(self.queue))
        elif self.store.outbox:
            process.relay()
        elif self.raw_executions.due(self.now - self.grace_ms, 1) and self.now >= self.swept_at:
            self.swept_at = self.now + SWEEP_MS
            self.watch.sweeping()
            process.sweep(process.name)
            self.watch.survived(process)
        else:
            return False
        return True

    def _sleep(self) -> bool:
        next_at = min(self.moments(), default=None)
        if next_at is None or next_at > START_MS + HORIZON_MS:
            return False
        self.pass_time(max(1, next_at - self.now))
        return True

    def moments(self) -> list[int]:
        """Return when something is to be done, as far as is known."""
        dues = [it.attempt.due_at_ms for it in self.store.executions.values() if it.attempt.due_at_ms is not None]
        moments = [message.visible_at for message in self.queue[:1]]
        moments += [max(due + self.grace_ms, self.swept_at) for due in dues]
        return moments + [at_ms for at_ms, _, _ in self.acts[:1]]

    def _deliver(self, worker: Process, message: Message) -> None:
        message.visible_at = self.now + VISIBILITY_MS
        self.send(message)
        try:
            self.handle(worker, message)
        except TransientError:
            self.watch.redelivering()
            message.visible_at = self.now + (2_000 if self.dark else 500)
            heapq.heapify(self.queue)
            return
        worker.acknowledge(partial(self._drop, message))

    def handle(self, process: Process, message: Message) -> None:
        """Carry out one delivery, as an entrypoint does."""
        try:
            if message.key is not None:
                process.carries_out.resume(message.key, message.owner)
            elif message.intent is not None:
                embedded = message.intent if self.scenario.embedded or self.embed_all else None
                process.carries_out(Order(message.intent.key, f"queue:{message.number}", embedded))
        except PayloadConflictError:
            self.watch.conflicts += 1
        except IntentNotFoundError:
            self.watch.missing += 1
        except Crash:
            self.watch.bearers.discard(process)
            raise
        finally:
            self.watch.survived(process)

    def elsewhere(self, act: Callable[[Process], object], name: str = "other") -> None:
        """Let another process act here and now, uninterrupted; what it is refused is no fault."""
        self.quiet += 1
        try:
            act(self.new_process(name))
        except (TransientError, IntentNotFoundError, PayloadConflictError) as refused:
            self.labels.append(type(refused).__name__)
        finally:
            self.quiet -= 1

    def others_go_on(self, for_ms: int) -> None:
        """Let time pass while this worker hangs and others deliver and sweep."""
        until = self.now + for_ms
        while self.now < until:
            self.pass_time(min(2_500, until - self.now))
            self.others_work()
        heapq.heapify(self.queue)

    def others_work(self) -> None:
        """Let other processes take what is to be done now."""
        for message in [it for it in self.queue if it.visible_at <= self.now]:
            message.visible_at = self.now + VISIBILITY_MS
            self.elsewhere(partial(self._take, message))
        self.elsewhere(lambda process: process.sweep(process.name), "sweeper")

    def _drop(self, message: Message) -> None:
        self.queue = [it for it in self.queue if it is not message]
        heapq.heapify(self.queue)

    def _take(self, message: Message, process: Process) -> None:
        self.handle(process, message)

    def stop(self, switch: Switch | None = None) -> None:
        """Close a switch; from when this returns, the watch counts the milliseconds to the last call."""
        self.switches.close(switch or Switch(TENANT), operator="op", reason="", at_ms=self.now)
        self.watch.stopped_at = self.now

    def resume(self) -> None:
        """Open what was closed."""
        for switch in self.switches.closed():
            self.switches.open(switch, operator="op", reason="", at_ms=self.now)
        self.watch.stopped_at = None

    def trace(self) -> bytes:
        """Name this run by all that happened in it, in order."""
        told = [f"{it.status}{it.revision}" for it in self.store.outcomes]
        return hashlib.blake2b("|".join([self.scenario.name, *self.labels, *told]).encode(), digest_size=12).digest()
