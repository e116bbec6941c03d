"""The wiring of the use cases over the ports, once for every mode; a mode's own container fills the ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dependency_injector import providers

from entrypoints.container.ports import Ports
from entrypoints.late import late

if TYPE_CHECKING:
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
    from entrypoints.settings.loading import Settings
    from entrypoints.worker import Worker
    from ports.connector import Connectors

Made = TypeVar("Made")


def as_it_is(made: Made) -> Made:
    """Return what is made with nothing around it; what a mode puts around it stands in its place."""
    return made


class Container(Ports):
    """The use cases over the ports of a mode, each wired once."""

    def __init__(self, settings: Settings) -> None:
        """Wire everything over what the settings ask for."""
        super().__init__(settings)
        self._reach()
        self._carry_out()
        self._look_back()
        self._ask()
        self._take_in()

    def _reach(self) -> None:
        """Wire what is called, and the steps of an execution."""
        self.connectors: providers.Provider[Connectors] = providers.Singleton(
            late("entrypoints.container.connecting.connector_table"),
            self.settings.provided.connectors,
            self.internal_objects,
            self.clock,
            self.timing,
            self.secrets,
            self.sign,
            self.settings.provided.egress.hosts,
        )
        # What the use cases call: the connectors, or what a mode puts around them.
        self.reached: providers.Provider[Connectors] = providers.Callable(as_it_is, self.connectors)
        self.transact: providers.Provider[Transact] = providers.Singleton(
            late("core.usecases.transact.Transact"), self.executions, self.clock, self.ids
        )
        self.board: providers.Provider[Switchboard] = providers.Singleton(
            late("core.usecases.gate.Switchboard"), self.kill_switches, self.clock, self.timing
        )
        self.start: providers.Provider[Start] = providers.Singleton(
            late("core.usecases.start.Start"),
            self.intents,
            self.executions,
            self.transact,
            self.clock,
            self.ids,
            self.timing,
        )
        self.validate: providers.Provider[Validate] = providers.Singleton(
            late("core.usecases.validate.Validate"), self.registry, self.reached, self.board, self.clock
        )
        self.prepare: providers.Provider[Prepare] = providers.Singleton(
            late("core.usecases.prepare.Prepare"), self.reached, self.transact, self.timing
        )
        self.invoke: providers.Provider[Invoke] = providers.Singleton(
            late("core.usecases.invoke.Invoke"),
            self.reached,
            self.artifacts,
            self.board,
            self.transact,
            self.clock,
            self.timing,
        )
        self.reconcile: providers.Provider[Reconcile] = providers.Singleton(
            late("core.usecases.reconcile.Reconcile"),
            self.executions,
            self.reached,
            self.transact,
            self.clock,
            self.timing,
        )
        self.record: providers.Provider[Record] = providers.Singleton(
            late("core.usecases.record.Record"), self.transact, self.timing
        )
        self.map_tool: providers.Provider[MapTool] = providers.Singleton(late("core.usecases.map_tool.MapTool"))

    def _carry_out(self) -> None:
        """Wire what carries out, sweeps and publishes."""
        self.advance: providers.Provider[Advance] = providers.Singleton(
            late("core.usecases.advance.Advance"),
            clock=self.clock,
            timing=self.timing,
            transact=self.transact,
            start=self.start,
            validate=self.validate,
            map_tool=self.map_tool,
            prepare=self.prepare,
            invoke=self.invoke,
            reconcile=self.reconcile,
            compensate=providers.Singleton(late("core.usecases.compensate.Compensate"), self.validate),
            record=self.record,
        )
        self.execute: providers.Provider[Execute] = providers.Singleton(
            late("core.usecases.execute.Execute"),
            executions=self.executions,
            wake_ups=self.wake_ups,
            timing=self.timing,
            transact=self.transact,
            start=self.start,
            prepare=self.prepare,
            invoke=self.invoke,
            record=self.record,
            advance=self.advance,
        )
        self.conclude: providers.Provider[Conclude] = providers.Singleton(
            late("core.usecases.conclude.Conclude"), self.executions, self.start, self.record
        )
        self.launch: providers.Provider[Launch] = providers.Singleton(
            late("core.usecases.launch.Launch"),
            self.executions,
            self.intents,
            self.start,
            self.orchestrator,
            self.wake_ups,
            self.clock,
        )
        # What deliveries are handed to: an orchestrator's container puts Launch here.
        self.carrying_out: providers.Provider[CarriesOut] = providers.Callable(as_it_is, self.execute)
        self.plan_ahead: providers.Provider[PlanAhead] = providers.Singleton(
            late("core.usecases.plan_ahead.PlanAhead"), self.validate, self.map_tool
        )
        self.sweep: providers.Provider[Sweep] = providers.Singleton(
            late("core.usecases.sweep.Sweep"), self.executions, self.execute, self.reconcile, self.clock
        )
        self.relay: providers.Provider[Relay] = providers.Singleton(
            late("core.usecases.relay.Relay"), self.outbox, self.signals
        )
        self.rehearse: providers.Provider[Rehearse] = providers.Singleton(
            late("core.usecases.rehearse.Rehearse"), self.clock, self.timing
        )

    def _look_back(self) -> None:
        """Wire what seals the ledger and verifies it."""
        self.seal: providers.Provider[Seal] = providers.Singleton(
            late("core.usecases.seal.Seal"),
            self.ledger,
            self.ledger_heads,
            self.ledger_rolls,
            self.head_signer,
            self.clock,
            self.timing,
        )
        self.verify_days = self._days()
        self.verify_ledger: providers.Provider[VerifyLedger] = providers.Singleton(
            late("core.usecases.verify_ledger.VerifyLedger"), self.ledger, self.verify_days
        )

    def _days(self) -> providers.Provider[VerifyDays | None]:
        """Return what verifies sealed days; a mode may have none."""
        return providers.Singleton(
            late("core.usecases.verify_days.VerifyDays"),
            self.ledger,
            self.ledger_heads,
            self.ledger_rolls,
            self.signature_check,
        )

    def _ask(self) -> None:
        """Wire what operators ask for."""
        self.asking: providers.Provider[Asking] = providers.Singleton(
            late("core.usecases.asking.Asking"), self.executions, self.wake_ups
        )
        self.cancel: providers.Provider[Cancel] = providers.Singleton(
            late("core.usecases.cancel.Cancel"), self.intents, self.transact, self.ids, self.orchestrator
        )
        self.retry: providers.Provider[Retry] = providers.Singleton(
            late("core.usecases.retry.Retry"), self.transact, self.asking, self.ids
        )
        self.resolve: providers.Provider[Resolve] = providers.Singleton(
            late("core.usecases.resolve.Resolve"), self.transact, self.asking, self.timing
        )
        self.undo: providers.Provider[Undo] = providers.Singleton(
            late("core.usecases.undo.Undo"), self.transact, self.asking, self.validate, self.board, self.timing
        )

    def _take_in(self) -> None:
        """Wire the doors of deliveries."""
        self.intake: providers.Provider[Intake] = providers.Singleton(
            late("entrypoints.intake.Intake"),
            self.queue,
            self.carrying_out,
            self.start,
            self.clock,
            timing=self.timing,
            source=self.settings.provided.events.source,
            max_receives=self.settings.provided.run.max_receives,
            log_fields=self.settings.provided.logs.fields,
            plan_ahead=self.plan_ahead,
        )
        self.worker: providers.Provider[Worker] = providers.Factory(
            late("entrypoints.worker.Worker"),
            self.queue,
            self.intake,
            self.sweep,
            self.relay,
            visibility=self.visibility,
            threads=self.settings.provided.run.workers,
            visibility_s=self.settings.provided.run.visibility_s,
            sweep_every_s=self.settings.provided.run.sweep_every_s,
            look_every_s=self.settings.provided.look_every_s,
            sweeper=providers.Callable("sweeper:{}".format, self.ids.provided.fresh.call()),
            place=self.placing,
        )
