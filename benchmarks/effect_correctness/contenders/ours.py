"""actonce in its embedded mode: what ``actonce run`` runs, on a database of its own for each trial."""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from dependency_injector import providers

from adapters.sqlite.executions import SqliteExecutions
from benchmarks.effect_correctness.contenders.ours_tools import CONFIG, ENTRIES, action_type
from benchmarks.effect_correctness.faults import SECOND, Cell, Life, Place
from benchmarks.effect_correctness.judge import Status
from benchmarks.effect_correctness.trial import Marks, Trial
from core.domain.answer import Answer, Applied, Finding, NotSent
from core.domain.errors import StoreUnavailableError
from core.domain.execution import Change, Execution, Refusal
from core.domain.intent import ExecutionPolicy, Intent
from core.domain.keys import IntentKey
from core.domain.request import Request
from core.domain.signal import SignalType
from core.domain.switches import Switch
from entrypoints.container import building
from entrypoints.container.connecting import connector_table
from entrypoints.container.embedded import EmbeddedContainer
from entrypoints.draining import Tally, drain
from entrypoints.settings.loading import Overrides, load
from ports.connector import Connector, Connectors, Gate
from ports.executions import Executions
from ports.wire.messages import approved_event

TENANT, ACCOUNT = "tenant", "account"
TOLD = {
    SignalType.ACTION_EXECUTED.value: Status.SUCCEEDED,
    SignalType.ACTION_FAILED.value: Status.FAILED,
    SignalType.ACTION_IN_DOUBT.value: Status.IN_DOUBT,
}


class Row(TypedDict):
    """What is read of a signal."""

    type: str
    data: dict[str, object]
    revision: int


class MarkedExecutions:
    """Executions that a throttled store refuses, with a place behind the commit that settles."""

    def __init__(self, executions: Executions, marks: Marks) -> None:
        self._executions = executions
        self._marks = marks

    def load(self, key: IntentKey) -> Execution | None:
        self._check()
        return self._executions.load(key)

    def commit(self, change: Change) -> None:
        self._check()
        self._executions.commit(change)
        if change.signals:
            self._marks.at(Place.AFTER_RECORD)

    def refuse(self, refusal: Refusal) -> bool:
        return self._executions.refuse(refusal)

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        return self._executions.due(now_ms, limit)

    def _check(self) -> None:
        if self._marks.is_refused():
            raise StoreUnavailableError("The store is throttled.")


class MarkedGate:
    """The gate; a place just before it is asked, after which the first byte leaves."""

    def __init__(self, gate: Gate, marks: Marks) -> None:
        self._gate = gate
        self._marks = marks

    def closed(self) -> NotSent | None:
        self._marks.at(Place.BEFORE_CALL)
        return self._gate.closed()


class MarkedConnector:
    """A connector; a place where it has said that the tool wrote."""

    def __init__(self, connector: Connector, marks: Marks) -> None:
        self._connector = connector
        self._marks = marks

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        answer = self._connector.call(request, MarkedGate(gate, self._marks), before)
        if isinstance(answer, Applied):
            self._marks.at(Place.AFTER_EFFECT)
        return answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        return self._connector.look_up(request, before)

    def before_image(self, request: Request) -> str | None:
        return self._connector.before_image(request)


class MarkedConnectors:
    """Every connector of the installation, with its places."""

    def __init__(self, connectors: Connectors, marks: Marks) -> None:
        self._connectors = connectors
        self._marks = marks

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        connector = self._connectors.offering(tool, tenant_id)
        return None if connector is None else MarkedConnector(connector, self._marks)


class Ours:
    """Each trial is an installation; each life is a run of its worker."""

    name = "actonce"

    def __init__(self, port: int, folder: Path) -> None:
        """Make an installation whose database every trial starts from a copy of."""
        config = folder / "actonce.toml"
        config.write_text(CONFIG.format(port=port), encoding="utf-8")
        self._settings = load(Overrides(config=config), environment={})
        container = building.build_embedded(self._settings)
        for entry in ENTRIES:
            container.registry().apply(entry)
        building.close(container)
        self._template = self._settings.paths.database

    def not_offered(self, cell: Cell) -> str | None:  # noqa: ARG002 - every cell can be asked
        return None

    def lay_out(self, folder: Path, trial: Trial) -> None:  # noqa: ARG002 - all trials begin alike
        shutil.copyfile(self._template, folder / "actonce.db")

    def close(self) -> None:
        """Nothing: a life closes what it opened."""

    def live(self, folder: Path, trial: Trial, life: Life, marks: Marks) -> Status:
        container = self._container(folder, marks)
        marks.stop = lambda: self._stop(container)
        if life.is_delivery:
            container.queue().send([approved_event(_intent(trial, life), embed=True)])
        worker, tally = container.worker(), Tally(keep=True)
        worker.start(tally)
        drain(container, worker, tally, max_wait_s=self._settings.run.max_wait_s, tick=lambda: None)
        worker.stop(self._settings.run.stop_s)
        said = _told(folder / "signals.jsonl", container, trial, is_second=life.text == SECOND)
        building.close(container)
        return said

    def _container(self, folder: Path, marks: Marks) -> EmbeddedContainer:
        settings = self._settings
        paths = settings.paths.model_copy(
            update={"database": folder / "actonce.db", "signals": folder / "signals.jsonl"}
        )
        container = building.build_embedded(replace(settings, paths=paths))
        timing = settings.timing
        connectors = connector_table(
            settings.connectors, container.internal_objects(), container.clock(), timing.call_slack_ms, None
        )
        container.connectors.override(providers.Object(MarkedConnectors(connectors, marks)))
        executions = SqliteExecutions(container.database())
        container.executions.override(providers.Object(MarkedExecutions(executions, marks)))
        return container

    def _stop(self, container: EmbeddedContainer) -> None:
        """Throw the tenant's switch as an operator does, and come back when it must hold."""
        now_ms = container.clock().now_ms()
        container.kill_switches().close(Switch(tenant_id=TENANT), operator="ada", reason="stop", at_ms=now_ms)
        time.sleep(self._settings.timing.switch_age_ms / 1_000)


def contender(arm: str | None, port: int, folder: Path) -> Ours:
    """Return the one arm."""
    if arm is not None:
        raise LookupError(f"actonce has no arm {arm}")
    return Ours(port, folder)


def _intent(trial: Trial, life: Life) -> Intent:
    return Intent(
        key=IntentKey(TENANT, ACCOUNT, trial.name),
        action_type=action_type(trial.cell.contract),
        parameters={"text": life.text},
        registry_version=1,
        approved_by="grace@example.com",
        approval_timestamp="2026-01-01T10:00:00Z",
        expires_at="2033-05-18T03:33:20Z",
        expires_at_epoch=2_000_000_000,
        original_decision_id=f"decision-{trial.name}",
        trace_id=f"trace-{trial.name}",
        policy=ExecutionPolicy(retry_count=10, timeout_seconds=60),
    )


def _told(signals: Path, container: EmbeddedContainer, trial: Trial, *, is_second: bool) -> Status:
    """Return what left as signals; nothing where the stored outcome says otherwise."""
    rows = [_row(json.loads(line)) for line in signals.read_text(encoding="utf-8").splitlines()]
    refusals = [row for row in rows if row["type"] == SignalType.ACTION_REFUSED]
    if is_second:
        conflicts = [row for row in refusals if row["data"]["error_code"] == "PAYLOAD_CONFLICT"]
        return Status.REFUSED if conflicts else Status.NOTHING
    outcomes = [row for row in rows if row not in refusals]
    execution = container.executions().load(IntentKey(TENANT, ACCOUNT, trial.name))
    if not outcomes or execution is None or execution.outcome is None:
        return Status.NOTHING
    last = max(outcomes, key=lambda row: row["revision"])
    is_stored = last["data"]["status"] == execution.outcome.status.value
    return TOLD[last["type"]] if is_stored else Status.NOTHING


def _row(event: Mapping[str, Any]) -> Row:
    detail = event["detail"]
    return {"type": event["detail-type"], "data": detail["data"], "revision": detail["metadata"]["revision"]}
