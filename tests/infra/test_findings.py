"""Findings of the review that are about infrastructure, on the plan of a first apply in either mode."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from entrypoints import telemetry
from tests.architecture.sources import ROOT
from tests.infra.planned import NAME, Plan, Values

WORK = "aws_sqs_queue.work"
FAILED = "aws_sqs_queue.failed"
RUNBOOK = ROOT / "docs" / "runbook.md"
DEAD_LETTERS = ("dead_letter_config", "arn")
ON_FAILURE = ("destination_config", "on_failure")
BUCKET_PARTS = ("public_access_block", "versioning", "server_side_encryption_configuration", "lifecycle_configuration")
OURS, HEADS = "aws_s3_bucket{}.artifacts", "aws_s3_bucket{}.heads[0]"
"""The address of a part of either bucket."""
OUTCOMES = {"failed-ratio", "in-doubt", "stuck", "relay-age", "dead-letters", "undelivered", "unrelayed"}
MACHINERY = {
    "sweeper-errors",
    "relay-errors",
    "sweeper-silent",
    "lost-events",
    "sealing-late",
    "sealer-silent",
    "api-5xx",
}


def the_one(found: dict[str, Values]) -> Values:
    (values,) = found.values()
    return values


def bare(address: str) -> str:
    """Return the address of a resource without that of its one instance."""
    return address.removesuffix("[0]")


def test_finding_17_every_queue_buries_in_another_or_is_what_others_bury_in(either: Plan) -> None:
    taken_from = {it for it in either.of_type("aws_sqs_queue") if not it.startswith(FAILED)}
    targets = either.of_type("aws_cloudwatch_event_target")
    buried_in = set[str]().union(
        *(either.references(bare(it), "redrive_policy") for it in taken_from),
        *(either.references(bare(it), *DEAD_LETTERS) for it in targets),
        either.references("aws_lambda_event_source_mapping.outbox", *ON_FAILURE, "destination_arn"),
    )

    assert set(either.of_type("aws_sqs_queue")) - taken_from == {it for it in buried_in if it.endswith('"]')}


def test_finding_17_every_target_has_a_failure_queue_and_a_bounded_retry(either: Plan) -> None:
    targets = either.of_type("aws_cloudwatch_event_target")

    assert len(targets) == len(either.of_type("aws_cloudwatch_event_rule")) >= 2
    for address, values in targets.items():
        assert any(it.startswith(FAILED) for it in either.references(bare(address), *DEAD_LETTERS)), address
        assert values["retry_policy"][0]["maximum_event_age_in_seconds"] >= 60


def test_finding_17_whoever_takes_from_a_queue_names_what_failed(either: Plan) -> None:
    mappings = either.of_type("aws_lambda_event_source_mapping")

    assert len(mappings) >= 2
    for address, values in mappings.items():
        assert values["function_response_types"] == ["ReportBatchItemFailures"], address


def test_finding_17_stream_and_schedule_tell_of_what_failed(either: Plan) -> None:
    stream = either.of_type("aws_lambda_event_source_mapping")["aws_lambda_event_source_mapping.outbox"]

    assert f'{FAILED}["unrelayed"]' in either.references(
        "aws_lambda_event_source_mapping.outbox", *ON_FAILURE, "destination_arn"
    )
    for scheduled in ("sweeper", "sealer"):
        assert f'{FAILED}["undelivered"]' in either.references(
            f"aws_lambda_function_event_invoke_config.{scheduled}", *ON_FAILURE, "destination"
        )
    assert 0 <= stream["maximum_retry_attempts"] <= 1_000
    assert stream["bisect_batch_on_function_error"] is True


@pytest.mark.parametrize(
    ("mode", "queue", "function"),
    [("plan", WORK, "consumer"), ("steps", WORK, "starter"), ("steps", "aws_sqs_queue.ended[0]", "ended")],
)
def test_finding_17_sqs_buries_later_than_its_reader_and_keeps_for_as_long_as_it_can(
    mode: str, queue: str, function: str, request: pytest.FixtureRequest
) -> None:
    plan: Plan = request.getfixturevalue(mode)
    queues = plan.of_type("aws_sqs_queue")

    assert {it["message_retention_seconds"] for it in queues.values()} == {1_209_600}
    assert queues[queue]["visibility_timeout_seconds"] >= 6 * plan.functions()[function]["timeout"]


def alarms(plan: Plan) -> dict[str, Values]:
    return {
        it["alarm_name"].removeprefix("actonce-"): it for it in plan.of_type("aws_cloudwatch_metric_alarm").values()
    }


def test_finding_21_outcomes_are_watched_and_not_machinery_alone(either: Plan) -> None:
    assert alarms(either).keys() >= OUTCOMES | MACHINERY


def test_finding_21_every_function_is_watched_for_errors_and_throttles(either: Plan) -> None:
    watched = {f"{name}-{what}" for name in either.functions() for what in ("errors", "throttles")}

    assert alarms(either).keys() >= watched


def test_finding_21_a_refusal_by_name_alone_wakes_nobody(steps: Plan) -> None:
    refusing = {name for name, it in alarms(steps).items() if name.endswith("-errors") and it["metric_query"]}

    # Each raises what the state machine has a catch for; the others raise what nobody foresaw.
    assert refusing == {"step-start-errors", "step-validate-errors", "step-map-tool-errors"}


def test_finding_21_executions_that_did_not_end_by_themselves_are_told(steps: Plan) -> None:
    found = {name: it for name, it in alarms(steps).items() if it["namespace"] == "AWS/States"}

    assert {name: (it["metric_name"], it["threshold"]) for name, it in found.items()} == {
        "executions-failed": ("ExecutionsFailed", 0),
        "executions-timed-out": ("ExecutionsTimedOut", 0),
        "executions-aborted": ("ExecutionsAborted", 0),
    }
    assert alarms(steps)["ended-age"]["dimensions"] == {"QueueName": "actonce-ended"}


def test_finding_21_every_alarm_has_an_action_and_a_section_of_the_runbook(either: Plan) -> None:
    sections = {
        re.sub(r"[^a-z0-9 -]", "", line[3:].lower()).replace(" ", "-")
        for line in RUNBOOK.read_text(encoding="utf-8").splitlines()
        if line.startswith("## ")
    }
    of_topic = [
        either.references(it.partition("[")[0], "alarm_actions") for it in either.of_type("aws_cloudwatch_metric_alarm")
    ]

    assert all("aws_sns_topic.alarms[0].arn" in it for it in of_topic)
    for name, values in alarms(either).items():
        section = re.search(r"Runbook: docs/runbook\.md#(\S+)$", values["alarm_description"])
        assert section is not None, name
        assert section[1] in sections, name
        assert values["actions_enabled"] is not False


def test_finding_21_every_failure_queue_is_watched_from_its_first_message_on(either: Plan) -> None:
    watched = {
        it["dimensions"]["QueueName"]: it["threshold"]
        for it in alarms(either).values()
        if it["metric_name"] == "ApproximateNumberOfMessagesVisible"
    }

    assert watched == {
        it["name"]: 0 for address, it in either.of_type("aws_sqs_queue").items() if address.startswith(FAILED)
    }


def our_metrics(plan: Plan) -> list[tuple[str, dict[str, str]]]:
    """Return name and dimensions of each of our metrics that an alarm or the dashboard reads."""
    found = [(it["metric_name"], it["dimensions"]) for it in alarms(plan).values() if it["namespace"] == NAME]
    for alarm in alarms(plan).values():
        for query in alarm["metric_query"]:
            found += [(it["metric_name"], it["dimensions"]) for it in query["metric"] if it["namespace"] == NAME]
    for line in dashboard_lines(plan):
        if line[0] == NAME:
            found.append((line[1], dict(zip(line[2::2], line[3::2], strict=True))))
    return found


def dashboard_lines(plan: Plan) -> list[list[str]]:
    body: dict[str, Any] = json.loads(the_one(plan.of_type("aws_cloudwatch_dashboard"))["dashboard_body"])
    return [line for it in body["widgets"] for line in it["properties"]["metrics"] if isinstance(line[0], str)]


def test_finding_21_what_is_watched_is_what_the_functions_tell(either: Plan) -> None:
    told = {it.name: [(), *it.dimensions] for it in telemetry.METRICS}

    for name, dimensions in our_metrics(either):
        assert dimensions["service"] == NAME
        assert tuple(it for it in dimensions if it != "service") in told[name], name


@pytest.mark.parametrize("part", BUCKET_PARTS)
def test_finding_24_the_artifact_bucket_has_every_safeguard(plan: Plan, part: str) -> None:
    assert OURS.format(f"_{part}") in plan.of_type(f"aws_s3_bucket_{part}")


@pytest.mark.parametrize("bucket", [OURS, HEADS])
def test_finding_24_a_bucket_is_private_versioned_and_encrypted(plan: Plan, bucket: str) -> None:
    def part(name: str) -> Values:
        return plan.of_type(f"aws_s3_bucket_{name}")[bucket.format(f"_{name}")]

    block = part("public_access_block")
    (rule,) = part("server_side_encryption_configuration")["rule"]

    assert {name for name, value in block.items() if value is True} == {
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    }
    assert rule["apply_server_side_encryption_by_default"][0]["sse_algorithm"] == "AES256"
    assert part("versioning")["versioning_configuration"][0]["status"] == "Enabled"


def test_what_is_sealed_is_locked_for_years(plan: Plan) -> None:
    locked = the_one(plan.of_type("aws_s3_bucket_object_lock_configuration"))
    (rule,) = locked["rule"]

    assert plan.of_type("aws_s3_bucket")[HEADS.format("")]["object_lock_enabled"] is True
    assert rule["default_retention"][0] == {"mode": "GOVERNANCE", "days": 3650, "years": None}


def test_nobody_removes_what_is_sealed_nor_writes_over_it(plan: Plan) -> None:
    denied = [it for it in plan.policies()["aws_s3_bucket_policy.heads[0]"] if it.effect == "Deny"]
    of_objects = {frozenset(it.actions): it for it in denied if "s3:*" not in it.actions}
    removing = frozenset({"s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"})

    assert of_objects.keys() == {removing, frozenset({"s3:PutObject"})}
    assert all(it.principal == "*" for it in denied)
    assert not of_objects[removing].condition
    assert of_objects[frozenset({"s3:PutObject"})].condition == {"Null": {"s3:if-none-match": "true"}}
    (place,) = {it for found in of_objects.values() for it in found.resources}
    assert place == f"arn:aws:s3:::{plan.of_type('aws_s3_bucket')[HEADS.format('')]['bucket']}/*"


def test_finding_21_every_function_queue_and_execution_is_on_the_dashboard(either: Plan) -> None:
    shown = {(line[0], line[2], line[3]) for line in dashboard_lines(either)}
    queues = {it["name"] for it in either.of_type("aws_sqs_queue").values()}
    machines = {it["name"] for it in either.of_type("aws_sfn_state_machine").values()}

    assert {("AWS/Lambda", "FunctionName", f"{NAME}-{it}") for it in either.functions()} <= shown
    assert {("AWS/SQS", "QueueName", it) for it in queues} <= shown
    assert {arn.rpartition(":")[2] for space, _, arn in shown if space == "AWS/States"} == machines


def test_finding_24_operators_may_read_artifacts_and_tell_an_absent_one_from_a_forbidden_one(plan: Plan) -> None:
    policy = json.loads(plan.document["planned_values"]["outputs"]["operator_policy"]["value"])
    reading = [it for it in policy["Statement"] if "s3:GetObject" in it["Action"]]

    assert len(reading) == 2
    assert all("s3:ListBucket" in it["Action"] for it in reading)
    assert plan.grants("consumer")["s3:PutObject"] == {
        f"arn:aws:s3:::{plan.of_type('aws_s3_bucket')[OURS.format('')]['bucket']}/*"
    }
