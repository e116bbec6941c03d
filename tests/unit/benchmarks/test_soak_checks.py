"""The soak's checks find what is broken."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.soak_checks import faults_of

INTENTS = {"one": "CREATE_CRM_TASK", "two": "SEND_LETTER"}


def outcome(intent: str, status: str, **more: str) -> dict[str, str]:
    return {"action_intent_id": intent, "status": status, **more}


def write(intent: str) -> dict[str, str]:
    return {"action_intent_id": intent, "op": "WRITE"}


def told(intent: str, signal: str) -> dict[str, Any]:
    return {"detail-type": signal, "detail": {"data": {"action_intent_id": intent}}}


GOOD: tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]] = (
    [outcome("one", "SUCCEEDED"), outcome("two", "IN_DOUBT")],
    [write("one"), {"action_intent_id": "one", "op": "READ"}],
    [told("one", "ACTION_EXECUTED"), told("two", "ACTION_IN_DOUBT")],
)


def test_what_is_true_and_told_has_no_fault() -> None:
    assert faults_of(INTENTS, *GOOD) == []


@pytest.mark.parametrize(
    ("outcomes", "log", "signals", "fault"),
    [
        (GOOD[0][:1], GOOD[1], GOOD[2], "two was lost"),
        (GOOD[0], [*GOOD[1], write("one")], GOOD[2], "one was written 2 times"),
        (GOOD[0], [*GOOD[1], write("three")], GOOD[2], "three was written and is nowhere"),
        (GOOD[0], [], GOOD[2], "one is SUCCEEDED: nothing was written"),
        ([outcome("one", "FAILED"), GOOD[0][1]], GOOD[1], GOOD[2], "one is FAILED: it was written"),
        ([outcome("one", "IN_DOUBT"), GOOD[0][1]], GOOD[1], GOOD[2], "one is IN_DOUBT: CREATE_CRM_TASK can be settled"),
        (
            [outcome("one", "IN_DOUBT", error_code="LOOK_UPS_SPENT"), GOOD[0][1]],
            GOOD[1],
            GOOD[2],
            "one is IN_DOUBT (LOOK_UPS_SPENT): CREATE_CRM_TASK can be settled",
        ),
        ([outcome("one", "RUNNING"), GOOD[0][1]], GOOD[1], GOOD[2], "one is RUNNING: it has not ended"),
        (GOOD[0], GOOD[1], GOOD[2][1:], "one is SUCCEEDED, and nobody was told"),
    ],
)
def test_what_is_broken_is_said(
    outcomes: list[dict[str, Any]], log: list[dict[str, Any]], signals: list[dict[str, Any]], fault: str
) -> None:
    assert fault in faults_of(INTENTS, outcomes, log, signals)
