"""The backends that the contract suite runs on; a new one is one function and one line below."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

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
from ports.executions import Executions
from ports.intents import Intents
from ports.internal_objects import InternalObjects
from ports.kill_switches import KillSwitches
from ports.ledger import Ledger
from ports.listings import Listings
from ports.outbox import Outbox
from ports.registry import Registry
from tests.contract.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend(Services):
    """Every port of one store. ``trusting_switches`` is the same store where unknown tenants are enabled."""

    executions: Executions
    intents: Intents
    listings: Listings
    registry: Registry
    kill_switches: KillSwitches
    trusting_switches: KillSwitches
    ledger: Ledger
    outbox: Outbox
    internal_objects: InternalObjects


@contextmanager
def memory(_: Path) -> Iterator[Backend]:
    clock, store = FakeClock(), MemoryStore()
    queue = MemoryQueue(clock, CountingIds())
    yield Backend(
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
def sqlite(directory: Path) -> Iterator[Backend]:
    clock, database = FakeClock(), Database(directory / "store.db")
    queue = SqliteQueue(database, clock, CountingIds())
    yield Backend(
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
        dead_letters=SqliteDeadLetters(database),
        artifacts=SqliteArtifacts(database),
        internal_objects=SqliteInternalObjects(database),
    )
    database.close()


BACKENDS: dict[str, Callable[[Path], AbstractContextManager[Backend]]] = {
    "memory": memory,
    "sqlite": sqlite,
}
