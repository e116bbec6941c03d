"""The wiring of the use cases over the ports, once for every mode; a mode's own container fills the ports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from dependency_injector import containers, providers

from entrypoints.late import late
from entrypoints.settings.loading import Settings

if TYPE_CHECKING:
    from adapters.connectors.signing import Sign
    from core.domain.sealing import PublicKey
    from core.usecases.advance import Advance
    from core.usecases.asking import Asking
    from core.usecases.cancel import Cancel
    from core.usecases.conclude import Conclude
    from core.usecases.execute import Execute
    from core.usecases.gate import Switchboard
    from core.usecases.invoke import Invoke
    from core.usecases.launch import Launch
    from core.usecases.map_tool import MapTool
    from core.usecases.plan_ahead import PlanAhead
    from core.usecases.prepare import Prepare
    from core.usecases.reconcile import Reconcile
    from core.usecases.record import Record
    from core.usecases.rehearse import Rehearse
    from core.usecases.relay import Relay
    from core.usecases.resolve import Resolve
    from core.usecases.retry import Retry
    from core.usecases.seal import Seal
    from core.usecases.start import Start
    from core.usecases.sweep import Sweep
    from core.usecases.transact import Transact
    from core.usecases.undo import Undo
    from core.usecases.validate import Validate
    from core.usecases.verify_days import VerifyDays
    from core.usecases.verify_ledger import VerifyLedger
    from entrypoints.intake import CarriesOut, Intake
    from entrypoints.worker import Worker
    from ports.artifacts import Artifacts
    from ports.clock import Clock
    from ports.connector import Connectors
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
    from ports.orchestrator import Orchestrator
    from ports.outbox import Outbox
    from ports.queue import Queue
    from ports.registry import Registry
    from ports.secrets import Secrets
    from ports.signals import Signals
    from ports.signature_check import SignatureCheck
    from ports.visibility import Visibility
    from ports.wake_ups import WakeUps


def as_it_is(connectors: Connectors) -> Connectors:
    """Return the connectors with nothing around them."""
    return connectors


def as_this(execute: CarriesOut) -> CarriesOut:
    """Return what carries out orders in this process."""
    return execute


class Container(containers.DeclarativeContainer):
    """One object of each kind for the life of a process; nothing is built before it is asked for."""

    settings: providers.Provider[Settings] = providers.Dependency(instance_of=Settings)
    timing = settings.provided.timing

    clock: providers.Provider[Clock] = providers.Singleton(late("adapters.system.clock.SystemClock"))
    ids: providers.Provider[Ids] = providers.Singleton(late("adapters.system.clock.SystemIds"))

    executions: providers.Provider[Executions] = providers.Dependency()
    intents: providers.Provider[Intents] = providers.Dependency()
    listings: providers.Provider[Listings] = providers.Dependency()
    registry: providers.Provider[Registry] = providers.Dependency()
    kill_switches: providers.Provider[KillSwitches] = providers.Dependency()
    ledger: providers.Provider[Ledger] = providers.Dependency()
    outbox: providers.Provider[Outbox] = providers.Dependency()
    queue: providers.Provider[Queue] = providers.Dependency()
    wake_ups: providers.Provider[WakeUps] = providers.Dependency()
    dead_letters: providers.Provider[DeadLetters] = providers.Dependency()
    artifacts: providers.Provider[Artifacts] = providers.Dependency()
    internal_objects: providers.Provider[InternalObjects] = providers.Dependency()
    ledger_heads: providers.Provider[LedgerHeads] = providers.Dependency()
    ledger_rolls: providers.Provider[LedgerRolls] = providers.Dependency()
    head_signer: providers.Provider[HeadSigner] = providers.Dependency()
    signature_check: providers.Provider[SignatureCheck] = providers.Singleton(
        late("adapters.system.signatures.HeadSignatures")
    )
    trusted_keys: providers.Provider[list[PublicKey]] = providers.Callable(
        late("adapters.files.head_signer.load_public_keys"), settings.provided.paths.trusted_keys
    )
    signals: providers.Provider[Signals] = providers.Dependency()
    orchestrator: providers.Provider[Orchestrator | None] = providers.Object(None)
    visibility: providers.Provider[Visibility | None] = providers.Object(None)
    secrets: providers.Provider[Secrets | None] = providers.Object(None)

    sign: providers.Provider[Callable[[str, str | None], Sign] | None] = providers.Object(None)

    connectors: providers.Provider[Connectors] = providers.Singleton(
        late("entrypoints.container.connecting.connector_table"),
        settings.provided.connectors,
        internal_objects,
        clock,
        timing,
        secrets,
        sign,
        settings.provided.egress.hosts,
    )

    # What the use cases call: the connectors, or what a mode puts around them.
    reached: providers.Provider[Connectors] = providers.Callable(as_it_is, connectors)

    transact: providers.Provider[Transact] = providers.Singleton(
        late("core.usecases.transact.Transact"), executions, clock, ids
    )
    board: providers.Provider[Switchboard] = providers.Singleton(
        late("core.usecases.gate.Switchboard"), kill_switches, clock, timing
    )
    start: providers.Provider[Start] = providers.Singleton(
        late("core.usecases.start.Start"), intents, executions, transact, clock, ids, timing
    )
    validate: providers.Provider[Validate] = providers.Singleton(
        late("core.usecases.validate.Validate"), registry, reached, board, clock
    )
    prepare: providers.Provider[Prepare] = providers.Singleton(
        late("core.usecases.prepare.Prepare"), reached, transact, timing
    )
    invoke: providers.Provider[Invoke] = providers.Singleton(
        late("core.usecases.invoke.Invoke"), reached, artifacts, board, transact, clock, timing
    )
    reconcile: providers.Provider[Reconcile] = providers.Singleton(
        late("core.usecases.reconcile.Reconcile"), executions, reached, transact, clock, timing
    )
    record: providers.Provider[Record] = providers.Singleton(late("core.usecases.record.Record"), transact, timing)
    map_tool: providers.Provider[MapTool] = providers.Singleton(late("core.usecases.map_tool.MapTool"))
    advance: providers.Provider[Advance] = providers.Singleton(
        late("core.usecases.advance.Advance"),
        clock=clock,
        timing=timing,
        transact=transact,
        start=start,
        validate=validate,
        map_tool=map_tool,
        prepare=prepare,
        invoke=invoke,
        reconcile=reconcile,
        compensate=providers.Singleton(late("core.usecases.compensate.Compensate"), validate),
        record=record,
    )
    execute: providers.Provider[Execute] = providers.Singleton(
        late("core.usecases.execute.Execute"),
        executions=executions,
        wake_ups=wake_ups,
        timing=timing,
        transact=transact,
        start=start,
        prepare=prepare,
        invoke=invoke,
        record=record,
        advance=advance,
    )
    conclude: providers.Provider[Conclude] = providers.Singleton(
        late("core.usecases.conclude.Conclude"), executions, start, record
    )
    launch: providers.Provider[Launch] = providers.Singleton(
        late("core.usecases.launch.Launch"), executions, intents, start, orchestrator, wake_ups, clock
    )
    # What deliveries are handed to: an orchestrator's container puts Launch here.
    carrying_out: providers.Provider[CarriesOut] = providers.Callable(as_this, execute)
    plan_ahead: providers.Provider[PlanAhead] = providers.Singleton(
        late("core.usecases.plan_ahead.PlanAhead"), validate, map_tool
    )
    sweep: providers.Provider[Sweep] = providers.Singleton(
        late("core.usecases.sweep.Sweep"), executions, execute, reconcile, clock
    )
    relay: providers.Provider[Relay] = providers.Singleton(late("core.usecases.relay.Relay"), outbox, signals)

    seal: providers.Provider[Seal] = providers.Singleton(
        late("core.usecases.seal.Seal"), ledger, ledger_heads, ledger_rolls, head_signer, clock, timing
    )
    verify_days: providers.Provider[VerifyDays | None] = providers.Singleton(
        late("core.usecases.verify_days.VerifyDays"), ledger, ledger_heads, ledger_rolls, signature_check
    )
    verify_ledger: providers.Provider[VerifyLedger] = providers.Singleton(
        late("core.usecases.verify_ledger.VerifyLedger"), ledger, verify_days
    )

    asking: providers.Provider[Asking] = providers.Singleton(late("core.usecases.asking.Asking"), executions, wake_ups)
    cancel: providers.Provider[Cancel] = providers.Singleton(
        late("core.usecases.cancel.Cancel"), intents, transact, ids, orchestrator
    )
    retry: providers.Provider[Retry] = providers.Singleton(late("core.usecases.retry.Retry"), transact, asking, ids)
    resolve: providers.Provider[Resolve] = providers.Singleton(
        late("core.usecases.resolve.Resolve"), transact, asking, timing
    )
    undo: providers.Provider[Undo] = providers.Singleton(
        late("core.usecases.undo.Undo"), transact, asking, validate, board, timing
    )

    rehearse: providers.Provider[Rehearse] = providers.Singleton(late("core.usecases.rehearse.Rehearse"), clock, timing)

    intake: providers.Provider[Intake] = providers.Singleton(
        late("entrypoints.intake.Intake"),
        queue,
        carrying_out,
        start,
        clock,
        timing=timing,
        source=settings.provided.events.source,
        max_receives=settings.provided.run.max_receives,
        log_fields=settings.provided.logs.fields,
        plan_ahead=plan_ahead,
    )
    worker: providers.Provider[Worker] = providers.Factory(
        late("entrypoints.worker.Worker"),
        queue,
        intake,
        sweep,
        relay,
        visibility=visibility,
        threads=settings.provided.run.workers,
        visibility_s=settings.provided.run.visibility_s,
        sweep_every_s=settings.provided.run.sweep_every_s,
        look_every_s=settings.provided.look_every_s,
        sweeper=providers.Callable("sweeper:{}".format, ids.provided.fresh.call()),
    )


Filled = TypeVar("Filled", bound=Container)


def filling(container: type[Filled]) -> type[Filled]:
    """Let a mode's container have the use cases over its own adapters, and not over the ports that it filled.

    ``containers.copy`` would do, but it copies the adapters twice, and so leaves two of each.
    """
    own = container.cls_providers
    replaced: dict[int, object] = {
        id(Container.providers[name]): it for name, it in own.items() if name in Container.providers
    }
    memo = replaced | {id(it): it for it in own.values()}
    rest = {name: it for name, it in Container.providers.items() if name not in own}
    for name, copied in providers.deepcopy(rest, memo).items():
        setattr(container, name, copied)
    return container
