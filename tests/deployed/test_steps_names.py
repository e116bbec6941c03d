"""Names of executions: what makes one action one execution, and each run of it another (finding 22)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from core.domain.outcome import OutcomeStatus
from tests.deployed.checks import await_signals, check_executed, status
from tests.deployed.machine import Machine, name_of
from tests.deployed.site import Site, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

# Step Functions takes 1 to 80 characters, and these are safe in every ARN and URL.
NAME = re.compile(r"exec-[0-9a-f]{64}")
OFTEN = 20


def test_finding_22_an_event_that_comes_twenty_times_and_once_more_starts_one_execution(machine: Machine) -> None:
    (intent,) = machine.site.intents()
    machine.site.publish(*[intent] * OFTEN)
    run = machine.ended(intent)
    check_executed(machine.site, intent)
    machine.site.publish(intent)
    until(lambda: not waiting(machine.site), "the last event to be taken")
    assert [it.name for it in machine.runs(intent)] == [run.name]
    assert NAME.fullmatch(run.name)
    assert len(run.name) <= 80
    assert machine.site.writes(intent) == {intent.key.intent_id: 1}


def test_finding_22_the_same_id_in_another_tenant_and_in_another_account_is_another_execution(
    machine: Machine,
) -> None:
    (first,) = machine.site.intents()
    keys = (replace(first.key, tenant_id=f"{first.key.tenant_id}-2"), replace(first.key, account_id="account-2"))
    intents = (first, *(replace(first, key=key) for key in keys))
    machine.site.publish(*intents)
    runs = [machine.ended(intent) for intent in intents]
    assert len({run.name for run in runs}) == len(intents)
    until(lambda: machine.site.writes(first)[first.key.intent_id] == len(intents), "a write for each of them")
    assert {status(machine.site, intent) for intent in intents} == {OutcomeStatus.SUCCEEDED}


def test_finding_22_a_retry_is_a_new_run_under_a_new_name(machine: Machine) -> None:
    site = machine.site
    (intent,) = site.intents()
    site.probe.plan({intent.key.intent_id: ["refuse"]})
    site.publish(intent)
    first = machine.ended(intent)
    assert (first.told["status"], first.told["run"]) == ("FAILED", 1)
    await_signals(site, intent, kind="ACTION_FAILED")
    site.actonce("retry", *site.on(intent))
    second = machine.ended(intent, 2)
    assert (second.told["status"], second.told["run"]) == ("SUCCEEDED", 2)
    assert NAME.fullmatch(second.name)
    assert second.name != first.name
    check_executed(site, intent)
    assert site.signals(intent) == ["ACTION_FAILED", "ACTION_EXECUTED"]


def test_finding_22_an_execution_started_by_hand_from_a_copied_input_finds_the_work_finished(machine: Machine) -> None:
    site = machine.site
    (intent,) = site.intents()
    site.publish(intent)
    run = machine.ended(intent)
    check_executed(site, intent)
    before = site.execution(intent)
    machine.start("by-hand", run.asked)
    again = machine.ended(intent, 2)
    assert again.failures == [("StartExecution", "AlreadyFinishedError")]
    assert again.told == run.told
    assert site.execution(intent) == before
    assert site.writes(intent) == {intent.key.intent_id: 1}


def test_finding_22_a_name_that_somebody_else_took_buries_the_event_with_its_reason(machine: Machine) -> None:
    site = machine.site
    (intent,) = site.intents()
    machine.start(name_of(intent), {"who": "a stranger"})
    site.publish(intent)
    tenant = intent.key.tenant_id
    until(lambda: len(site.dead_letters(tenant)) == 1, "the event to be buried")
    (letter,) = site.dead_letters(tenant)
    assert letter.reason is not None
    assert letter.reason.startswith("EXECUTION_NAME_TAKEN: ")
    assert site.execution(intent) is None
    assert site.writes(intent) == {}
    # The stranger's own execution fails, and the event of that tells of none of ours.
    until(lambda: machine.statuses()[name_of(intent)] == "FAILED", "the stranger's execution to end")
    until(lambda: len(site.dead_letters(name_of(intent))) == 1, "the event of its end to be buried")
    (ended,) = site.dead_letters(name_of(intent))
    assert ended.reason is not None
    assert ended.reason.startswith("INVALID_EVENT: ")


def waiting(site: Site) -> int:
    """Messages in the work queue, under way or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    asked = site.emulator.client("sqs").get_queue_attributes(QueueUrl=site.queue_url("work"), AttributeNames=names)
    return sum(int(number) for number in asked["Attributes"].values())
