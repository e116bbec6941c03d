from __future__ import annotations

import pytest

from core.domain.execution import Execution
from core.domain.operating import Operator, cancel, retry
from core.domain.signal import SignalType
from ports.wire.outcome import outcome_document
from ports.wire.status import StatusModel, status_document
from tests.unit.making import (
    EXPIRES_S,
    NOW_MS,
    TRACE,
    a_claim,
    a_draft,
    an_intent,
    claimed,
)
from tests.unit.wire.endings import ENDINGS, REFUSED, Answered, outcome_of, settled, signal_of


def status(execution: Execution | None, *, now_ms: int = NOW_MS, known: bool = True) -> dict[str, object] | None:
    document = status_document(execution, an_intent() if known else None, now_ms)
    if document is not None:
        assert StatusModel.model_validate(document).action_type == "CREATE_CRM_TASK"
    return None if document is None else dict(document)


def test_nothing_at_all_has_no_status() -> None:
    assert status(None, known=False) is None


@pytest.mark.parametrize(("now_ms", "expected"), [(EXPIRES_S * 1000 - 1, "PENDING"), (EXPIRES_S * 1000, "EXPIRED")])
def test_an_intent_without_an_attempt_is_pending_until_it_expires(now_ms: int, expected: str) -> None:
    document = status(None, now_ms=now_ms)

    assert document is not None
    assert document["status"] == expected


@pytest.mark.parametrize("now_ms", [NOW_MS, EXPIRES_S * 1000 + 1])
def test_an_attempt_beats_the_intent_even_past_its_expiry(now_ms: int) -> None:
    document = status(claimed(), now_ms=now_ms)

    assert document is not None
    assert (document["status"], document["run"], document["trace_id"]) == ("RUNNING", 1, TRACE)


@pytest.mark.parametrize(("answer", "expected", "kind", "severity"), ENDINGS)
def test_the_outcome_beats_the_attempt_and_the_intent(
    answer: Answered, expected: str, kind: str, severity: str
) -> None:
    change = settled(answer)
    document = status(change.execution, now_ms=EXPIRES_S * 1000 + 1)

    assert document == {**outcome_document(outcome_of(change)), "action_type": "CREATE_CRM_TASK"}
    assert document["status"] == expected


def test_once_a_retry_has_opened_a_new_run_the_last_runs_failure_is_history() -> None:
    failed = settled(REFUSED).execution
    draft = a_draft(failed)
    retry(draft, Operator("ops"), "attempt-2")

    document = status(draft.change().execution)

    assert document is not None
    assert (document["status"], document["run"], document["attempt_count"]) == ("RUNNING", 2, 2)


def test_a_tombstone_is_cancelled() -> None:
    draft = a_draft()
    cancel(draft, an_intent(), Operator("ops", "changed our mind"), a_claim())
    change = draft.change()

    document = status(change.execution)

    assert document is not None
    assert (document["status"], document["error_code"], document["tool_name"]) == ("CANCELLED", "CANCELLED", None)
    assert signal_of(change).type is SignalType.ACTION_FAILED
