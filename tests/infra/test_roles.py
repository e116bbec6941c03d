"""Finding 23: each role may do what its function does, on what it does it to, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from adapters.aws.schema import TABLES
from adapters.aws.tables import ATTEMPTS, EFFECTS, INTENTS, LEDGER, OBJECTS, OUTBOX, OUTCOMES, REGISTRY, TENANTS
from tests.infra.conftest import REGION
from tests.infra.planned import Plan, Statement, granted, statements

FUNCTIONS = ("api", "consumer", "relay", "sealer", "sweeper")
FUNCTION, MACHINE = "aws_lambda_function", "aws_sfn_state_machine"
MACHINE_POLICY = "aws_iam_role_policy.execution[0]"
KEY_POLICY = "aws_kms_key.heads[0]"
ACCOUNT = "000000000000"
"""What the emulator says that it is."""
PLACE = f"{REGION}:{ACCOUNT}"
OF_SERVICES = ("lambda.amazonaws.com", "events.amazonaws.com", "cloudwatch.amazonaws.com")


def tables(*names: str) -> frozenset[str]:
    return frozenset(f"arn:aws:dynamodb:{PLACE}:table/actonce-{name}" for name in names)


def queues(*names: str) -> frozenset[str]:
    return frozenset(f"arn:aws:sqs:{PLACE}:actonce-{name}" for name in names)


BUS = frozenset({f"arn:aws:events:{PLACE}:event-bus/actonce"})
ARTIFACTS = frozenset({f"arn:aws:s3:::actonce-artifacts-{ACCOUNT}-{REGION}/*"})
TOKENS = frozenset({f"arn:aws:secretsmanager:{PLACE}:secret:crm-token-??????"})
PAGING = frozenset({f"arn:aws:secretsmanager:{PLACE}:secret:actonce/paging-??????"})
HEADS = f"arn:aws:s3:::actonce-heads-{ACCOUNT}-{REGION}"
SIGNING = frozenset({f"arn:aws:kms:{PLACE}:key/*"})
STREAM = frozenset({f"arn:aws:dynamodb:{PLACE}:table/actonce-outbox/stream/*"})


def own_log(function: str) -> dict[str, frozenset[str]]:
    group = frozenset({f"arn:aws:logs:{PLACE}:log-group:/aws/lambda/actonce-{function}:*"})
    return {"logs:CreateLogStream": group, "logs:PutLogEvents": group}


# What core/usecases ask of the ports, and adapters/aws of the services; a transaction asks for its puts and gets.
CARRYING_OUT = {
    "dynamodb:GetItem": tables(ATTEMPTS, OUTCOMES, EFFECTS, INTENTS, REGISTRY, OBJECTS),
    "dynamodb:PutItem": tables(ATTEMPTS, OUTCOMES, EFFECTS, LEDGER, OUTBOX, OBJECTS),
    "dynamodb:DeleteItem": tables(OBJECTS),
    "dynamodb:BatchGetItem": tables(TENANTS),
    "sqs:SendMessage": queues("work"),
    "s3:PutObject": ARTIFACTS,
    "secretsmanager:GetSecretValue": TOKENS,
}
PUBLISHING = {"events:PutEvents": BUS, "dynamodb:BatchWriteItem": tables(OUTBOX)}

# Operators look and act here: nothing is called, nothing taken from a queue, nothing published and nothing removed.
ANSWERING = {
    "dynamodb:BatchGetItem": tables(TENANTS),
    "dynamodb:GetItem": tables(ATTEMPTS, OUTCOMES, EFFECTS, INTENTS, REGISTRY, TENANTS),
    "dynamodb:PutItem": tables(ATTEMPTS, OUTCOMES, EFFECTS, LEDGER, OUTBOX),
    "dynamodb:Query": tables(LEDGER, *(f"{ATTEMPTS}/index/{it}" for it in ("by_account", "by_tenant", "parked"))),
    "dynamodb:Scan": tables(REGISTRY),
    "dynamodb:UpdateItem": tables(TENANTS),
    "secretsmanager:GetSecretValue": PAGING,
    "sqs:SendMessage": queues("work"),
}

ROLES = {
    "api": ANSWERING | own_log("api"),
    "consumer": CARRYING_OUT
    | own_log("consumer")
    | {
        "dynamodb:PutItem": CARRYING_OUT["dynamodb:PutItem"] | tables(INTENTS),
        "dynamodb:Query": tables(LEDGER),
        "sqs:ChangeMessageVisibility": queues("work"),
        "sqs:DeleteMessage": queues("work"),
        "sqs:GetQueueAttributes": queues("work"),
        "sqs:ReceiveMessage": queues("work"),
        "sqs:SendMessage": queues("work", "dead-letters"),
    },
    "relay": PUBLISHING
    | own_log("relay")
    | {
        "dynamodb:DescribeStream": STREAM,
        "dynamodb:GetRecords": STREAM,
        "dynamodb:GetShardIterator": STREAM,
        "dynamodb:ListStreams": STREAM,
        "sqs:SendMessage": queues("unrelayed"),
    },
    "sealer": own_log("sealer")
    | {
        "dynamodb:BatchGetItem": tables(LEDGER),
        "dynamodb:Query": tables(f"{LEDGER}/index/by_time"),
        "dynamodb:Scan": tables(f"{LEDGER}/index/by_time"),
        "kms:GetPublicKey": SIGNING,
        "kms:Sign": SIGNING,
        "s3:GetObject": frozenset({f"{HEADS}/*"}),
        "s3:ListBucket": frozenset({HEADS}),
        "s3:ListBucketVersions": frozenset({HEADS}),
        "s3:PutObject": frozenset({f"{HEADS}/*"}),
        "sqs:SendMessage": queues("undelivered"),
    },
    "sweeper": CARRYING_OUT
    | PUBLISHING
    | own_log("sweeper")
    | {
        "dynamodb:Query": tables(f"{ATTEMPTS}/index/due", f"{ATTEMPTS}/index/parked"),
        "dynamodb:Scan": tables(OUTBOX),
        "sqs:GetQueueAttributes": queues("dead-letters"),
        "sqs:SendMessage": queues("work", "undelivered"),
    },
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_finding_23_a_role_may_do_what_its_function_does_and_nothing_else(plan: Plan, function: str) -> None:
    assert plan.grants(function) == {action: ROLES[function][action] for action in sorted(ROLES[function])}


def test_finding_23_there_is_no_function_whose_role_no_test_knows(plan: Plan) -> None:
    assert plan.functions().keys() == ROLES.keys() == set(FUNCTIONS)


def allowed(policy: Iterable[Statement]) -> list[Statement]:
    return [it for it in policy if it.effect == "Allow"]


def test_finding_23_no_statement_allows_everything_of_anything(either: Plan) -> None:
    for address, policy in either.policies().items():
        for statement in allowed(policy):
            if address == KEY_POLICY:
                # In the policy of a key "*" is the key itself; without this one nobody could change the policy again.
                assert statement.principal == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
                continue
            assert not any("*" in action for action in statement.actions), address
            if "*" in statement.resources:
                # Deliveries of a state machine's log have no ARN.
                assert address == MACHINE_POLICY
                assert all(it.startswith("logs:") for it in statement.actions)
                continue
            # A wildcard stands for the names of what is in one named thing, and for no part of that thing's name.
            assert all(ends_below_a_name(arn) for arn in statement.resources if "*" in arn), address


def ends_below_a_name(arn: str) -> bool:
    return arn.count("*") == 1 and arn.endswith(("/*", ":*")) and arn.count(":") >= 5


def test_finding_23_no_resource_policy_lets_just_anybody_in(either: Plan) -> None:
    for address, policy in either.policies().items():
        for statement in allowed(policy):
            if statement.principal is not None and address != KEY_POLICY:
                assert statement.principal["Service"] in OF_SERVICES, address
                assert statement.condition, address


def test_finding_23_what_a_policy_names_is_something_that_the_plan_makes(either: Plan) -> None:
    plan = either
    made = (
        {f"arn:aws:sqs:{PLACE}:{it['name']}" for it in plan.of_type("aws_sqs_queue").values()}
        | {f"arn:aws:dynamodb:{PLACE}:table/{it['name']}" for it in plan.of_type("aws_dynamodb_table").values()}
        | {f"arn:aws:events:{PLACE}:event-bus/{it['name']}" for it in plan.of_type("aws_cloudwatch_event_bus").values()}
        | {f"arn:aws:s3:::{it['bucket']}" for it in plan.of_type("aws_s3_bucket").values()}
        | {f"arn:aws:sns:{PLACE}:{it['name']}" for it in plan.of_type("aws_sns_topic").values()}
        | {f"arn:aws:logs:{PLACE}:log-group:{it['name']}" for it in plan.of_type("aws_cloudwatch_log_group").values()}
        | {f"arn:aws:lambda:{PLACE}:function:{it['function_name']}" for it in plan.of_type(FUNCTION).values()}
        | {f"arn:aws:states:{PLACE}:stateMachine:{it['name']}" for it in plan.of_type(MACHINE).values()}
        | {f"arn:aws:states:{PLACE}:execution:{it['name']}" for it in plan.of_type(MACHINE).values()}
        | TOKENS
        | PAGING
        # No key is known by its ARN before it is made: a condition names its alias.
        | {f"arn:aws:kms:{PLACE}:key"}
    )
    for address, policy in plan.policies().items():
        for arn in {arn for it in policy for arn in it.resources} - {"*"}:
            assert whole_of(arn) in made, f"{address}: {arn}"


def whole_of(arn: str) -> str:
    """Return the ARN of what a table's index or stream, a bucket's object, or a log group's stream is part of."""
    if ":table/" in arn:
        return "/".join(arn.split("/")[:2])
    return arn.removesuffix("/*").removesuffix(":*")


def test_finding_23_only_the_sealer_signs_and_only_with_the_key_of_its_alias(either: Plan) -> None:
    signing = {
        address: statement.condition
        for address, policy in either.policies().items()
        for statement in allowed(policy)
        if "kms:Sign" in statement.actions
    }
    alias = {"kms:RequestAlias": ["alias/actonce-ledger-heads"]}

    assert signing == {"module.sealer[0].aws_iam_role_policy.this": {"StringEquals": alias}}
    assert [it["name"] for it in either.of_type("aws_kms_alias").values()] == alias["kms:RequestAlias"]
    (key,) = either.of_type("aws_kms_key").values()
    assert (key["customer_master_key_spec"], key["key_usage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")


def test_finding_23_an_operator_verifies_what_was_sealed_and_cannot_seal(plan: Plan) -> None:
    document = plan.document["planned_values"]["outputs"]["operator_policy"]["value"]
    rights = granted(statements(document))

    assert rights["kms:GetPublicKey"] == SIGNING
    assert rights["s3:GetObject"] >= {f"{HEADS}/*"}
    assert rights["s3:ListBucketVersions"] >= {HEADS}
    assert not rights.keys() & {"kms:Sign", "s3:PutObject", "s3:DeleteObject", "s3:BypassGovernanceRetention"}


def test_finding_23_rules_send_only_what_is_theirs(plan: Plan) -> None:
    rules = {it["name"]: it["event_bus_name"] for it in plan.of_type("aws_cloudwatch_event_rule").values()}
    approved = f"arn:aws:events:{PLACE}:rule/actonce/actonce-approved-actions"
    sweep = f"arn:aws:events:{PLACE}:rule/actonce-sweep"
    seal = f"arn:aws:events:{PLACE}:rule/actonce-seal"
    senders = {
        address: statement.condition["ArnEquals"]["aws:SourceArn"]
        for address, policy in plan.policies().items()
        for statement in allowed(policy)
        if statement.principal == {"Service": "events.amazonaws.com"}
    }

    assert rules == {"actonce-approved-actions": "actonce", "actonce-sweep": "default", "actonce-seal": "default"}
    assert senders == {"aws_sqs_queue.work": [approved], 'aws_sqs_queue.failed["undelivered"]': [approved, sweep, seal]}


def test_finding_23_a_publisher_approves_and_says_nothing_that_only_this_system_says(plan: Plan) -> None:
    policy = statements(plan.document["planned_values"]["outputs"]["publisher_policy"]["value"])

    assert {action: it.resources for it in policy for action in it.actions} == {
        "events:PutEvents": BUS,
        "dynamodb:PutItem": tables(INTENTS),
    }
    assert policy[0].condition["StringEquals"]["events:detail-type"] == ["ACTION_APPROVED"]


def test_finding_23_an_operator_reads_every_table_and_changes_no_effect_of_the_past(plan: Plan) -> None:
    document = plan.document["planned_values"]["outputs"]["operator_policy"]["value"]
    policy = statements(document)
    reading = {arn for it in policy if "dynamodb:GetItem" in it.actions for arn in it.resources}

    assert reading >= tables(*(it.name for it in TABLES))
    assert "dynamodb:DeleteItem" not in json.dumps(document)
    assert not any("*" in action for it in policy for action in it.actions)
