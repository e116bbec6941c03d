"""The container of the embedded mode: one SQLite file behind every port."""

from collections.abc import Iterator
from pathlib import Path

from dependency_injector import providers

from adapters.files.head_signer import FileHeadSigner
from adapters.files.ledger_heads import FileLedgerHeads, FileLedgerRolls
from adapters.files.signals_file import JsonLinesSignals
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
from adapters.system.clock import SystemIds
from entrypoints.container.wiring import Container, filling
from ports.artifacts import Artifacts
from ports.backlog import Backlog
from ports.dead_letters import DeadLetters
from ports.executions import Executions
from ports.head_signer import HeadSigner
from ports.ids import Ids
from ports.intents import Intents
from ports.internal_objects import InternalObjects
from ports.kill_switches import KillSwitches
from ports.ledger import Ledger
from ports.ledger_heads import LedgerHeads
from ports.ledger_rolls import LedgerRolls
from ports.listings import Listings
from ports.outbox import Outbox
from ports.queue import Queue
from ports.registry import Registry
from ports.signals import Signals
from ports.wake_ups import WakeUps

IDS_AHEAD = 64


def opened_database(path: Path) -> Iterator[Database]:
    """Yield the database, and close it with the container."""
    database = Database(path)
    yield database
    database.close()


@filling
class EmbeddedContainer(Container):
    """The use cases on SQLite. What the adapters take of the wiring is named anew, so that both are one."""

    settings = Container.settings
    clock = Container.clock
    ids: providers.Provider[Ids] = providers.Singleton(SystemIds, IDS_AHEAD)

    database: providers.Provider[Database] = providers.Resource(opened_database, settings.provided.paths.database)
    executions: providers.Provider[Executions] = providers.Singleton(SqliteExecutions, database)
    intents: providers.Provider[Intents] = providers.Singleton(SqliteIntents, database)
    listings: providers.Provider[Listings] = providers.Singleton(SqliteListings, database)
    registry: providers.Provider[Registry] = providers.Singleton(SqliteRegistry, database)
    kill_switches: providers.Provider[KillSwitches] = providers.Singleton(
        SqliteKillSwitches, database, unknown_tenants_enabled=settings.provided.tenants.are_unknown_enabled
    )
    ledger: providers.Provider[Ledger] = providers.Singleton(SqliteLedger, database)
    ledger_heads: providers.Provider[LedgerHeads] = providers.Singleton(FileLedgerHeads, settings.provided.paths.heads)
    ledger_rolls: providers.Provider[LedgerRolls] = providers.Singleton(FileLedgerRolls, settings.provided.paths.heads)
    head_signer: providers.Provider[HeadSigner] = providers.Singleton(
        FileHeadSigner, settings.provided.paths.sealing_key
    )
    outbox: providers.Provider[Outbox] = providers.Singleton(SqliteOutbox, database)
    queue: providers.Provider[Queue] = providers.Singleton(SqliteQueue, database, clock, ids)
    backlog: providers.Provider[Backlog] = providers.Singleton(SqliteQueue, database, clock, ids)
    wake_ups: providers.Provider[WakeUps] = providers.Singleton(SqliteWakeUps, queue)
    dead_letters: providers.Provider[DeadLetters] = providers.Singleton(SqliteDeadLetters, database, clock)
    artifacts: providers.Provider[Artifacts] = providers.Singleton(SqliteArtifacts, database)
    internal_objects: providers.Provider[InternalObjects] = providers.Singleton(SqliteInternalObjects, database)
    signals: providers.Provider[Signals] = providers.Singleton(
        JsonLinesSignals, settings.provided.paths.signals, source=settings.provided.events.source
    )
