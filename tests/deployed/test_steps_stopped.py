"""What an operator does to an action whose steps a state machine takes, and executions that end before their time.

The emulator tells the default bus of an execution that was stopped, as AWS does: nothing here sends such an event. It
lets the state that is entered go on with its retries, where AWS gives it up at once; so rights are given back here
only after the stop, and what a late try finds is looked at as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from core.domain.attempt import CompensationStatus
from core.domain.effect import Evidence
from core.domain.intent import Intent
from core.domain.outcome import OutcomeStatus
from tests.deployed.checks import await_signals, calls, check_executed, check_ledger, outcome, status
from tests.deployed.machine import Machine, name_of
from tests.deployed.site import LETTER, Site, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

SILENT_AFTER = "timeout_after_apply"


@dataclass(frozen=True, slots=True)
class Left:
    """What executions left that did not end by themselves: two of them in the middle of a call, one while it waited."""

    written: Intent
    letter: Intent
    waiting: Intent


@pytest.fixture(scope="module", autouse=True)
def left(machine: Machine) -> Left:
    """Here first, for the sweeper lets what has just come due lie for a while."""
    site = machine.site
    written, waiting = site.intents(2)
    (letter,) = site.intents(1, LETTER, written.key.tenant_id)
    site.probe.plan({it.key.intent_id: [SILENT_AFTER] for it in (written, letter)})
    site.probe.plan({waiting.key.intent_id: ["throttle:1"]})
    # What this answers is no state that the fork after it could read.
    with site.misdeployed("step-reconcile", "entrypoints.steps.record"):
        site.publish(waiting)
        machine.ended(waiting)
    site.publish(written, letter)
    until(lambda: calls(site, written, letter) == 2, "two calls under way")
    machine.stop(written, letter)
    return Left(written, letter, waiting)


@contextmanager
def held(machine: Machine, intent: Intent, function: str, sid: str, state: str) -> Iterator[None]:
    """Publish an action, and keep it in a state that is tried again and again meanwhile."""
    with machine.site.without_rights(function, sid):
        machine.site.publish(intent)
        until(lambda: any(at == state for run in machine.runs(intent) for at, _ in run.failures), f"a retry of {state}")
        yield


def test_a_cancel_before_anything_is_prepared_stops_the_execution_and_nothing_is_ever_sent(machine: Machine) -> None:
    site = machine.site
    (intent,) = site.intents()
    with held(machine, intent, "step-validate", "ReadSwitches", "ValidatePreflight"):
        assert "CANCELLED" in site.actonce("cancel", *site.on(intent))
        assert machine.run(intent).status == "ABORTED"
    assert outcome(site, intent).status is OutcomeStatus.CANCELLED
    # Its end is told to the function for ended executions, which leaves it as it is.
    await_end_told(site, intent)
    assert outcome(site, intent).status is OutcomeStatus.CANCELLED
    assert calls(site, intent) == 0
    check_ledger(site, intent.key.tenant_id)


def test_an_action_cancelled_before_its_event_comes_starts_no_execution(machine: Machine) -> None:
    site = machine.site
    cancelled, other = site.intents(2)
    site.store(cancelled)
    site.actonce("cancel", *site.on(cancelled))
    site.publish(cancelled, other)
    check_executed(site, other)
    assert machine.runs(cancelled) == []
    assert outcome(site, cancelled).status is OutcomeStatus.CANCELLED


def test_a_cancel_that_is_too_late_is_refused_says_why_and_stops_nothing(machine: Machine) -> None:
    site = machine.site
    (intent,) = site.intents()
    site.probe.plan({intent.key.intent_id: ["throttle:5"]})
    site.publish(intent)
    until(lambda: any("WaitUntilDue" in run.entered for run in machine.runs(intent)), "the execution to wait")
    assert "prepared" in site.refused("cancel", *site.on(intent))
    assert machine.run(intent).status == "RUNNING"
    assert machine.ended(intent).status == "SUCCEEDED"
    check_executed(site, intent)


def test_an_execution_stopped_before_anything_is_prepared_has_failed_and_says_so_and_is_retried_under_a_new_name(
    machine: Machine,
) -> None:
    site = machine.site
    (intent,) = site.intents()
    with held(machine, intent, "step-map-tool", "ReadWhatStands", "MapActionToTool"):
        machine.stop(intent)
        await_signals(site, intent, kind="ACTION_FAILED")
    check_aborted(site, intent)
    site.actonce("retry", *site.on(intent))
    assert machine.ended(intent, 2).status == "SUCCEEDED"
    assert [run.status for run in machine.runs(intent)] == ["ABORTED", "SUCCEEDED"]
    check_executed(site, intent)


def test_an_execution_stopped_before_it_claimed_anything_has_failed_and_a_late_claim_finds_that(
    machine: Machine,
) -> None:
    site = machine.site
    (intent,) = site.intents()
    with held(machine, intent, "step-start", "ReadWhatStands", "StartExecution"):
        machine.stop(intent)
        await_signals(site, intent, kind="ACTION_FAILED")
    until(lambda: machine.run(intent).failures[-1][1] == "AlreadyFinishedError", "a late claim")
    check_aborted(site, intent)
    check_ledger(site, intent.key.tenant_id)


def test_a_letter_that_nothing_tells_of_is_parked_until_an_operator_resolves_it(machine: Machine) -> None:
    site = machine.site
    (letter,) = site.intents(1, LETTER)
    site.probe.plan({letter.key.intent_id: ["drop_reply"]})
    site.publish(letter)
    assert machine.ended(letter).told["status"] == "IN_DOUBT"
    await_signals(site, letter, kind="ACTION_IN_DOUBT")
    arguments = ("resolve", *site.on(letter), "--happened", "--evidence", "seen in the outbox")
    assert "may still be under way" in site.refused(*arguments)
    until(lambda: site.asked(*arguments).returncode == 0, "the last call to be over")
    check_executed(site, letter)
    assert outcome(site, letter).evidence is Evidence.OPERATOR
    assert site.signals(letter) == ["ACTION_IN_DOUBT", "ACTION_EXECUTED"]
    assert len(machine.runs(letter)) == 1


def test_an_undo_is_a_new_execution_that_compensates(machine: Machine) -> None:
    site = machine.site
    (intent,) = site.intents()
    site.publish(intent)
    first = machine.ended(intent)
    check_executed(site, intent)
    # The command line has not been told that tenants whom nobody opened are open here.
    site.actonce("resume", "-t", intent.key.tenant_id)
    site.actonce("undo", *site.on(intent))
    undo = machine.ended(intent, 2)
    assert undo.name not in {first.name, name_of(intent)}
    assert "InvokeTool" not in undo.entered
    assert undo.entered[:3] == ["StartExecution", "WhatNext", "CompensateAction"]
    await_signals(site, intent, kind="ACTION_UNDONE")
    assert outcome(site, intent).compensation_status is CompensationStatus.COMPLETED
    of_it = [row["op"] for row in site.probe.log() if row["action_intent_id"] == intent.key.intent_id]
    assert of_it == ["WRITE", "DELETE"]
    check_ledger(site, intent.key.tenant_id)


def test_executions_stopped_in_the_middle_of_their_calls_are_settled_by_the_evidence(
    machine: Machine, left: Left
) -> None:
    site = machine.site
    await_signals(site, left.letter, kind="ACTION_IN_DOUBT")
    until(lambda: swept(site, left.written), "the task to be looked up")
    check_executed(site, left.written)
    assert outcome(site, left.written).evidence is Evidence.READ_BACK
    assert [machine.run(it).status for it in (left.written, left.letter)] == ["ABORTED", "ABORTED"]
    assert calls(site, left.written, left.letter) == 2


def test_an_execution_that_fails_while_its_action_waits_leaves_it_to_the_sweeper(machine: Machine, left: Left) -> None:
    site, run = machine.site, machine.run(left.waiting)
    assert (run.status, run.entered[-3:]) == ("FAILED", ["WaitUntilDue", "Reconcile", "WhatNext"])
    await_end_told(site, left.waiting)
    until(lambda: swept(site, left.waiting), "the sweeper to send it")
    check_executed(site, left.waiting)
    assert calls(site, left.waiting) == 2


def check_aborted(site: Site, intent: Intent) -> None:
    failed = outcome(site, intent)
    assert failed.status is OutcomeStatus.FAILED
    assert failed.fault is not None
    assert failed.fault.error_code == "EXECUTION_ABORTED"
    assert calls(site, intent) == 0


def await_end_told(site: Site, intent: Intent) -> None:
    """Wait until the function for ended executions has written in its log that it looked at an intent."""
    group, client = site.outputs["log_group_names"]["ended"], site.emulator.client("logs")
    until(
        lambda: bool(client.filter_log_events(logGroupName=group, filterPattern=f'"{intent.key.intent_id}"')["events"]),
        f"the end of {intent.key.intent_id} to be told",
    )


def swept(site: Site, intent: Intent) -> bool:
    """Sweep, and tell whether it has ended."""
    site.sweep()
    return status(site, intent) is OutcomeStatus.SUCCEEDED
