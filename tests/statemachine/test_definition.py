"""What the definition of the state machine says, read as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.domain import errors, execution
from core.domain.answer import Unknown
from core.domain.contract import EffectContract, Terms
from core.domain.errors import ExecutionError, InvalidEventError, StoreUnavailableError
from tests.statemachine.bench import Bench
from tests.statemachine.interpreter import ALL, DEFINITION, Edge, Function, State, token_of
from tests.statemachine.orchestrator import FUNCTIONS, functions_of
from tests.statemachine.recipes import (
    CHECK,
    INVOKE,
    MAP,
    REACHING,
    RECIPES,
    SETTLE,
    THROTTLED,
    TOKENS,
    UNDO,
    WHAT,
    in_the_way,
    is_of_aws,
    recipes_of,
    says,
)
from tests.statemachine.test_state_contract import EDGES

TEXT = DEFINITION.read_text(encoding="utf-8")
ASL: State = json.loads(TEXT)
TASKS: dict[str, State] = {name: it for name, it in ASL["States"].items() if it["Type"] == "Task"}
OURS = {
    name
    for module in (errors, execution)
    for name, it in vars(module).items()
    if isinstance(it, type) and issubclass(it, ExecutionError)
}
MAY_BE_APPLIED = {"States.Timeout", "Lambda.Unknown", "Sandbox.Timedout"}
STANDING_IN = {Edge(CHECK, CHECK, "StaleError"), Edge(MAP, MAP, "StaleError")}
"""These functions write nothing, so nobody is faster than they are."""


def rules(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, task in TASKS.items():
        for rule in task.get(kind, []):
            yield name, rule


def names(kind: str) -> Iterator[tuple[str, str]]:
    for state, rule in rules(kind):
        for name in rule["ErrorEquals"]:
            yield state, name


def test_every_token_names_a_function_and_every_function_stands_in_one_state() -> None:
    tokens = re.findall(r"\$\{([^}]*)\}", TEXT)
    assert sorted(tokens) == sorted(f"{name}_arn" for name in FUNCTIONS)
    assert {name: token_of(task) for name, task in TASKS.items()} == TOKENS


@pytest.mark.parametrize(("state", "name"), sorted({*names("Retry"), *names("Catch")}))
def test_finding_29_every_error_that_is_matched_is_named_by_aws_or_is_a_class_of_ours(state: str, name: str) -> None:
    assert name.startswith(("States.", "Lambda.", "Sandbox.")) or name in OURS


def test_finding_29_every_class_of_ours_that_is_matched_is_raised_by_a_function() -> None:
    retried = {name for _, rule in rules("Retry") for name in rule["ErrorEquals"] if rule["MaxAttempts"] > 0}
    matched = {name for name in (*retried, *(name for _, name in names("Catch"))) if name in OURS}
    assert {edge.by for edge in RECIPES if edge.by in OURS and edge not in STANDING_IN} == matched


@pytest.mark.parametrize("state", sorted(set(TASKS) - {"InvokeTool", "CompensateAction"}))
def test_finding_29_a_refusal_is_never_retried_and_whatever_else_ends_a_step_is(state: str) -> None:
    """AWS has several names for a process that was killed; and a refusal stays one, however often it is asked."""
    *_, refusals, others = TASKS[state]["Retry"]
    assert refusals["MaxAttempts"] == 0
    assert set(refusals["ErrorEquals"]) >= {"InvalidEventError"}
    assert set(refusals["ErrorEquals"]) <= OURS
    assert others["ErrorEquals"] == ["States.TaskFailed"]
    caught = {name for rule in TASKS[state]["Catch"] for name in rule["ErrorEquals"]} & OURS
    assert caught <= set(refusals["ErrorEquals"])


def test_finding_29_an_error_is_matched_by_its_class_and_not_by_what_its_message_says() -> None:
    bench = Bench()
    in_the_way(CHECK, StoreUnavailableError("KillSwitchEnabledError: KILL_SWITCH_ENABLED"))(bench)
    run = bench.play()
    assert Edge(CHECK, CHECK, "StoreUnavailableError") in run.edges
    assert run.output["status"] == "SUCCEEDED"


def test_finding_29_a_failure_after_a_write_is_doubt_and_nothing_is_sent_again() -> None:
    bench = Bench()
    bench.entry = replace(bench.entry, terms=Terms(EffectContract.OPAQUE))
    says(Unknown("HTTP 503"))(bench)
    run = bench.play()
    assert (run.output["status"], run.output["error_code"]) == ("IN_DOUBT", "DOWNSTREAM_ERROR")
    assert [name for name, _ in run.visited].count(INVOKE) == 1


def test_every_task_and_the_machine_end_in_time() -> None:
    assert [name for name, task in TASKS.items() if task.get("TimeoutSeconds", 0) <= 0] == []
    assert ASL["TimeoutSeconds"] > max(task["TimeoutSeconds"] for task in TASKS.values())


@pytest.mark.parametrize("state", [INVOKE, UNDO])
def test_what_may_have_been_applied_is_never_simply_called_again(state: str) -> None:
    assert [name for name, rule in rules("Retry") if name == state for _ in rule["ErrorEquals"]] == [state]
    assert [rule["ErrorEquals"] for name, rule in rules("Retry") if name == state] == [[THROTTLED]]
    targets = {name: rule["Next"] for of, rule in rules("Catch") if of == state for name in rule["ErrorEquals"]}
    assert set(targets.values()) == {SETTLE}
    assert targets.keys() >= MAY_BE_APPLIED | {"StoreUnavailableError", ALL}


@pytest.mark.parametrize("state", sorted(TASKS.keys() - {INVOKE, UNDO}))
def test_what_calls_nothing_is_called_again_whatever_aws_says_of_it(state: str) -> None:
    retried = {name for of, name in names("Retry") if of == state}
    assert {name for name in retried if is_of_aws(name)} == {
        name for _, name in (*names("Retry"), *names("Catch")) if is_of_aws(name)
    }


@pytest.mark.parametrize("state", sorted(TASKS))
def test_finding_11_every_error_is_caught_and_the_state_is_kept_beside_it(state: str) -> None:
    caught = [rule for name, rule in rules("Catch") if name == state]
    assert caught[-1]["ErrorEquals"] == [ALL]
    assert {rule["ResultPath"] for rule in caught} == {"$.error"}
    assert [rule for rule in caught[:-1] if ALL in rule["ErrorEquals"]] == []


def test_nothing_that_was_caught_ends_as_if_it_had_succeeded() -> None:
    types = {name: it["Type"] for name, it in ASL["States"].items()}
    assert "Succeed" not in types.values()
    assert {types[rule["Next"]] for _, rule in rules("Catch")} == {"Task", "Fail"}
    assert [name for name, it in ASL["States"].items() if it.get("End")] == ["RecordOutcome"]


def test_finding_11_only_a_decision_leads_to_compensation() -> None:
    assert [edge for edge in EDGES if edge.target == UNDO and not edge.is_retry] == [
        Edge(WHAT, UNDO, "next COMPENSATE")
    ]


@pytest.mark.parametrize("edge", [edge for edge in EDGES if UNDO in {edge.source, edge.target}], ids=str)
def test_finding_11_compensation_is_entered_only_where_a_write_is_proved(edge: Edge) -> None:
    for recipe in recipes_of(edge).values():
        bench = Bench()
        recipe(bench)
        bench.play()
        assert bench.compensated
        assert [it for it in bench.compensated if it.standing is None] == []


def given_to(state: str) -> tuple[Function, State]:
    """Return a state's function, and what it is given in a real execution."""
    bench = Bench()
    REACHING[state](bench)
    run = bench.play()
    return functions_of(bench.container)[TOKENS[state]], next(it for name, it in run.visited if name == state)


@pytest.mark.parametrize("state", sorted(TOKENS))
def test_a_state_with_a_field_that_nobody_knows_is_refused_by_its_name(state: str) -> None:
    function, given = given_to(state)
    with pytest.raises(InvalidEventError, match="stray"):
        function({**given, "stray": 1})


@pytest.mark.parametrize("version", [0, 2, "1", None])
@pytest.mark.parametrize("state", sorted(TOKENS))
def test_a_state_of_another_version_is_refused_by_name(state: str, version: object) -> None:
    function, given = given_to(state)
    with pytest.raises(InvalidEventError, match="version"):
        function({**given, "version": version})


@pytest.mark.parametrize("state", sorted(TOKENS))
def test_a_state_that_lacks_whose_it_is_is_refused_by_name(state: str) -> None:
    function, given = given_to(state)
    for name in ("name", "tenant_id", "account_id", "action_intent_id"):
        with pytest.raises(InvalidEventError, match=name):
            function({key: value for key, value in given.items() if key != name})
