"""The intent of a trial, and what actonce told of it: its signals, where the stored outcome agrees."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from benchmarks.effect_correctness.contenders.ours_tools import action_type
from benchmarks.effect_correctness.faults import SECOND, Life
from benchmarks.effect_correctness.judge import Status
from benchmarks.effect_correctness.trial import Trial
from core.domain.intent import ExecutionPolicy, Intent
from core.domain.keys import IntentKey
from core.domain.signal import SignalType
from core.domain.switches import Switch
from entrypoints.container.wiring import Container

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


def key_of(trial: Trial) -> IntentKey:
    """Return the key of a trial's intent; each trial is a tenant, so that a switch stops no other."""
    return IntentKey(trial.name, "account", trial.name)


def stop(container: Container, trial: Trial) -> None:
    """Throw the tenant's switch, as an operator does."""
    now_ms = container.clock().now_ms()
    container.kill_switches().close(Switch(tenant_id=trial.name), operator="ada", reason="stop", at_ms=now_ms)


def intent_of(trial: Trial, life: Life) -> Intent:
    """Return the intent of a life's delivery."""
    return Intent(
        key=key_of(trial),
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


def told_of(signals: Path, container: Container, trial: Trial, life: Life) -> Status:
    """Return what left as signals; nothing where the stored outcome says otherwise."""
    text = signals.read_text(encoding="utf-8") if signals.exists() else ""
    rows = [_row(json.loads(line)) for line in text.splitlines()]
    refusals = [row for row in rows if row["type"] == SignalType.ACTION_REFUSED]
    if life.text == SECOND:
        conflicts = [row for row in refusals if row["data"]["error_code"] == "PAYLOAD_CONFLICT"]
        return Status.REFUSED if conflicts else Status.NOTHING
    outcomes = [row for row in rows if row not in refusals]
    execution = container.executions().load(key_of(trial))
    if not outcomes or execution is None or execution.outcome is None:
        return Status.NOTHING
    last = max(outcomes, key=lambda row: row["revision"])
    is_stored = last["data"]["status"] == execution.outcome.status.value
    return TOLD[last["type"]] if is_stored else Status.NOTHING


def _row(event: Mapping[str, Any]) -> Row:
    detail = event["detail"]
    return {"type": event["detail-type"], "data": detail["data"], "revision": detail["metadata"]["revision"]}
