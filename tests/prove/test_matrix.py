"""The matrix can fail: it shows what a contender that is wrong on purpose does."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.effect_correctness.audit import audited
from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import Cell, Fault
from benchmarks.effect_correctness.judge import Verdict
from benchmarks.effect_correctness.lead import Broken, Results, led
from benchmarks.effect_correctness.matrix import Arm, Plan
from benchmarks.effect_correctness.servers import oracle

NAIVE = Arm("tests.prove.naive", Path(sys.executable), 2, (Contract.PROVIDER_KEY, Contract.OPAQUE), is_held=True)
FAULTS_THAT_REPEAT_IT = (
    Fault.CRASH_AFTER_EFFECT,
    Fault.REPLY_LOST,
    Fault.REPLY_LATE,
    Fault.ERROR_AFTER,
    Fault.PARALLEL,
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("naive") / "ledger.jsonl"


@pytest.fixture(scope="module")
def results(ledger: Path) -> Results:
    with oracle(ledger) as port:
        plan = Plan((NAIVE,), width=6, abreast=1, seed=1)
        return led(NAIVE, ledger.parent / "naive", port, plan, lambda done, total: None, [])


@pytest.mark.parametrize("fault", FAULTS_THAT_REPEAT_IT)
@pytest.mark.parametrize("contract", NAIVE.contracts)
def test_call_then_record_is_shown_to_write_twice(results: Results, fault: Fault, contract: Contract) -> None:
    assert results.counts[Cell(fault, contract)] == Counter({Verdict.DUPLICATED: 2})


def test_call_then_record_is_shown_to_take_another_body_for_its_own(results: Results) -> None:
    assert results.counts[Cell(Fault.SWAP, Contract.OPAQUE)] == Counter({Verdict.FALSE_SUCCESS: 2})


def test_where_nothing_goes_wrong_at_the_wrong_moment_it_is_exact(results: Results) -> None:
    for fault in (Fault.CRASH_BEFORE_CALL, Fault.CRASH_AFTER_RECORD, Fault.DUPLICATE):
        assert results.counts[Cell(fault, Contract.OPAQUE)] == Counter({Verdict.EXACT: 2})


def test_every_trial_off_its_goal_is_named(results: Results) -> None:
    off = sum(counts[Verdict.DUPLICATED] + counts[Verdict.FALSE_SUCCESS] for counts in results.counts.values())

    # Where the goal is to surface doubt, exact is off it too.
    assert len(results.missed) == off + results.counts[Cell(Fault.CRASH_BEFORE_CALL, Contract.OPAQUE)][Verdict.EXACT]


def test_a_trial_that_its_fault_did_not_befall_is_named(results: Results) -> None:
    # It asks no store that could be throttled.
    assert len(results.unmet) == 4
    assert all(Fault.THROTTLED.value in it for it in results.unmet)


def test_what_a_cell_is_not_asked_for_is_said(results: Results) -> None:
    asked_for = {cell.fault for cell in results.not_offered if cell.contract in NAIVE.contracts}

    assert asked_for == {Fault.STOP}


def test_the_ledger_agrees_and_a_late_write_is_seen(results: Results, ledger: Path, tmp_path: Path) -> None:
    assert audited(ledger, [results]) == []

    later = tmp_path / "later.jsonl"
    trial = next(iter(results.writes))
    late = json.dumps({"trial": trial})
    later.write_text(ledger.read_text(encoding="utf-8") + late + "\n", encoding="utf-8")
    assert len(audited(later, [results])) == 1

    strange = tmp_path / "strange.jsonl"
    strange.write_text(ledger.read_text(encoding="utf-8") + '{"trial": "nobody"}\n', encoding="utf-8")
    assert audited(strange, [results]) == ["nobody: 1 written, and no trial has this name"]


def test_an_arm_that_cannot_start_is_broken_and_not_counted(tmp_path: Path) -> None:
    arm = Arm("no_such_contender", Path(sys.executable), 1)

    with pytest.raises(Broken, match="no_such_contender"):
        led(arm, tmp_path / "arm", 1, Plan((arm,), width=1, abreast=1, seed=1), lambda done, total: None, [])
