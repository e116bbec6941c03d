"""The state machine as Terraform renders it, and what surrounds it: findings 11, 17, 22 and 29."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.domain import errors, execution
from tests.architecture.sources import ROOT
from tests.emulators.server import need
from tests.infra.planned import Plan, Values
from tests.infra.test_findings import the_one
from tests.infra.test_roles import PLACE

CFN_LINT = ROOT / ".venv" / "bin" / "cfn-lint"
MACHINE = f"arn:aws:states:{PLACE}:stateMachine:actonce-execution"
OF_STEP_FUNCTIONS = ("Lambda.", "Sandbox.", "States.")
LINT_LIMIT_S = 100

State = Mapping[str, Any]


@pytest.fixture(scope="session")
def machine(steps: Plan) -> Values:
    return the_one(steps.of_type("aws_sfn_state_machine"))


@pytest.fixture(scope="session")
def states(machine: Values) -> dict[str, State]:
    found: dict[str, State] = json.loads(machine["definition"])["States"]
    return found


def tasks(states: Mapping[str, State]) -> dict[str, State]:
    return {name: it for name, it in states.items() if it["Type"] == "Task"}


def test_direct_mode_has_no_state_machine_and_the_other_no_consumer(plan: Plan, steps: Plan) -> None:
    assert plan.of_type("aws_sfn_state_machine") == {}
    assert {it for it in plan.functions() if it in {"starter", "ended"} or it.startswith("step-")} == set()
    assert "consumer" not in steps.functions()
    assert "starter" in steps.functions()


def test_the_work_queue_feeds_one_function_in_either_mode(either: Plan) -> None:
    feeding = either.references("aws_lambda_event_source_mapping.work", "function_name")

    assert {"module.consumer", "module.starter"} <= {it.removesuffix("[*].arn").split("[")[0] for it in feeding}
    assert len([it for it in either.functions() if it in {"consumer", "starter"}]) == 1


def test_no_token_of_the_definition_is_left(machine: Values) -> None:
    assert "${" not in machine["definition"]
    assert machine["type"] == "STANDARD"


def test_every_task_calls_the_function_of_its_own_step_and_every_step_has_a_task(
    steps: Plan, states: dict[str, State]
) -> None:
    called = sorted(it["Parameters"]["FunctionName"] for it in tasks(states).values())
    named = {f"arn:aws:lambda:{PLACE}:function:{it['function_name']}" for it in steps.functions().values()}

    assert called == sorted(arn for arn in named if ":actonce-step-" in arn)
    assert len(called) == 7


def test_finding_11_a_task_gives_up_later_than_its_function(steps: Plan, states: dict[str, State]) -> None:
    timeouts_s = {it["function_name"]: it["timeout"] for it in steps.functions().values()}

    for name, task in tasks(states).items():
        function = task["Parameters"]["FunctionName"].rpartition(":")[2]
        # What Lambda itself ends is told by name; the machine's own timeout only says that nobody answered.
        assert task["TimeoutSeconds"] > timeouts_s[function], name


def test_finding_11_whatever_a_task_raises_leads_somewhere(states: dict[str, State]) -> None:
    for name, task in tasks(states).items():
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name
        assert all(it["ResultPath"] == "$.error" for it in task["Catch"]), name


def test_finding_11_every_state_is_reached_and_leads_to_one_that_is_there(
    machine: Values, states: dict[str, State]
) -> None:
    first = json.loads(machine["definition"])["StartAt"]
    reached, waiting = set[str](), [first]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += following(states[name])

    assert reached == set(states)


def following(state: State) -> Iterator[str]:
    for it in (state, *state.get("Catch", ()), *state.get("Choices", ())):
        if "Next" in it:
            yield it["Next"]


def test_finding_29_every_error_that_is_matched_is_a_class_that_is_raised(states: dict[str, State]) -> None:
    ours = {
        name
        for task in tasks(states).values()
        for rule in (*task["Retry"], *task["Catch"])
        for name in rule["ErrorEquals"]
        if not name.startswith(OF_STEP_FUNCTIONS)
    }

    raised = {
        name
        for module in (errors, execution)
        for name, it in vars(module).items()
        if isinstance(it, type) and issubclass(it, Exception)
    }

    assert ours
    assert ours <= raised


def test_finding_11_failures_are_logged_and_no_data_with_them(machine: Values) -> None:
    (logging,) = machine["logging_configuration"]

    assert (logging["level"], logging["include_execution_data"]) == ("ERROR", False)


def test_finding_17_an_execution_that_did_not_end_by_itself_comes_to_a_queue(steps: Plan) -> None:
    rule = steps.of_type("aws_cloudwatch_event_rule")["aws_cloudwatch_event_rule.ended[0]"]
    target = steps.references("aws_cloudwatch_event_target.ended", "arn")

    assert rule["event_bus_name"] == "default"
    assert json.loads(rule["event_pattern"]) == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [MACHINE], "status": ["ABORTED", "FAILED", "TIMED_OUT"]},
    }
    assert "aws_sqs_queue.ended[0].arn" in target


def test_finding_17_what_cannot_be_settled_is_buried_after_as_many_tries_as_anything(steps: Plan) -> None:
    queues = steps.of_type("aws_sqs_queue")
    buried = steps.references("aws_sqs_queue.ended", "redrive_policy")
    allowed = json.loads(queues['aws_sqs_queue.failed["dead_letters"]']["redrive_allow_policy"])

    assert 'aws_sqs_queue.failed["dead_letters"].arn' in buried
    assert "var.max_receive_count" in buried
    assert allowed["sourceQueueArns"] == [f"arn:aws:sqs:{PLACE}:actonce-{it}" for it in ("ended", "work")]


def test_functions_and_operators_are_told_of_the_machine_in_this_mode_only(plan: Plan, steps: Plan) -> None:
    told = [it["environment"][0].get("variables") for it in steps.functions().values()]

    # What else a function is told is known only when it is there, so the plan shows nothing of it.
    assert all(it is None or it["ACTONCE_AWS_STATE_MACHINE_ARN"] == MACHINE for it in told)
    assert plan.document["planned_values"]["outputs"]["state_machine_arn"].get("value") is None


def test_cloudformations_linter_finds_nothing_in_the_definition(machine: Values, tmp_path: Path) -> None:
    need(None if CFN_LINT.exists() else "cfn-lint is missing. Run: make venv")
    template = tmp_path / "template.json"
    properties = {
        "StateMachineType": machine["type"],
        "RoleArn": "arn:aws:iam::000000000000:role/some-role",
        "Definition": json.loads(machine["definition"]),
    }
    resources = {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}
    template.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}))

    done = subprocess.run(
        [CFN_LINT, "--format", "json", "--region", "eu-west-1", "--template", template],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=LINT_LIMIT_S,
    )

    assert json.loads(done.stdout) == [], done.stdout
    assert done.returncode == 0, done.stderr
