"""Executions that Step Functions ends, or whose functions are lost for ever: what they leave is told truly."""

from __future__ import annotations

import json

import pytest

from core.domain.errors import StoreUnavailableError
from tests.statemachine.bench import Bench, Moment
from tests.statemachine.interpreter import Edge
from tests.statemachine.recipes import (
    CHECK,
    INVOKE,
    MAP,
    PORTS,
    REACHING,
    RETRIES,
    SETTLE,
    START,
    TELL,
    TEXT,
    TOKENS,
    UNDO,
    OddFault,
    in_the_way,
    is_of_aws,
    lost,
)
from tests.statemachine.test_state_contract import EDGES, check_truth

FOR_EVER = 500
RETRIED = [edge for edge in EDGES if edge.is_retry and is_of_aws(edge.by)]


@pytest.mark.parametrize("edge", RETRIED, ids=str)
def test_finding_11_a_function_that_is_lost_for_ever_leaves_the_truth(edge: Edge) -> None:
    bench = Bench()
    lost(edge.source, edge.by or "", Moment.BEFORE, times=FOR_EVER)(bench)
    run = bench.play()
    assert run.status in {"SUCCEEDED", "FAILED", "TIMED_OUT"}
    bench.sweep()
    check_truth(bench)


@pytest.mark.parametrize("state", [START, CHECK, MAP, SETTLE, TELL])
def test_a_store_that_is_out_of_reach_for_hours_leaves_the_truth(state: str) -> None:
    bench = Bench()
    in_the_way(state, *(StoreUnavailableError("down") for _ in range(FOR_EVER)))(bench)
    run = bench.play()
    assert run.status == "TIMED_OUT"
    bench.sweep()
    check_truth(bench)


@pytest.mark.parametrize(
    ("state", "moment"),
    [
        (state, moment)
        for state in TOKENS
        for moment in Moment
        if moment is not Moment.DURING or state in {INVOKE, UNDO}
    ],
)
def test_finding_11_an_execution_that_is_aborted_in_any_state_leaves_the_truth(state: str, moment: Moment) -> None:
    bench = Bench()
    lost(state, "Lambda.Unknown", moment)(bench)

    def abort() -> None:
        bench.orchestrator.stop(next(iter(bench.orchestrator.launched)), "a test")

    if moment is Moment.DURING:
        written_before = int(state == UNDO)

        def act() -> None:
            if bench.tool.written == written_before:
                abort()

        bench.tool.on_call = act
    else:
        bench.before(TOKENS[state], abort)
    assert bench.play().status == "ABORTED"
    bench.sweep()
    check_truth(bench)


@pytest.mark.parametrize("state", PORTS)
def test_finding_27_what_an_unforeseen_fault_says_is_told_to_nobody(state: str) -> None:
    bench = Bench()
    REACHING[state](bench)
    in_the_way(state, *(OddFault() for _ in range(RETRIES)))(bench)
    run = bench.play()
    told = json.dumps([run.carried, run.output], ensure_ascii=False)
    assert "UNKNOWN_ERROR: OddFault in " in json.dumps(run.carried)
    assert TEXT[0] not in told
    execution = bench.stored
    assert execution is None or TEXT[0] not in str(execution)
