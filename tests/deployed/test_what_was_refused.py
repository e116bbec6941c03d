"""Comes last: whether rights were enough, which only enforcement shows, and what all executions have in common."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from botocore.exceptions import ClientError

from ports.wire.messages import approved_event
from tests.deployed.deployment import TOKEN_SECRET
from tests.deployed.enforcing import Row
from tests.deployed.machine import Machine
from tests.deployed.site import Site

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

READS_A_TOKEN = "secretsmanager:GetSecretValue"
READERS_OF_TOKENS = ("step-invoke", "step-reconcile", "step-compensate", "ended", "sweeper")
MOST_BYTES = 32 * 1024


def test_a_publisher_may_not_say_what_only_this_system_says(site: Site) -> None:
    (intent,) = site.intents()
    event = json.loads(approved_event(intent, embed=True)) | {"detail-type": "ACTION_EXECUTED"}
    with site.refusing(), pytest.raises(ClientError, match="AccessDenied"):
        site.put_events(event)
    assert site.signals(intent) == []


def test_nobody_was_refused_anything_but_while_a_test_had_taken_the_rights(direct: Site) -> None:
    meant = {place for span in direct.broken for place in span}
    rows = [row for place, row in enumerate(direct.emulator.checks()) if place not in meant]
    refused = Counter((row["caller"], row["action"], row["resource"]) for row in rows if not row["is_allowed"])
    assert refused == {}


def test_publisher_operator_and_every_function_had_their_rights_checked(site: Site) -> None:
    callers = {row["caller"].rpartition("/")[2] for row in site.emulator.checks()}
    functions = set(site.outputs["function_names"].values())
    assert functions | {site.mode.publisher, site.mode.operator} <= callers


def test_a_token_is_read_by_functions_that_call_or_look_up_and_by_no_other(steps: Site) -> None:
    may_read = {steps.outputs["function_names"][it] for it in READERS_OF_TOKENS}
    asked = {row["caller"].rpartition("/")[2] for row in steps.emulator.checks() if reads_a_token(row)}
    read = asked & set(steps.outputs["function_names"].values())
    assert {"steps-step-invoke", "steps-step-reconcile", "steps-step-compensate"} <= read <= may_read


def reads_a_token(row: Row) -> bool:
    """Tell it from the API's reading of its own secret."""
    return row["action"] == READS_A_TOKEN and TOKEN_SECRET in row["resource"]


def test_every_execution_has_ended_and_none_carried_a_large_state(machine: Machine) -> None:
    runs = machine.runs()
    assert {run.status for run in runs} == {"SUCCEEDED", "FAILED", "ABORTED"}
    largest = max(run.largest_state for run in runs)
    assert largest < MOST_BYTES
    counted = ", ".join(f"{number} {status}" for status, number in Counter(run.status for run in runs).most_common())
    machine.site.report.append(f"{len(runs)} executions: {counted}; the largest state {largest / 1024:.1f} KB")
