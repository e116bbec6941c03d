"""Finding 23 in step_functions mode: each step may do what it does, the machine takes steps, the starter starts."""

from __future__ import annotations

import pytest

from adapters.aws.tables import ATTEMPTS, EFFECTS, INTENTS, LEDGER, OBJECTS, OUTBOX, OUTCOMES, REGISTRY, TENANTS
from tests.infra.planned import Plan, granted, statements
from tests.infra.test_roles import (
    ANSWERING,
    ARTIFACTS,
    CARRYING_OUT,
    MACHINE_POLICY,
    PLACE,
    ROLES,
    TOKENS,
    own_log,
    queues,
    tables,
)

RIGHTS = dict[str, frozenset[str]]
MACHINE = frozenset({f"arn:aws:states:{PLACE}:stateMachine:actonce-execution"})
EXECUTIONS = frozenset({f"arn:aws:states:{PLACE}:execution:actonce-execution:*"})
STEPS = ("start", "validate", "map-tool", "invoke", "reconcile", "compensate", "record")
DELIVERING = frozenset(
    {
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    }
)
TAKING = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")

EXECUTION = tables(ATTEMPTS, OUTCOMES, EFFECTS)
SIDE_CHAIN = {"dynamodb:Query": tables(LEDGER)}
CALLING = {action: arns for action, arns in CARRYING_OUT.items() if action != "sqs:SendMessage"}

STEP_ROLES: dict[str, RIGHTS] = {
    # A claim, or the refusal of another body under a known id.
    "start": SIDE_CHAIN
    | {
        "dynamodb:GetItem": EXECUTION | tables(INTENTS),
        "dynamodb:PutItem": tables(ATTEMPTS, LEDGER, OUTBOX),
    },
    # What stands is judged by the steps before and after.
    "validate": {
        "dynamodb:GetItem": tables(INTENTS, REGISTRY),
        "dynamodb:BatchGetItem": tables(TENANTS),
    },
    "map-tool": {"dynamodb:GetItem": tables(INTENTS, REGISTRY)},
    "invoke": CALLING,
    "reconcile": {
        "dynamodb:GetItem": EXECUTION | tables(OBJECTS),
        "dynamodb:PutItem": EXECUTION | tables(LEDGER, OUTBOX),
        "secretsmanager:GetSecretValue": TOKENS,
    },
    "compensate": CALLING,
    # What has an effect is not recorded here, so no effect is written.
    "record": SIDE_CHAIN
    | {
        "dynamodb:GetItem": EXECUTION | tables(INTENTS),
        "dynamodb:PutItem": tables(ATTEMPTS, OUTCOMES, LEDGER, OUTBOX),
    },
}
OTHER_ROLES: dict[str, RIGHTS] = {
    # What was cancelled is stopped; nothing is started.
    "api": ANSWERING | {"states:StopExecution": EXECUTIONS},
    "starter": SIDE_CHAIN
    | dict.fromkeys(TAKING, queues("work"))
    | {
        "dynamodb:GetItem": EXECUTION | tables(INTENTS),
        "dynamodb:PutItem": tables(INTENTS, LEDGER, OUTBOX),
        "sqs:SendMessage": queues("work", "dead-letters"),
        "states:StartExecution": MACHINE,
        "states:DescribeExecution": EXECUTIONS,
    },
    "ended": SIDE_CHAIN
    | dict.fromkeys(TAKING, queues("ended"))
    | {
        "dynamodb:GetItem": EXECUTION | tables(INTENTS, OBJECTS),
        "dynamodb:PutItem": EXECUTION | tables(LEDGER, OUTBOX),
        "secretsmanager:GetSecretValue": TOKENS,
        "sqs:SendMessage": queues("dead-letters"),
        "states:DescribeExecution": EXECUTIONS,
    },
}
KNOWN = {f"step-{name}": rights for name, rights in STEP_ROLES.items()} | OTHER_ROLES


@pytest.mark.parametrize("function", KNOWN)
def test_finding_23_a_role_may_do_what_its_function_does_and_nothing_else(steps: Plan, function: str) -> None:
    wanted = KNOWN[function] | own_log(function)

    assert steps.grants(function) == {action: wanted[action] for action in sorted(wanted)}


@pytest.mark.parametrize("function", ["relay", "sealer", "sweeper"])
def test_finding_23_relay_sealer_and_sweeper_may_do_the_same_in_either_mode(steps: Plan, function: str) -> None:
    assert steps.grants(function) == {action: ROLES[function][action] for action in sorted(ROLES[function])}


def test_finding_23_there_is_no_function_whose_role_no_test_knows(steps: Plan) -> None:
    assert steps.functions().keys() == KNOWN.keys() | {"relay", "sealer", "sweeper"}
    assert STEP_ROLES.keys() == set(STEPS)


def test_finding_23_only_a_step_that_calls_or_looks_knows_a_token(steps: Plan) -> None:
    secrets = {name: steps.grants(name).get("secretsmanager:GetSecretValue") for name in steps.functions()}
    knowing = {name for name, arns in secrets.items() if arns == TOKENS}

    assert {name for name, arns in secrets.items() if arns is not None} == knowing | {"api"}
    assert knowing == {"step-invoke", "step-reconcile", "step-compensate", "ended", "sweeper"}


def test_finding_23_only_a_step_that_calls_writes_objects_or_artifacts(steps: Plan) -> None:
    writing = {
        name
        for name in steps.functions()
        if steps.grants(name).get("dynamodb:PutItem", frozenset()) & tables(OBJECTS)
        or steps.grants(name).get("s3:PutObject") == ARTIFACTS
    }

    assert writing == {"step-invoke", "step-compensate", "sweeper"}


def test_finding_23_the_machine_takes_these_steps_delivers_its_log_and_no_more(steps: Plan) -> None:
    functions = frozenset(f"arn:aws:lambda:{PLACE}:function:actonce-step-{it}" for it in STEPS)

    assert granted(steps.policies()[MACHINE_POLICY]) == {"lambda:InvokeFunction": functions} | dict.fromkeys(
        DELIVERING, frozenset({"*"})
    )


def test_finding_22_nobody_but_the_starter_starts_an_execution(steps: Plan) -> None:
    starting = {name for name in steps.functions() if "states:StartExecution" in steps.grants(name)}
    targets = steps.of_type("aws_cloudwatch_event_target").values()

    # A rule could start one too, but it cannot give it a name.
    assert starting == {"starter"}
    assert not any("states" in (it.get("arn") or "") for it in targets)
    assert "states:StartExecution" not in operator(steps)


def test_finding_23_an_operator_stops_executions_of_this_machine_in_this_mode_only(plan: Plan, steps: Plan) -> None:
    stopping = {action: arns for action, arns in operator(steps).items() if action.startswith("states:")}

    assert stopping == {"states:DescribeExecution": EXECUTIONS, "states:StopExecution": EXECUTIONS}
    assert not any(action.startswith("states:") for action in operator(plan))


def operator(plan: Plan) -> RIGHTS:
    return granted(statements(plan.document["planned_values"]["outputs"]["operator_policy"]["value"]))
