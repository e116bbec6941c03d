"""The backends that the contract suite runs on; a new one is one function and one line below."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapters.memory.clock import CountingIds, FakeClock
from adapters.memory.kill_switches import MemoryKillSwitches
from adapters.memory.objects import MemoryArtifacts, MemoryInternalObjects
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
from adapters.sqlite.artifacts import SqliteArtifacts
from adapters.sqlite.database import Database
from adapters.sqlite.dead_letters import SqliteDeadLetters
from adapters.sqlite.executions import SqliteExecutions
from adapters.sqlite.intents import SqliteIntents
from adapters.sqlite.internal_objects import SqliteInternalObjects
from adapters.sqlite.kill_switches import SqliteKillSwitches
from adapters.sqlite.ledger import SqliteLedger
from adapters.sqlite.listings import SqliteListings
from adapters.sqlite.outbox import SqliteOutbox
from adapters.sqlite.queue import SqliteQueue
from adapters.sqlite.registry import SqliteRegistry
from adapters.sqlite.wake_ups import SqliteWakeUps
from ports.clock import Clock
from ports.executions import Executions
from ports.intents import Intents
from ports.internal_objects import InternalObjects
from ports.kill_switches import KillSwitches
from ports.ledger import Ledger
from ports.listings import Listings
from ports.outbox import Outbox
from ports.registry import Registry
from tests.contract.services import Services


class Backend(Protocol):
    """Every port of one store. ``trusting_switches`` is the same store where unknown tenants are enabled."""

    @property
    def clock(self) -> Clock: ...
    @property
    def executions(self) -> Executions: ...
    @property
    def intents(self) -> Intents: ...
    @property
    def listings(self) -> Listings: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def kill_switches(self) -> KillSwitches: ...
    @property
    def trusting_switches(self) -> KillSwitches: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def internal_objects(self) -> InternalObjects: ...
    @property
    def many(self) -> int:
        """More rows than one read returns, and no more than this backend can write in a few seconds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded(Services):
    """A backend that is also a queue."""

    executions: Executions
    intents: Intents
    listings: Listings
    registry: Registry
    kill_switches: KillSwitches
    trusting_switches: KillSwitches
    ledger: Ledger
    outbox: Outbox
    internal_objects: InternalObjects
    many: int = 1_001


@contextmanager
def memory(_: Path) -> Iterator[Embedded]:
    clock, store = FakeClock(), MemoryStore()
    queue = MemoryQueue(clock, CountingIds())
    yield Embedded(
        clock=clock,
        pass_time=clock.advance,
        executions=MemoryExecutions(store),
        intents=MemoryIntents(store),
        listings=MemoryListings(store),
        registry=MemoryRegistry(),
        kill_switches=MemoryKillSwitches(store),
        trusting_switches=MemoryKillSwitches(store, unknown_tenants_enabled=True),
        ledger=MemoryLedger(store),
        outbox=MemoryOutbox(store),
        queue=queue,
        backlog=queue,
        wake_ups=MemoryWakeUps(queue, clock),
        dead_letters=queue,
        artifacts=MemoryArtifacts(),
        internal_objects=MemoryInternalObjects(),
    )


@contextmanager
def sqlite(directory: Path) -> Iterator[Embedded]:
    clock, database = FakeClock(), Database(directory / "store.db")
    queue = SqliteQueue(database, clock, CountingIds())
    yield Embedded(
        clock=clock,
        pass_time=clock.advance,
        executions=SqliteExecutions(database),
        intents=SqliteIntents(database),
        listings=SqliteListings(database),
        registry=SqliteRegistry(database),
        kill_switches=SqliteKillSwitches(database),
        trusting_switches=SqliteKillSwitches(database, unknown_tenants_enabled=True),
        ledger=SqliteLedger(database),
        outbox=SqliteOutbox(database),
        queue=queue,
        backlog=queue,
        wake_ups=SqliteWakeUps(queue),
        dead_letters=SqliteDeadLetters(database, clock),
        artifacts=SqliteArtifacts(database),
        internal_objects=SqliteInternalObjects(database),
    )
    database.close()


BACKENDS: dict[str, Callable[[Path], AbstractContextManager[Embedded]]] = {
    "memory": memory,
    "sqlite": sqlite,
}
