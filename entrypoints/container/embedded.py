"""The container of the embedded mode: one SQLite file behind every port."""

from collections.abc import Callable, Iterator
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
from adapters.system.one_core import OneCore
from entrypoints.container.wiring import Container
from entrypoints.settings.tables import Run
from ports.backlog import Backlog

IDS_AHEAD = 64


def opened_database(path: Path) -> Iterator[Database]:
    """Yield the database, and close it with the container."""
    database = Database(path)
    yield database
    database.close()


def placing(database: Path, run: Run) -> Iterator[Callable[[], None] | None]:
    """Yield what places a thread of a worker that has several, None to place none."""
    if not run.one_core or run.workers == 1:
        yield None
        return
    core = OneCore(Path(f"{database}-cores"))
    yield core
    core.close()


class EmbeddedContainer(Container):
    """The use cases on SQLite."""

    def _fill(self) -> None:
        self.ids = providers.Singleton(SystemIds, IDS_AHEAD)
        self.database: providers.Provider[Database] = providers.Resource(
            opened_database, self.settings.provided.paths.database
        )
        self.placing = providers.Resource(placing, self.settings.provided.paths.database, self.settings.provided.run)
        self.executions = providers.Singleton(SqliteExecutions, self.database)
        self.intents = providers.Singleton(SqliteIntents, self.database)
        self.listings = providers.Singleton(SqliteListings, self.database)
        self.registry = providers.Singleton(SqliteRegistry, self.database)
        self.kill_switches = providers.Singleton(
            SqliteKillSwitches,
            self.database,
            unknown_tenants_enabled=self.settings.provided.tenants.are_unknown_enabled,
        )
        self.ledger = providers.Singleton(SqliteLedger, self.database)
        self.ledger_heads = providers.Singleton(FileLedgerHeads, self.settings.provided.paths.heads)
        self.ledger_rolls = providers.Singleton(FileLedgerRolls, self.settings.provided.paths.heads)
        self.head_signer = providers.Singleton(FileHeadSigner, self.settings.provided.paths.sealing_key)
        self.outbox = providers.Singleton(SqliteOutbox, self.database)
        self.queue = providers.Singleton(SqliteQueue, self.database, self.clock, self.ids)
        self.backlog: providers.Provider[Backlog] = providers.Singleton(
            SqliteQueue, self.database, self.clock, self.ids
        )
        self.wake_ups = providers.Singleton(SqliteWakeUps, self.queue)
        self.dead_letters = providers.Singleton(SqliteDeadLetters, self.database, self.clock)
        self.artifacts = providers.Singleton(SqliteArtifacts, self.database)
        self.internal_objects = providers.Singleton(SqliteInternalObjects, self.database)
        self.signals = providers.Singleton(
            JsonLinesSignals, self.settings.provided.paths.signals, source=self.settings.provided.events.source
        )
