"""The demo: what a newcomer sees first must be true, must end well, and must be able to end badly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from examples.demo.actions import Script, write_script
from examples.demo.evidence import Evidence
from examples.demo.stage import Stage, StageError
from examples.demo.verdicts import judge
from tests.architecture.sources import ROOT

pytestmark = pytest.mark.xdist_group("queue")

MOST_S = 120
"""It is a quarter of a minute where nothing else runs; here half of the kills run beside it."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The summary of one run."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "examples.demo", "--json", "--out", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_the_demo_ends_well_and_soon(told: dict[str, Any]) -> None:
    assert told["ok"] is True
    assert [claim for claim, breaches in told["verdicts"].items() if breaches] == []
    assert told["written_twice"] == []
    assert told["seconds"] < MOST_S
    assert "Verified" in told["ledger"]


def test_the_demo_is_as_large_and_as_troubled_as_it_says(told: dict[str, Any]) -> None:
    assert told["actions"] == sum(told["told"].values()) >= 300
    assert len([count for count in told["tenants"].values() if count >= 100]) == 3
    assert told["replies_lost"] >= 30
    assert {"KEY_REPLAY", "READ_BACK", "RESPONSE"} <= told["evidence"].keys()
    assert {
        "INTENT_EXPIRED",
        "KILL_SWITCH_ENABLED",
        "MISSING_REQUIRED_PARAMETER",
        "PARTIAL_WRITE",
        "REJECTED_BY_PROVIDER",
        "TIMEOUT",
        "TOOL_MAPPING_NOT_FOUND",
    } <= told["codes"].keys()
    assert told["dead_letters"].keys() == {"INVALID_EVENT", "PAYLOAD_CONFLICT", "INTENT_NOT_FOUND"}
    assert told["signals"]["ACTION_REFUSED"] == 8


def test_the_call_that_the_kill_cut_off_is_settled_by_what_the_provider_shows(told: dict[str, Any]) -> None:
    outcome, (effect,) = told["killed"]["told"], told["killed"]["effects"]
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", "READ_BACK")
    assert [it["answer"] for it in effect["sends"]] == [None]


def test_every_command_that_it_shows_works_when_pasted(told: dict[str, Any]) -> None:
    parked = list(told["parked"].values())
    assert len(parked) >= 6
    shown = list(told["next"].values())
    for command in [*shown, *(it for it in parked if it not in shown)]:
        done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, command + done.stdout + done.stderr
    again = subprocess.run(parked[0], shell=True, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert again.returncode != 0


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(StageError, match="something else"):
        Stage(tmp_path, is_quiet=True).clear()
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_the_script_is_the_same_every_time() -> None:
    assert write_script() == write_script()


def evidence_of(
    status: str, *, writes: int = 0, signal: str = "ACTION_EXECUTED", title: str | None = None, holds: bool = True
) -> Evidence:
    """One approved action: what was told of it, how often the provider wrote it, and what it wrote."""
    action = next(it for it in write_script().actions if it.intent_id == "task-plain-01")
    tenant, account, intent_id = action.key
    named = {"tenant_id": tenant, "account_id": account, "action_intent_id": intent_id}
    fields = {**action.intent["parameters"], **({"title": title} if title else {})}
    return Evidence(
        script=Script((action,), (), 0, 0, 0, 0),
        told={action.key: {**named, "status": status, "evidence": "RESPONSE"}},
        writes=[{**named, "op": "WRITE", "fields": fields}] * writes,
        calls=[],
        objects=[],
        signals=[{"detail-type": signal, "detail": {"data": named}}],
        signal_lines=1,
        dead_letters=[],
        parked=[],
        timeline={},
        ledger_holds=holds,
        ledger_said="",
    )


@pytest.mark.parametrize(
    ("evidence", "broken"),
    [
        (evidence_of("SUCCEEDED", writes=1), set()),
        (evidence_of("SUCCEEDED", writes=2), {"No action was written twice", "SUCCEEDED: exactly one"}),
        (evidence_of("SUCCEEDED"), {"SUCCEEDED: exactly one"}),
        (evidence_of("SUCCEEDED", writes=1, title="Pay Mallory"), {"What was written is what was approved"}),
        (evidence_of("SUCCEEDED", writes=1, signal="ACTION_FAILED"), {"Every outcome was signalled"}),
        (evidence_of("SUCCEEDED", writes=1, holds=False), {"The ledger's hash chains hold"}),
        (evidence_of("FAILED", signal="ACTION_FAILED"), set()),
        (evidence_of("FAILED", writes=1, signal="ACTION_FAILED"), {"FAILED: nothing is there"}),
        (evidence_of("IN_DOUBT", signal="ACTION_IN_DOUBT"), {"Every approved action ended"}),
        (evidence_of("RUNNING"), {"Every approved action ended", "Every outcome was signalled"}),
    ],
)
def test_an_untruth_breaks_its_verdict_and_no_other(evidence: Evidence, broken: set[str]) -> None:
    breached = [it.claim for it in judge(evidence) if it.breaches]
    assert len(breached) == len(broken)
    assert all(any(claim.startswith(start) for start in broken) for claim in breached)


def test_a_verdict_on_nothing_does_not_hold() -> None:
    assert not any(it.holds for it in judge(evidence_of("SUCCEEDED")) if it.counted == 0)
