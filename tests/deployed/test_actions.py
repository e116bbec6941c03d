"""Actions through the deployed system, from EventBridge to EventBridge."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from core.domain.outcome import OutcomeStatus
from ports.wire.messages import approved_event
from tests.deployed.checks import await_signals, check_executed, check_ledger, outcome, status
from tests.deployed.site import ACCOUNT, Site, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

LARGE = 64 * 1024


def test_an_approved_action_is_carried_out_once_whether_its_intent_is_stored_or_embedded(site: Site) -> None:
    stored, embedded = site.intents(2)
    site.store(stored)
    site.publish(stored, embed=False)
    site.publish(embedded)
    check_executed(site, stored, embedded)
    assert len(outcome(site, stored).external_object_refs) == 1


def test_a_duplicate_changes_nothing_and_another_body_under_the_same_id_is_refused(site: Site) -> None:
    (first,) = site.intents()
    site.publish(first, first, first)
    check_executed(site, first)
    before = site.execution(first)
    site.publish(first, replace(first, parameters={"title": "Pay them"}))
    await_signals(site, first, kind="ACTION_REFUSED")
    assert site.execution(first) == before
    assert site.writes(first) == {first.key.intent_id: 1}
    check_ledger(site, first.key.tenant_id)


def test_a_closed_switch_fails_an_action_with_its_name_and_nothing_is_written(site: Site) -> None:
    (stopped,) = site.intents()
    tenant = stopped.key.tenant_id
    site.actonce("stop", "-t", tenant, "--reason", "a test")
    site.publish(stopped)
    await_signals(site, stopped, kind="ACTION_FAILED")
    failed = outcome(site, stopped)
    assert failed.status is OutcomeStatus.FAILED
    assert failed.fault is not None
    assert failed.fault.error_code == "KILL_SWITCH_ENABLED"
    site.actonce("resume", "-t", tenant)
    # A reading of the switches may be a second old.
    until(lambda: succeeds(site, tenant), "an action of a tenant that was resumed")
    assert site.writes(stopped) == {}
    check_ledger(site, tenant)


def test_a_poison_event_is_buried_with_its_reason_and_its_mended_body_is_carried_out(site: Site) -> None:
    *good, mendable = site.intents(4)
    poison = json.loads(approved_event(mendable, embed=True))
    poison["detail"]["metadata"]["version"] = "99"
    hollow = {**poison, "detail": {"data": {"tenant_id": mendable.key.tenant_id, "account_id": ACCOUNT}}}
    site.put_events(poison, *(json.loads(approved_event(one, embed=True)) for one in good), hollow)
    check_executed(site, *good)
    tenant = mendable.key.tenant_id
    until(lambda: len(site.dead_letters(tenant)) == 2, "two dead letters")
    reasons = {letter.reason: letter for letter in site.dead_letters(tenant)}
    letter = reasons.pop("INVALID_EVENT: The version 99 of ACTION_APPROVED is unknown.")
    (reason,) = reasons
    assert "action_intent_id" in reason

    mended = json.loads(letter.body)
    mended["detail"]["metadata"]["version"] = "1"
    operator = site.emulator.client("sqs", site.operator)
    operator.send_message(QueueUrl=site.queue_url("work"), MessageBody=json.dumps(mended))
    check_executed(site, mendable)


def test_a_large_response_lies_in_the_bucket_under_tenant_intent_and_its_own_hash(site: Site) -> None:
    (intent,) = site.intents()
    site.probe.plan({intent.key.intent_id: ["huge"]})
    site.publish(intent)
    check_executed(site, intent)
    reference = outcome(site, intent).raw_response_artifact_ref
    assert reference is not None
    bucket = site.outputs["artifacts_bucket"]
    content = site.emulator.client("s3", site.operator).get_object(Bucket=bucket, Key=reference)["Body"].read()
    assert len(content) > LARGE
    digest = hashlib.sha256(content).hexdigest()
    assert reference == f"{intent.key.tenant_id}/{intent.key.intent_id}/{digest}"
    assert status(site, intent) is OutcomeStatus.SUCCEEDED


def succeeds(site: Site, tenant: str) -> bool:
    """Publish another action of a tenant, and tell whether it was carried out."""
    (intent,) = site.intents(tenant=tenant)
    site.publish(intent)
    until(lambda: status(site, intent) is not None, "an outcome")
    return status(site, intent) is OutcomeStatus.SUCCEEDED
