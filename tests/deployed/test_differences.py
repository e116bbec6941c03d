"""What emulators are said to do otherwise than AWS (docs/emulators.md) they do, so that nothing is allowed in vain."""

from __future__ import annotations

import json
import secrets
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tests.architecture.sources import ROOT
from tests.deployed.conftest import user
from tests.deployed.enforcing import Credentials
from tests.deployed.site import Site, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

NOTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
JUST_BEFORE_THE_NEXT = 0.999
TRIES = 5
ROWS = ("rights", "`Wait` until a timestamp", "`StopExecution`", "schema registry", "visibility of SQS")


def test_whoever_has_no_rights_is_refused_just_where_rights_are_said_to_be_enforced(direct: Site) -> None:
    powerless = user(direct.emulator, f"powerless-{secrets.token_hex(4)}", NOTHING)
    with direct.refusing() if direct.emulator.is_enforcing else nullcontext():
        refused = is_refused(direct, powerless)
    assert refused == direct.emulator.is_enforcing


def test_a_wait_is_seen_to_end_before_its_timestamp_just_where_it_is_said_to(steps: Site) -> None:
    client = steps.emulator.client("stepfunctions")
    ours = client.describe_state_machine(stateMachineArn=steps.outputs["state_machine_arn"])
    waits = {"Type": "Wait", "TimestampPath": "$.due", "End": True}
    arn = client.create_state_machine(
        name=f"waits-{secrets.token_hex(4)}",
        definition=json.dumps({"StartAt": "Wait", "States": {"Wait": waits}}),
        roleArn=ours["roleArn"],
    )["stateMachineArn"]
    # A busy machine may look too late to see it; nowhere may it be seen where it is said not to be.
    seen = [ended_early(steps, arn) for _ in range(TRIES if steps.emulator.wakes_early else 1)]
    assert any(seen) == steps.emulator.wakes_early


def test_there_is_no_schema_registry(direct: Site) -> None:
    with pytest.raises(ClientError):
        direct.emulator.client("schemas").list_registries()


def test_each_of_them_is_explained() -> None:
    page = (ROOT / "docs" / "emulators.md").read_text(encoding="utf-8")
    assert [row for row in ROWS if f"\n| {row} |" not in page] == []


def ended_early(site: Site, machine: str) -> bool:
    """Start an execution that waits until the end of a second, and tell whether it was over before."""
    client = site.emulator.client("stepfunctions")
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2 + JUST_BEFORE_THE_NEXT)
    asked = json.dumps({"due": due.isoformat(timespec="milliseconds").replace("+00:00", "Z")})
    run = client.start_execution(stateMachineArn=machine, input=asked)["executionArn"]
    until(lambda: client.describe_execution(executionArn=run)["status"] == "SUCCEEDED", "the wait to end")
    return datetime.now(UTC) < due


def is_refused(site: Site, powerless: Credentials) -> bool:
    try:
        site.emulator.client("sqs", powerless).list_queues()
    except ClientError as fault:
        return "AccessDenied" in str(fault)
    return False
