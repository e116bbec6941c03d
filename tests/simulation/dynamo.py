"""The simulated world on DynamoDB: the real adapters, faults below them, and the memory store as their mirror.

Every verb goes to DynamoDB first. What it did is then done in memory too, and the two must say the same; so the watch
judges the real thing by the same rules.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from adapters.aws.signals import EventBridgeSignals
from adapters.memory.kill_switches import MemoryKillSwitches
from adapters.memory.objects import MemorySignals
from adapters.memory.store import MemoryExecutions, MemoryIntents, MemoryOutbox
from core.domain.errors import PayloadConflictError, StoreUnavailableError
from core.domain.execution import Change, Execution, Refusal, StaleError
from core.domain.keys import IntentKey
from core.domain.refusing import refusal_chain
from core.domain.signal import Signal
from core.domain.switches import Switch, SwitchReading
from tests.contract.dynamo import Stores, made, stores
from tests.emulators import clients
from tests.simulation.botocore_faults import Faults
from tests.simulation.explore import SCENARIOS, is_long
from tests.simulation.injections import INJECTIONS
from tests.simulation.proof import Violation
from tests.simulation.world import World

if TYPE_CHECKING:
    from core.domain.intent import Intent
    from tests.simulation.world import Injection

NAMES = sorted(name for name in SCENARIOS if not SCENARIOS[name].expect and not is_long(name))
POINTS = 40


class Differs(Violation):
    """DynamoDB and the mirror do not say the same."""


class MirroredExecutions:
    """The executions port, on both stores."""

    def __init__(self, faulty: Stores, clean: Stores, mirror: MemoryExecutions) -> None:
        """Keep the stores; ``clean`` is the same one, seen without faults."""
        self._faulty = faulty
        self._clean = clean
        self._mirror = mirror

    def load(self, key: IntentKey) -> Execution | None:
        """Read both."""
        found = self._faulty.executions.load(key)
        _same("load", found, self._mirror.load(key))
        return found

    def commit(self, change: Change) -> None:
        """Write to both, or to neither."""
        try:
            self._faulty.executions.commit(change)
        except StoreUnavailableError:
            self._follow(change)
            raise
        except StaleError as stale:
            self._follow(change)
            _same("stale", stale.existing, self._mirror.load(change.key))
            raise
        except PayloadConflictError:
            with pytest.raises(PayloadConflictError):
                self._mirror.commit(change)
            raise
        self._follow(change)

    def refuse(self, refusal: Refusal) -> bool:
        """Refuse on both."""
        try:
            return self._faulty.executions.refuse(refusal)
        finally:
            written = self._clean.ledger.entries(refusal_chain(refusal.key))
            if any(refusal.refusal_id in entry.body for entry in written):
                self._mirror.refuse(refusal)

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        """Ask both; what a shard that failed holds back is found the next time."""
        found = self._faulty.executions.due(now_ms, limit)
        _same("due", set(found) - set(self._mirror.due(now_ms, limit)), set())
        return found

    def _follow(self, change: Change) -> None:
        """Do in memory what DynamoDB did."""
        there, known = self._clean.executions.load(change.key), self._mirror.load(change.key)
        if there is not None and there.attempt.nonce == change.execution.attempt.nonce and there != known:
            self._mirror.commit(change)


class MirroredIntents:
    """The intents port, on both stores."""

    def __init__(self, faulty: Stores, clean: Stores, mirror: MemoryIntents) -> None:
        """Keep the stores."""
        self._faulty = faulty
        self._clean = clean
        self._mirror = mirror

    def get(self, key: IntentKey) -> Intent | None:
        """Read both."""
        found = self._faulty.intents.get(key)
        _same("intent", found, self._mirror.get(key))
        return found

    def put(self, intent: Intent) -> None:
        """Write to both, without faults: this is how the stage is set."""
        self._clean.intents.put(intent)
        self._mirror.put(intent)


class MirroredOutbox:
    """The outbox port, on both stores."""

    def __init__(self, faulty: Stores, clean: Stores, mirror: MemoryOutbox) -> None:
        """Keep the stores."""
        self._faulty = faulty
        self._clean = clean
        self._mirror = mirror

    def pending(self, limit: int) -> Sequence[Signal]:
        """Read both."""
        found = self._faulty.outbox.pending(limit)
        mirrored = self._mirror.pending(1_000)
        _same("outbox", {it.signal_id for it in found} - {it.signal_id for it in mirrored}, set())
        return found

    def published(self, signals: Sequence[Signal]) -> None:
        """Remove from both."""
        try:
            self._faulty.outbox.published(signals)
        finally:
            left = self._clean.outbox.pending(1_000)
            self._mirror.published([it for it in signals if it not in left])


class MirroredSwitches:
    """The kill switches port, on both stores; operators turn them without faults."""

    def __init__(self, faulty: Stores, clean: Stores, mirror: MemoryKillSwitches) -> None:
        """Keep the stores."""
        self._faulty = faulty
        self._clean = clean
        self._mirror = mirror

    def read(self, tenant_id: str) -> SwitchReading:
        """Read both."""
        found = self._faulty.trusting_switches.read(tenant_id)
        _same("switches", found, self._mirror.read(tenant_id))
        return found

    def close(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        """Close both."""
        for each in (self._clean.trusting_switches, self._mirror):
            each.close(switch, operator=operator, reason=reason, at_ms=at_ms)

    def open(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        """Open both."""
        for each in (self._clean.trusting_switches, self._mirror):
            each.open(switch, operator=operator, reason=reason, at_ms=at_ms)

    def closed(self) -> Sequence[Switch]:
        """Ask both."""
        found = self._clean.trusting_switches.closed()
        _same("closed", list(found), list(self._mirror.closed()))
        return found


class EventBus:
    """Signals through the real EventBridge adapter; what it accepted is published."""

    def __init__(self, adapter: EventBridgeSignals, published: MemorySignals) -> None:
        """Keep the adapter."""
        self._adapter = adapter
        self._published = published
        self.published = published.published

    def publish(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        """Publish what the bus takes."""
        refused = self._adapter.publish(signals)
        self._published.publish([it for it in signals if it not in refused])
        return refused


def on_dynamo(world: World, faulty: Stores, clean: Stores, bus: EventBridgeSignals) -> World:
    """Put DynamoDB and the event bus under a world."""
    switches, registry = world.switches, faulty.registry
    clean.registry.apply(world.scenario.entry)
    world.raw_executions = MirroredExecutions(faulty, clean, world.raw_executions)  # type: ignore[assignment]
    world.raw_intents = MirroredIntents(faulty, clean, world.raw_intents)  # type: ignore[assignment]
    world.raw_outbox = MirroredOutbox(faulty, clean, world.raw_outbox)  # type: ignore[assignment]
    world.switches = MirroredSwitches(faulty, clean, switches)  # type: ignore[assignment]
    world.registry = registry  # type: ignore[assignment]
    world.signals = EventBus(bus, world.signals)  # type: ignore[assignment]
    world.ledger = clean.ledger  # type: ignore[assignment]
    world.worker = world.new_process("w")
    return world


@contextmanager
def opened(endpoint_url: str, faults: Faults) -> Iterator[tuple[Stores, Stores, EventBridgeSignals]]:
    """Give stores that fail, the same without faults, and an event bus that fails."""
    faulty, clean, bus = (clients.dynamodb(endpoint_url), clients.dynamodb(endpoint_url), clients.events(endpoint_url))
    with made(clean) as tables:
        faults.strike(faulty)
        faults.answer(bus)
        yield stores(tables.through(faulty)), stores(tables), EventBridgeSignals(bus, "bus", "actonce")


def played(seed: int, endpoint_url: str) -> tuple[bytes, str | None]:
    """Play one seed; return the trace's name and what went wrong, None for nothing."""
    dice = random.Random(seed)
    strikes: dict[int, Injection] = {0: INJECTIONS["crash"]}  # something may go wrong, whatever is injected
    points = dice.sample(range(1, POINTS), dice.randint(0, 3))
    names = [(point, dice.choice(sorted(INJECTIONS))) for point in points]
    strikes |= {point: INJECTIONS[name] for point, name in names}
    scenario = SCENARIOS[dice.choice(NAMES)]
    faults = Faults(dice.choice((0.0, 0.05, 0.15)), seed)
    with opened(endpoint_url, faults) as (faulty, clean, bus):
        world = on_dynamo(World(scenario, strikes), faulty, clean, bus)
        try:
            world.run()
        except Violation as violation:
            return world.trace(), f"{violation}; scenario {scenario.name}, strikes {names}, seed {seed}"
        finally:
            faults.note(world.labels)
        return world.trace(), None


def _same(what: str, real: object, mirrored: object) -> None:
    if real != mirrored:
        raise Differs(f"{what}: DynamoDB says {real}, memory says {mirrored}")
