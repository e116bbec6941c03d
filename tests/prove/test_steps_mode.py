"""A sample of the matrix in the Step Functions mode, on an emulator."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.effect_correctness.audit import audited
from benchmarks.effect_correctness.goal import goal
from benchmarks.effect_correctness.lead import led
from benchmarks.effect_correctness.matrix import Arm, Plan
from benchmarks.effect_correctness.servers import oracle
from tests.emulators import ministack
from tests.emulators.server import need
from tests.prove.short_steps import SAMPLE

STEPS = Arm("tests.prove.short_steps", Path(sys.executable), 1, is_held=True)


@pytest.mark.service
@pytest.mark.timeout(300)
def test_functions_that_die_under_the_state_machine_write_once_and_tell_the_truth(tmp_path: Path) -> None:
    need(ministack.missing())
    ledger = tmp_path / "ledger.jsonl"
    with oracle(ledger) as port:
        plan = Plan((STEPS,), width=8, abreast=1, seed=1)
        results = led(STEPS, tmp_path / "steps", port, plan, lambda done, total: None, [])

    assert results.missed == []
    assert results.unmet == []
    assert results.counts == {cell: Counter({goal(cell): 1}) for cell in SAMPLE}
    assert audited(ledger, [results]) == []
