"""What operators do: each act is done once, proved safe, rehearsed to the same words, and on record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.memory.clock import FakeClock
from core.domain.keys import IntentKey
from core.domain.ledger import Chain
from tests.api.callers import OPERATOR
from tests.api.stand import Answer, Stand

AT = "account_id=emea"
WHY = {"reason": "the customer called\nand said so"}
HAPPENED = {"happened": True, "evidence": "letter 12 is in the outbox"}
NOT_HAPPENED = {"happened": False, "evidence": "there is no such letter", "reason": "looked on Monday"}


def act(stand: Stand, intent: str, verb: str, body: object, *, dry_run: bool = False) -> Answer:
    query = AT + ("&dry_run=true" if dry_run else "")
    return stand.ask("POST", f"/executions/{intent}/{verb}", token=stand.as_(OPERATOR), body=body, query=query)


def record(stand: Stand, intent: str) -> list[tuple[str, dict[str, Any]]]:
    entries = stand.container.ledger().entries(Chain("acme", f"emea/{intent}"))
    return [(it.event.value, json.loads(it.body)) for it in entries]


def clock_of(stand: Stand) -> FakeClock:
    clock = stand.container.clock()
    assert isinstance(clock, FakeClock)
    return clock


def rehearsed(stand: Stand, intent: str, verb: str, body: object) -> dict[str, Any]:
    """The dry run, which wrote nothing."""
    before = stand.rows()
    answer = act(stand, intent, verb, body, dry_run=True)
    assert answer.status == 200, answer.text
    assert stand.rows() == before
    told = answer.document
    assert told.pop("act") == verb
    return told


def test_cancelling_what_was_never_sent_is_done_and_on_record(stand: Stand) -> None:
    told = rehearsed(stand, "pending-acme-emea", "cancel", WHY)
    assert told == {
        "allowed": True,
        "would_repeat_a_write": False,
        "reason": "Nothing was sent, and nothing will be.",
    }
    done = act(stand, "pending-acme-emea", "cancel", WHY)
    assert (done.status, done.document["status"]["status"], done.document["act"]) == (200, "CANCELLED", "cancel")
    event, body = record(stand, "pending-acme-emea")[-1]
    assert (event, body["operator"], body["reason"]) == ("EXECUTION_CANCELLED", "ada", WHY["reason"])


@pytest.mark.parametrize(
    ("intent", "verb", "body", "repeats"),
    [
        ("doubt-acme-emea", "cancel", WHY, False),
        ("done-acme-emea", "cancel", WHY, False),
        ("doubt-acme-emea", "retry", WHY, True),
        ("done-acme-emea", "retry", WHY, True),
        ("done-acme-emea", "resolve", HAPPENED, False),
        ("doubt-acme-emea", "undo", WHY, False),
    ],
)
def test_what_is_not_proved_safe_is_refused_in_the_words_of_its_dry_run(
    stand: Stand, intent: str, verb: str, body: object, repeats: bool
) -> None:
    told = rehearsed(stand, intent, verb, body)
    assert (told["allowed"], told["would_repeat_a_write"]) == (False, repeats)
    before = stand.rows()
    refused = act(stand, intent, verb, body)
    assert refused.status == 409
    assert refused.document == {"error": told["reason"], "error_code": "OPERATION_REFUSED"}
    assert stand.rows() == before


def test_doubt_is_settled_by_the_operators_word_with_how_he_knows(stand: Stand) -> None:
    assert rehearsed(stand, "doubt-acme-emea", "resolve", HAPPENED)["allowed"]
    done = act(stand, "doubt-acme-emea", "resolve", HAPPENED).document
    assert (done["status"]["status"], done["status"]["evidence"]) == ("SUCCEEDED", "OPERATOR")
    (body,) = [body for event, body in record(stand, "doubt-acme-emea") if event == "OPERATOR_RESOLVED"]
    assert (body["operator"], body["evidence_text"], body["happened"]) == ("ada", HAPPENED["evidence"], True)


def test_a_retry_after_an_operators_word_alone_is_allowed_and_said_to_repeat_a_write(stand: Stand) -> None:
    act(stand, "doubt-acme-emea", "resolve", NOT_HAPPENED)
    told = rehearsed(stand, "doubt-acme-emea", "retry", WHY)
    assert (told["allowed"], told["would_repeat_a_write"]) == (True, True)
    assert "operator's word" in told["reason"]
    done = act(stand, "doubt-acme-emea", "retry", WHY).document
    assert (done["status"]["status"], done["status"]["run"]) == ("RUNNING", 2)
    event, body = record(stand, "doubt-acme-emea")[-1]
    assert (event, body["operator"], body["reason"]) == ("OPERATOR_RETRIED", "ada", WHY["reason"])


def test_an_undo_is_asked_for_once_and_a_worker_hears_of_it(stand: Stand) -> None:
    assert rehearsed(stand, "done-acme-emea", "undo", WHY) == {
        "allowed": True,
        "would_repeat_a_write": False,
        "reason": "What is to be removed is proved to be there.",
    }
    done = act(stand, "done-acme-emea", "undo", WHY).document
    assert done["status"]["compensation_status"] in {"NONE", "PENDING"}
    event, body = record(stand, "done-acme-emea")[-1]
    assert (event, body["act"], body["operator"], body["while_stopped"]) == ("DECISION", "undo", "ada", False)
    assert act(stand, "done-acme-emea", "undo", WHY).status == 409


def test_an_undo_past_a_closed_switch_must_say_so(stand: Stand) -> None:
    body = {"closed": True, "reason": "stop"}
    assert stand.ask("PUT", "/kill-switches", token=stand.as_(OPERATOR), body=body).status == 200
    # A reading of the switches is good for a second.
    clock_of(stand).advance(1_001)
    assert act(stand, "done-acme-emea", "undo", WHY).status == 409
    assert act(stand, "done-acme-emea", "undo", WHY | {"while_stopped": True}).status == 200
    assert record(stand, "done-acme-emea")[-1][1]["while_stopped"] is True


def test_a_switch_is_closed_and_opened_and_both_are_on_record(stand: Stand) -> None:
    token = stand.as_(OPERATOR)
    for closed in (True, False):
        body = {"closed": closed, "action_type": "CREATE_TASK", "reason": "wrong owners"}
        thrown = stand.ask("PUT", "/kill-switches", token=token, body=body).document
        assert thrown == {
            "scope": "ACTION_TYPE",
            "tenant_id": "acme",
            "action_type": "CREATE_TASK",
            "closed": closed,
        }
        shown = stand.ask("GET", "/kill-switches", token=token).document["switches"]
        assert shown == ([thrown] if closed else [])
    entries = stand.container.ledger().entries(Chain("acme", "switches"))[-2:]
    bodies = [json.loads(it.body) for it in entries]
    assert [(it["closed"], it["operator"], it["reason"]) for it in bodies] == [
        (True, "ada", "wrong owners"),
        (False, "ada", "wrong owners"),
    ]


def test_a_global_switch_of_one_action_type_is_refused(stand: Stand) -> None:
    token = stand.as_(OPERATOR | {"custom:role": "installation-operator"})
    body = {"scope": "GLOBAL", "action_type": "CREATE_TASK", "closed": True, "reason": "r"}
    answer = stand.ask("PUT", "/kill-switches", token=token, body=body)
    assert (answer.status, answer.document["error"].split(":")[0]) == (400, "action_type")


def test_resolving_too_early_is_refused_and_says_when(stand: Stand) -> None:
    key = IntentKey("acme", "emea", "doubt-acme-emea")
    execution = stand.container.executions().load(key)
    assert execution is not None
    (one,) = stand.ask("GET", "/in-doubt", token=stand.as_(OPERATOR)).document["executions"]
    assert one["can_resolve_at"] is not None
    clock_of(stand).jump(-3_599_000)
    told = rehearsed(stand, "doubt-acme-emea", "resolve", HAPPENED)
    assert not told["allowed"]
    assert "still be under way" in told["reason"]
