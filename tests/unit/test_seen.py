"""What the comparison of installations leaves out: sends that were held for no fault of the action's own."""

from __future__ import annotations

import pytest

from core.domain.answer import Applied, Hold, NotSent, ObjectRef
from core.domain.changing import changed as with_changes
from core.domain.draft import Draft
from core.domain.execution import Change, Execution
from core.domain.sending import prepare_next
from core.domain.settling import record_answer
from tests.contract.samples import NOW_MS, TIMING, changed, claimed
from tests.deployed.seen import Row, entries_seen

APPLIED = Applied((ObjectRef("crm", "task", "task-7"),), "{}")


@pytest.mark.parametrize("hold", [Hold.SWITCH_UNREADABLE, Hold.TOO_LATE, Hold.BUSY, Hold.BREAKER_OPEN])
def test_a_send_that_was_held_by_chance_makes_no_difference(hold: Hold) -> None:
    assert carried_out(NotSent(hold, "not now")) == carried_out()


def test_a_send_that_counts_makes_one() -> None:
    assert carried_out(NotSent(Hold.THROTTLED, "slower")) != carried_out()


def carried_out(*before: NotSent) -> list[Row]:
    """What is seen of an action that was answered so, and then applied."""
    first = claimed()
    execution, entries = first.execution, [*first.entries]
    answers: list[NotSent | Applied] = [*before, APPLIED]
    for number, answer in enumerate(answers, start=1):
        change = answered(execution, number, answer)
        entries += change.entries
        execution = change.execution
        if answer is not APPLIED:
            change = sent_again(execution, number)
            entries += change.entries
            execution = change.execution
    return [{**it, "deadline_ms": 0} for it in entries_seen(entries, execution)]


def answered(execution: Execution, number: int, answer: NotSent | Applied) -> Change:
    def transition(draft: Draft) -> None:
        (effect,) = draft.execution.effects
        record_answer(draft, effect, number, answer, TIMING)

    return changed(execution, transition, now_ms=NOW_MS + 100)


def sent_again(execution: Execution, number: int) -> Change:
    # Given back while it waited; whoever comes when it is due holds it anew.
    held = with_changes(execution, attempt=with_changes(execution.attempt, waiting=False))

    def transition(draft: Draft) -> None:
        prepare_next(draft, owner="worker", generation=1, judged_send_no=number, absent=False, timing=TIMING)

    return changed(held, transition, now_ms=NOW_MS + 60_000)
