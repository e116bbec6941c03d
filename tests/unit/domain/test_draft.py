"""A draft shows every change at once, however late the row is made."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from core.domain.attempt import Attempt, AttemptStatus, ChainHead
from core.domain.draft import Draft
from core.domain.ledger import LedgerEvent, verify
from tests.contract.samples import claimed


def a_draft() -> Draft:
    return Draft(claimed().execution, now_ms=5, nonce="nonce-2")


def test_changes_add_up_and_the_last_one_counts() -> None:
    draft, before = a_draft(), claimed().execution.attempt
    draft.set(run=7, look_ups=1)
    draft.set(run=8)
    assert draft.attempt == replace(before, run=8, look_ups=1)
    draft.set(parked="why", status=AttemptStatus.IN_DOUBT)
    assert draft.execution.attempt == replace(before, run=8, look_ups=1, parked="why", status=AttemptStatus.IN_DOUBT)


def test_every_field_can_be_changed_but_those_that_say_whose_it_is() -> None:
    before = claimed().execution.attempt
    for name in {it.name for it in fields(Attempt)} - {"key", "brief"}:
        draft, mark = a_draft(), object()
        draft.set(**{name: mark})
        assert [it.name for it in fields(Attempt) if getattr(draft.attempt, it.name) is mark] == [name]
        assert draft.attempt.key == before.key


@pytest.mark.parametrize("name", ["key", "brief", "colour"])
def test_what_cannot_be_changed_is_refused(name: str) -> None:
    with pytest.raises(LookupError):
        a_draft().set(**{name: 1})
    with pytest.raises(LookupError):
        Draft(None, now_ms=5, nonce="nonce").set(run=1)


def test_the_ledger_tells_of_changes_that_nobody_has_read_and_forms_one_chain() -> None:
    draft = Draft(
        replace(claimed().execution, attempt=replace(claimed().execution.attempt, head=ChainHead())),
        now_ms=5,
        nonce="n",
    )
    draft.set(run=3, generation=9)
    draft.note(LedgerEvent.EXECUTION_STARTED, {})
    draft.set(generation=10)
    draft.note(LedgerEvent.ACTION_FAILED, {"x": 1})
    change = draft.change()
    assert '"generation":9' in change.entries[0].body
    assert '"run":3' in change.entries[0].body
    assert '"generation":10' in change.entries[1].body
    assert verify(change.entries, change.execution.attempt.head) is None
    assert change.execution.attempt.nonce == "n"
    assert change.execution.attempt.version == change.expected_version + 1
