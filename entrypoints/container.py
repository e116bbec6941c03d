"""The container of the embedded mode: which adapter stands behind which port, and every use case over them."""

from collections.abc import Iterable, Mapping

from dependency_injector import containers, providers

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.internal import InternalConnector
from adapters.connectors.mcp import McpConnector
from adapters.connectors.post import Limits, Post
from adapters.connectors.routing import ConnectorTable, Route
from adapters.files.registry_files import load_entries, seed_folder
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
from adapters.system.clock import SystemClock, SystemIds
from core.domain.errors import ConfigurationError, RegistryConflictError
from core.domain.registry import RegistryEntry
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
from entrypoints.intake import Intake
from entrypoints.settings import InternalSettings, McpSettings, Settings
from entrypoints.worker import Worker
from ports.artifacts import Artifacts
from ports.backlog import Backlog
from ports.clock import Clock
from ports.connector import Connectors
from ports.dead_letters import DeadLetters
from ports.executions import Executions
from ports.ids import Ids
from ports.intents import Intents
from ports.internal_objects import InternalObjects
from ports.kill_switches import KillSwitches
from ports.ledger import Ledger
from ports.listings import Listings
from ports.outbox import Outbox
from ports.queue import Queue
from ports.registry import Registry
from ports.signals import Signals
from ports.wake_ups import WakeUps

INTERNAL_TOOLS = "internal."
CONNECT_SHARE = 0.8


def connector_table(
    configured: Mapping[str, McpSettings | InternalSettings], objects: InternalObjects, clock: Clock, slack_ms: int
) -> Connectors:
    """Build every connector once; the internal one is there by default."""
    limits_ms = min(Limits().connect_ms, int(slack_ms * CONNECT_SHARE))
    routes = [Route(INTERNAL_TOOLS, InternalConnector(objects))]
    for name, one in configured.items():
        if isinstance(one, McpSettings):
            connector = _mcp(name, one, clock, limits_ms)
            routes += [Route(pattern, connector) for pattern in one.tools]
    return ConnectorTable(routes)


def _mcp(name: str, one: McpSettings, clock: Clock, connect_ms: int) -> McpConnector:
    if one.token_env is not None and one.token is None:
        raise ConfigurationError(f"connectors.{name}.token_env: the variable {one.token_env} is not set")
    token = one.token.get_secret_value() if one.token is not None else None
    limits = Limits(connect_ms=connect_ms, response_bytes=one.max_response_bytes)
    try:
        endpoint = Endpoint(one.url, token)
    except ConfigurationError as fault:
        raise ConfigurationError(f"connectors.{name}: {fault.message}") from fault
    return McpConnector(Post(endpoint, clock, limits), errors_precede_tools=one.errors_precede_tools)


class Container(containers.DeclarativeContainer):
    """One object of each kind for the life of a process; nothing is built before it is asked for."""

    settings: providers.Provider[Settings] = providers.Dependency(instance_of=Settings)
    timing = settings.provided.timing

    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    ids: providers.Provider[Ids] = providers.Singleton(SystemIds)
    database: providers.Singleton[Database] = providers.Singleton(Database, settings.provided.paths.database)
    executions: providers.Provider[Executions] = providers.Singleton(SqliteExecutions, database)
    intents: providers.Provider[Intents] = providers.Singleton(SqliteIntents, database)
    listings: providers.Provider[Listings] = providers.Singleton(SqliteListings, database)
    registry: providers.Provider[Registry] = providers.Singleton(SqliteRegistry, database)
    kill_switches: providers.Provider[KillSwitches] = providers.Singleton(
        SqliteKillSwitches, database, unknown_tenants_enabled=settings.provided.tenants.are_unknown_enabled
    )
    ledger: providers.Provider[Ledger] = providers.Singleton(SqliteLedger, database)
    outbox: providers.Provider[Outbox] = providers.Singleton(SqliteOutbox, database)
    queue: providers.Provider[Queue] = providers.Singleton(SqliteQueue, database, clock, ids)
    backlog: providers.Provider[Backlog] = providers.Singleton(SqliteQueue, database, clock, ids)
    wake_ups: providers.Provider[WakeUps] = providers.Singleton(SqliteWakeUps, queue)
    dead_letters: providers.Provider[DeadLetters] = providers.Singleton(SqliteDeadLetters, database)
    artifacts: providers.Provider[Artifacts] = providers.Singleton(SqliteArtifacts, database)
    internal_objects: providers.Provider[InternalObjects] = providers.Singleton(SqliteInternalObjects, database)
    signals: providers.Provider[Signals] = providers.Singleton(
        JsonLinesSignals, settings.provided.paths.signals, source=settings.provided.events.source
    )
    connectors: providers.Provider[Connectors] = providers.Singleton(
        connector_table, settings.provided.connectors, internal_objects, clock, timing.call_slack_ms
    )

    transact = providers.Singleton(Transact, executions, clock, ids)
    board = providers.Singleton(Switchboard, kill_switches, clock, timing)
    start = providers.Singleton(Start, intents, executions, transact, clock, ids, timing)
    validate = providers.Singleton(Validate, registry, connectors, board, clock)
    prepare = providers.Singleton(Prepare, connectors, transact, timing)
    invoke = providers.Singleton(Invoke, connectors, artifacts, board, transact, clock, timing)
    reconcile = providers.Singleton(Reconcile, executions, connectors, transact, clock, timing)
    execute = providers.Singleton(
        Execute,
        executions=executions,
        wake_ups=wake_ups,
        clock=clock,
        timing=timing,
        transact=transact,
        start=start,
        validate=validate,
        map_tool=providers.Singleton(MapTool),
        prepare=prepare,
        invoke=invoke,
        reconcile=reconcile,
        compensate=providers.Singleton(Compensate, validate),
        record=providers.Singleton(Record, transact, timing),
    )
    sweep = providers.Singleton(Sweep, executions, execute, reconcile, clock)
    relay = providers.Singleton(Relay, outbox, signals)

    asking = providers.Singleton(Asking, executions, wake_ups)
    cancel = providers.Singleton(Cancel, intents, transact, ids)
    retry = providers.Singleton(Retry, transact, asking, ids)
    resolve = providers.Singleton(Resolve, transact, asking, timing)
    undo = providers.Singleton(Undo, transact, asking, validate, board, timing)

    intake = providers.Singleton(
        Intake,
        queue,
        execute,
        start,
        clock,
        timing=timing,
        source=settings.provided.events.source,
        max_receives=settings.provided.run.max_receives,
    )
    worker = providers.Factory(
        Worker,
        queue,
        intake,
        sweep,
        relay,
        threads=settings.provided.run.workers,
        visibility_s=settings.provided.run.visibility_s,
        sweep_every_s=settings.provided.run.sweep_every_s,
        sweeper=providers.Callable("sweeper:{}".format, ids.provided.fresh.call()),
    )


def build(settings: Settings, *, creating: bool = True) -> Container:
    """Return a container for these settings, with its database open; it is made where ``creating`` says so.

    Raises:
        ConfigurationError: there is no such database or folder, or the file is not ours.
        StoreUnavailableError: it cannot be opened now.
    """
    path = settings.paths.database
    if not creating and not path.is_file():
        raise ConfigurationError(f"There is no database {path}. Name another with --db, or start with actonce run.")
    if not path.parent.is_dir():
        raise ConfigurationError(f"There is no folder {path.parent} for the database. Make it, or give --db.")
    container = Container(settings=providers.Object(settings))
    container.database()
    return container


def close(container: Container) -> None:
    """Close the database."""
    container.database().close()


def registry_entries(settings: Settings) -> list[RegistryEntry]:
    """Return what the registry files say; those that come with this system where none are configured.

    Raises:
        ConfigurationError: a file cannot be read or is not an entry; it and the field are named.
    """
    return load_entries(settings.paths.registry or (seed_folder(),))


def apply_registry(container: Container) -> tuple[int, int]:
    """Apply the registry files, and return how many entries were new and how many were there before.

    Raises:
        ConfigurationError: a file is wrong, or changes a version that was applied before.
    """
    registry = container.registry()
    return _applied(registry, registry_entries(container.settings()))


def _applied(registry: Registry, entries: Iterable[RegistryEntry]) -> tuple[int, int]:
    counts = {True: 0, False: 0}
    for entry in entries:
        try:
            counts[registry.apply(entry)] += 1
        except RegistryConflictError as conflict:
            raise ConfigurationError(
                f"{conflict.message} (A version is never changed: give your change a new version number.)"
            ) from conflict
    return counts[True], counts[False]
