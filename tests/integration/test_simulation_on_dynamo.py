"""The simulation's scenarios, sampled, on DynamoDB with faults below the adapters; the invariants are the same."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.simulation.dynamo import played

RUNS = int(os.environ.get("SIMULATION_DYNAMO_RUNS", "48"))
PARTS = 8


@pytest.mark.service
@pytest.mark.parametrize("part", range(PARTS))
def test_scenarios_on_dynamodb_with_faults_below_write_once_and_tell_the_truth(
    part: int, emulator: str, record_property: Callable[[str, object], None]
) -> None:
    verdicts = [played(seed, emulator) for seed in range(part, RUNS, PARTS)]
    violations = [fault for _, fault in verdicts if fault is not None]
    assert not violations, f"{len(violations)} violations, first: {violations[0]}"
    record_property("dynamodb_traces", len({trace for trace, _ in verdicts}))
