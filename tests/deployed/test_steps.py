"""Actions through the state machine, looked at state by state in the histories of its executions.

What needs nothing but an event and an answer of the tool is published at once, and waits together.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.attempt import CompensationStatus
from core.domain.effect import Evidence
from core.domain.intent import Intent
from core.domain.outcome import OutcomeStatus
from tests.deployed.checks import await_signals, calls, check_executed, check_ledger, outcome
from tests.deployed.machine import WAITED, Machine, name_of
from tests.deployed.site import LETTER, NEWS, Site, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

SENT = ["StartExecution", "WhatNext", "ValidatePreflight", "MapActionToTool", "InvokeTool", "WhatNext"]
TOLD = ["RecordOutcome"]

FAULTS: Mapping[str, list[str]] = {
    "answered": [],
    "reply lost": ["drop_reply"],
    "failed after": ["http_500_after"],
    "failed before": ["http_500_before"],
    "throttled": ["throttle:2"],
    "partial": ["partial"],
    "large": ["huge"],
}
REFUSED = {
    "expired": ("ValidatePreflight", "IntentExpiredError", "INTENT_EXPIRED"),
    "stopped": ("ValidatePreflight", "KillSwitchEnabledError", "KILL_SWITCH_ENABLED"),
    "unconnected": ("ValidatePreflight", "ConfigurationError", "CONFIGURATION_ERROR"),
    "incomplete": ("MapActionToTool", "ValidationError", "MISSING_REQUIRED_PARAMETER"),
}
# Which right a function is refused, and what its state sees of that.
RETRIED = (
    ("step-start", "ReadWhatStands", "StartExecution", "StoreUnavailableError"),
    ("step-validate", "ReadSwitches", "ValidatePreflight", "SwitchUnreadableError"),
    ("step-map-tool", "ReadWhatStands", "MapActionToTool", "StoreUnavailableError"),
    ("step-record", "ReadWhatStands", "RecordOutcome", "StoreUnavailableError"),
)
LARGE = 100_000
MOST_BYTES = 32 * 1024

Cases = Mapping[str, Intent]


@pytest.fixture(scope="module")
def cases(steps: Site) -> Cases:
    """Intents by what befalls them, all published."""
    sent = dict(zip(FAULTS, steps.intents(len(FAULTS)), strict=True))
    tenant = sent["answered"].key.tenant_id
    sent["large"] = replace(sent["large"], parameters={"title": "Call them", "description": "x" * LARGE})
    expired, incomplete = steps.intents(2, tenant=tenant)
    (stopped,), (unconnected,), (letter,) = (
        steps.intents(),
        steps.intents(1, NEWS, tenant),
        steps.intents(1, LETTER, tenant),
    )
    steps.actonce("stop", "-t", stopped.key.tenant_id, "--reason", "a test")
    past = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    refused = {
        "expired": replace(expired, expires_at=past.isoformat(), expires_at_epoch=int(past.timestamp())),
        "stopped": stopped,
        "unconnected": unconnected,
        "incomplete": replace(incomplete, parameters={}),
    }
    steps.probe.plan({sent[case].key.intent_id: faults for case, faults in FAULTS.items()})
    steps.probe.plan({letter.key.intent_id: ["http_500_after"]})
    every = {**sent, **refused, "letter": letter}
    steps.publish(*every.values())
    return every


def test_a_happy_action_enters_every_state_in_its_order_and_is_told_by_the_last(machine: Machine, cases: Cases) -> None:
    intent = cases["answered"]
    run = machine.ended(intent)
    assert (run.status, run.failures) == ("SUCCEEDED", [])
    assert run.entered == SENT + TOLD
    assert (run.told["status"], run.told["evidence"]) == ("SUCCEEDED", "RESPONSE")
    assert run.name == name_of(intent)
    check_executed(machine.site, intent)


@pytest.mark.parametrize("case", REFUSED)
def test_finding_11_a_refusal_is_caught_by_its_class_and_recorded_with_its_own_code(
    machine: Machine, cases: Cases, case: str
) -> None:
    state, error, code = REFUSED[case]
    run = machine.ended(cases[case])
    assert run.failures == [(state, error)]
    assert run.entered == [*SENT[: SENT.index(state) + 1], *TOLD]
    assert (run.status, run.told["status"], run.told["error_code"]) == ("SUCCEEDED", "FAILED", code)
    await_signals(machine.site, cases[case], kind="ACTION_FAILED")
    failed = outcome(machine.site, cases[case])
    assert failed.status is OutcomeStatus.FAILED
    assert failed.fault is not None
    assert failed.fault.error_code == code
    assert calls(machine.site, cases[case]) == 0


@pytest.mark.parametrize("case", ["reply lost", "failed after"])
def test_finding_29_what_may_have_been_written_is_waited_for_and_looked_up_and_not_sent_again(
    machine: Machine, cases: Cases, case: str
) -> None:
    run = machine.ended(cases[case])
    assert (run.status, run.failures) == ("SUCCEEDED", [])
    assert machine.entered(run) == SENT + WAITED + TOLD
    assert outcome(machine.site, cases[case]).evidence is Evidence.READ_BACK
    check_executed(machine.site, cases[case])
    assert calls(machine.site, cases[case]) == 1


@pytest.mark.parametrize("case", ["failed before", "throttled"])
def test_what_is_proved_not_to_have_been_written_is_waited_for_and_sent_again(
    machine: Machine, cases: Cases, case: str
) -> None:
    run = machine.ended(cases[case])
    assert (run.status, run.failures) == ("SUCCEEDED", [])
    assert run.entered.count("InvokeTool") == 2
    assert "WaitUntilDue" in run.entered
    check_executed(machine.site, cases[case])
    assert calls(machine.site, cases[case]) == 2


def test_finding_29_an_error_after_the_write_of_a_tool_that_nothing_tells_of_is_no_failure_but_doubt(
    machine: Machine, cases: Cases
) -> None:
    run = machine.ended(cases["letter"])
    assert (run.status, run.told["status"]) == ("SUCCEEDED", "IN_DOUBT")
    await_signals(machine.site, cases["letter"], kind="ACTION_IN_DOUBT")
    assert calls(machine.site, cases["letter"]) == 1


def test_finding_11_what_was_written_in_part_is_removed_by_the_state_that_compensates(
    machine: Machine, cases: Cases
) -> None:
    intent = cases["partial"]
    run = machine.ended(intent)
    assert (run.status, run.failures) == ("SUCCEEDED", [])
    # What was written a moment ago may not be seen yet by whoever is to remove it, and is waited for.
    compensated = ["CompensateAction", "WhatNext"]
    expected = (SENT + compensated + TOLD, SENT + compensated + WAITED + compensated + TOLD)
    assert machine.entered(run) in expected
    assert (run.told["status"], run.told["error_code"]) == ("FAILED", "PARTIAL_WRITE")
    await_signals(machine.site, intent, kind="ACTION_FAILED")
    assert outcome(machine.site, intent).compensation_status is CompensationStatus.COMPLETED
    of_it = [row for row in machine.site.probe.log() if row["action_intent_id"] == intent.key.intent_id]
    assert [(row["op"], row["tool"]) for row in of_it] == [("WRITE", "crm.create_task"), ("DELETE", "crm.delete_task")]


def test_the_state_is_small_however_large_intent_and_answer_are(machine: Machine, cases: Cases) -> None:
    run = machine.ended(cases["large"])
    assert run.entered == SENT + TOLD
    assert run.largest_state < MOST_BYTES
    check_executed(machine.site, cases["large"])
    (write,) = (row for row in machine.site.probe.log() if row["action_intent_id"] == cases["large"].key.intent_id)
    assert len(write["fields"]["description"]) == LARGE


def test_finding_11_what_a_store_refuses_for_a_while_is_tried_again_by_class_and_carried_out_once(
    machine: Machine,
) -> None:
    site = machine.site
    (intent,) = site.intents()
    with ExitStack() as everything:
        spans = [everything.enter_context(ExitStack()) for _ in RETRIED]
        for span, (function, sid, _, _) in zip(spans, RETRIED, strict=True):
            span.enter_context(site.without_rights(function, sid))
        site.publish(intent)
        for span, (_, _, state, error) in zip(spans, RETRIED, strict=True):
            machine.await_failure(intent, state, error)
            span.close()
    run = machine.ended(intent)
    assert run.entered == SENT + TOLD
    assert set(run.failures) == {(state, error) for _, _, state, error in RETRIED}
    check_executed(site, intent)


def test_finding_11_a_function_that_cannot_begin_is_tried_again_until_it_is_mended(machine: Machine) -> None:
    site = machine.site
    (intent,) = site.intents()
    with site.misdeployed("step-record", "entrypoints.steps.absent"):
        site.publish(intent)
        until(lambda: any(run.failures for run in machine.runs(intent)), "the function to fail")
    run = machine.ended(intent)
    assert (run.status, run.entered) == ("SUCCEEDED", SENT + TOLD)
    assert {state for state, _ in run.failures} == {"RecordOutcome"}
    check_executed(site, intent)


def test_finding_29_the_state_that_calls_is_never_tried_again_by_class_but_reconciled(machine: Machine) -> None:
    site = machine.site
    (intent,) = site.intents()
    with site.without_rights("step-invoke", "ReadWhatStands"):
        site.publish(intent)
        machine.await_failure(intent, "InvokeTool", "StoreUnavailableError")
    run = machine.ended(intent)
    assert set(run.failures) == {("InvokeTool", "StoreUnavailableError")}
    assert run.entered.count("InvokeTool") == len(run.failures) + 1
    assert run.entered[len(SENT) - 1] == "Reconcile"
    check_executed(site, intent)
    assert calls(site, intent) == 1


def test_the_ledger_of_all_of_them_holds(machine: Machine, cases: Cases) -> None:
    check_ledger(machine.site, cases["answered"].key.tenant_id)
    check_ledger(machine.site, cases["stopped"].key.tenant_id)
