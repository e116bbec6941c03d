"""What passes along every edge of the state machine is what the next handler takes, and every way ends in truth."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain

import pytest

from core.domain.intent import Intent, Target
from core.domain.keys import IntentKey
from core.domain.outcome import OutcomeStatus
from core.domain.signal import SignalType
from ports.wire.intent import parse_intent
from tests.statemachine.bench import Bench
from tests.statemachine.interpreter import DEFINITION, Edge, Run, edges_of
from tests.statemachine.recipes import RECIPES, Recipe, recipes_of
from tests.unit.making import an_intent

MAX_STATE_BYTES = 32 * 1024
ASL = json.loads(DEFINITION.read_text(encoding="utf-8"))
EDGES = edges_of(ASL["States"])
ID = "i" * 128
WAYS = [
    pytest.param(edge, recipe, id=f"{edge}{' ' if name else ''}{name}")
    for edge in EDGES
    for name, recipe in recipes_of(edge).items()
]


def the_largest() -> Intent:
    """Return the largest intent that maps, with every optional field."""
    text = "\N{GRINNING FACE}" * 255
    return replace(
        an_intent(),
        key=IntentKey(ID, ID, ID),
        parameters={"title": "x" * 190_000},
        target=Target(text, text),
        approved_by=text,
        original_decision_id=ID,
        trace_id=ID,
        parameters_schema_version=text,
        supersedes_action_intent_id=ID,
        confidence_score=0.123456789,
        risk_level=text,
    )


def check_passed(bench: Bench, run: Run, edge: Edge) -> None:
    assert edge in run.edges
    assert edge.target in [name for name, _ in run.visited]
    assert run.status in {"SUCCEEDED", "FAILED"}
    assert [it for it in bench.compensated if it.standing is None] == []
    refused = [it["error"] for it in run.carried if it.get("error", {}).get("Error") == "InvalidEventError"]
    assert refused == []
    # Only what could not be recorded fails, and the rule for ended executions takes it up.
    assert (run.status == "FAILED") == (edge.target == "NotRecorded")


def check_end(bench: Bench, run: Run) -> None:
    """What is told is what is recorded, and what is left open is come by to."""
    execution = bench.stored
    if execution is None:
        assert [it.type for it in bench.store.outbox.values()] == [SignalType.ACTION_REFUSED]
        assert run.output["status"] == "REFUSED"
        assert bench.tool.written == 0
        return
    if run.status == "SUCCEEDED":
        assert run.output["status"] == execution.attempt.status.value
    assert execution.outcome is not None or execution.attempt.due_at_ms is not None
    bench.sweep()
    check_truth(bench)


def check_truth(bench: Bench) -> None:
    execution = bench.stored
    assert execution is not None
    assert execution.outcome is not None
    assert bench.tool.written <= 1
    there = len(bench.tool.things)
    if execution.outcome.status is not OutcomeStatus.IN_DOUBT:
        assert there == (execution.outcome.status is OutcomeStatus.SUCCEEDED)


@pytest.mark.parametrize("edge", EDGES, ids=str)
def test_every_edge_has_a_recipe(edge: Edge) -> None:
    assert recipes_of(edge)


def test_every_recipe_has_an_edge() -> None:
    assert set(RECIPES) <= set(EDGES)
    assert len(EDGES) == len(set(EDGES))


@pytest.mark.parametrize(("edge", "recipe"), WAYS)
def test_finding_11_every_edge_carries_what_the_next_handler_takes_and_ends_in_truth(
    edge: Edge, recipe: Recipe
) -> None:
    bench = Bench()
    recipe(bench)
    run = bench.play()
    check_passed(bench, run, edge)
    check_end(bench, run)


@pytest.mark.parametrize(("edge", "recipe"), WAYS)
def test_the_state_stays_small_whatever_the_intent_and_the_errors(edge: Edge, recipe: Recipe) -> None:
    bench = Bench(intent=the_largest())
    recipe(bench)
    run = bench.play()
    check_passed(bench, run, edge)
    states = chain(run.carried, (state for _, state in run.visited), [run.output])
    assert max(len(json.dumps(state)) for state in states) <= MAX_STATE_BYTES


def test_the_largest_intent_is_one_that_may_come() -> None:
    assert parse_intent(the_largest().document()) == the_largest()
