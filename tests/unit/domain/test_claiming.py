"""Who may work on an intent, and with which fencing number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.attempt import AttemptStatus
from core.domain.claiming import Claim, claim, fence, take_over
from core.domain.contract import EffectContract, Terms
from core.domain.errors import ExecutionAlreadyInProgressError, PayloadConflictError
from core.domain.execution import AlreadyFinishedError, Execution, LostError
from core.domain.sending import prepare_next
from tests.unit.making import NOW_MS, TIMING, TRACE, a_claim, a_draft, an_intent, claimed, prepared

LEASE_OVER_MS = NOW_MS + TIMING.lease_ms + TIMING.max_skew_ms + 1
FINISHED = [AttemptStatus.SUCCEEDED, AttemptStatus.FAILED, AttemptStatus.CANCELLED]


def with_attempt(execution: Execution, **changes: object) -> Execution:
    draft = a_draft(execution)
    draft.set(**changes)
    return draft.change().execution


def test_the_first_claim_opens_an_attempt_of_generation_one() -> None:
    attempt = claimed().attempt

    assert (attempt.status, attempt.generation, attempt.run, attempt.attempt_count) == (AttemptStatus.RUNNING, 1, 1, 1)
    assert attempt.fingerprint == an_intent().fingerprint
    assert attempt.lease_until_ms == NOW_MS + TIMING.lease_ms
    assert attempt.due_at_ms is not None
    assert attempt.due_at_ms > attempt.lease_until_ms + TIMING.max_skew_ms


def test_every_execution_has_a_trace_of_its_own_beside_that_of_the_decision() -> None:
    brief = claimed().attempt.brief

    assert (brief.trace_id, brief.decision_trace_id) == (TRACE, "trace-of-decision")


def test_finding_12_a_live_lease_turns_every_other_owner_away() -> None:
    for now_ms in (NOW_MS, LEASE_OVER_MS - 1):
        with pytest.raises(ExecutionAlreadyInProgressError):
            claim(a_draft(claimed(), now_ms=now_ms), an_intent(), a_claim("owner-2"), TIMING)


def test_finding_12_whoever_takes_over_after_the_lease_fences_the_one_before() -> None:
    draft = a_draft(claimed(), now_ms=LEASE_OVER_MS)

    claim(draft, an_intent(), a_claim("owner-2"), TIMING)

    assert (draft.attempt.owner, draft.attempt.generation) == ("owner-2", 2)
    with pytest.raises(LostError):
        fence(draft.attempt, "owner-1", 1)
    with pytest.raises(LostError):
        fence(draft.attempt, "owner-2", 1)


def test_finding_12_of_two_claims_on_the_same_row_only_one_can_be_committed() -> None:
    existing = claimed()
    drafts = [a_draft(existing, now_ms=LEASE_OVER_MS) for _ in range(2)]
    for number, draft in enumerate(drafts):
        take_over(draft, f"owner-{number + 2}", TIMING)

    one, other = (draft.change() for draft in drafts)

    assert one.expected_version == other.expected_version == existing.attempt.version
    assert one.execution.attempt.version == other.execution.attempt.version == existing.attempt.version + 1


def test_a_redelivered_message_knows_its_own_attempt() -> None:
    draft = a_draft(claimed())

    take_over(draft, "owner-1", TIMING)

    assert draft.attempt.generation == 2
    assert draft.attempt.attempt_count == 1


@pytest.mark.parametrize("status", FINISHED)
@pytest.mark.parametrize("years", [0, 1, 50])
def test_finished_work_is_never_claimed_again_however_late_the_redelivery(status: AttemptStatus, years: int) -> None:
    finished = with_attempt(claimed(), status=status, work=None)
    late = a_draft(finished, now_ms=NOW_MS + years * 31_536_000_000)

    for owner in ("owner-1", "owner-2"):
        with pytest.raises(AlreadyFinishedError):
            claim(late, an_intent(), a_claim(owner), TIMING)


def test_parked_work_is_not_claimed_by_a_delivery() -> None:
    parked = with_attempt(claimed(), status=AttemptStatus.IN_DOUBT, parked="nobody knows")

    with pytest.raises(AlreadyFinishedError):
        claim(a_draft(parked, now_ms=LEASE_OVER_MS), an_intent(), a_claim(), TIMING)


def test_another_body_under_the_same_id_is_refused_before_anything_else_is_looked_at() -> None:
    other = an_intent(parameters={"title": "Something else"})
    finished = with_attempt(claimed(), status=AttemptStatus.SUCCEEDED, work=None)

    for existing in (claimed(), finished):
        draft = a_draft(existing, now_ms=LEASE_OVER_MS)
        with pytest.raises(PayloadConflictError):
            claim(draft, other, a_claim(), TIMING)
        assert draft.attempt == existing.attempt


def test_a_fenced_owner_can_prepare_no_send() -> None:
    execution = prepared(Terms(EffectContract.READ_ONLY))
    draft = a_draft(execution, now_ms=execution.attempt.lease_until_ms + TIMING.max_skew_ms + 1)
    take_over(draft, "owner-2", TIMING)

    with pytest.raises(LostError):
        prepare_next(draft, owner="owner-1", generation=1, judged_send_no=1, absent=False, timing=TIMING)


def test_no_send_is_prepared_while_the_last_one_may_be_under_way() -> None:
    execution = prepared(Terms(EffectContract.READ_ONLY, settle_delay_ms=3_000))
    effect = execution.action
    assert effect is not None
    quiet_ms = effect.last.deadline_ms + 3_000 + TIMING.max_skew_ms

    with pytest.raises(LostError):
        prepare_next(
            a_draft(execution, now_ms=quiet_ms),
            owner="owner-1",
            generation=1,
            judged_send_no=1,
            absent=False,
            timing=TIMING,
        )
    sent = prepare_next(
        a_draft(execution, now_ms=quiet_ms + 1),
        owner="owner-1",
        generation=1,
        judged_send_no=1,
        absent=False,
        timing=TIMING,
    )
    assert sent.send_no == 2


def test_a_send_is_prepared_only_after_the_one_that_was_judged() -> None:
    execution = prepared(Terms(EffectContract.READ_ONLY))
    late = a_draft(execution, now_ms=NOW_MS + 10_000_000)

    with pytest.raises(LostError):
        prepare_next(late, owner="owner-1", generation=1, judged_send_no=0, absent=False, timing=TIMING)


def test_call_deadline_and_lease_end_in_this_order_with_skew_to_spare() -> None:
    execution = prepared(Terms(EffectContract.OPAQUE))
    effect = execution.action
    assert effect is not None
    call_end_ms = NOW_MS + effect.request.timeout_ms

    assert effect.last.deadline_ms >= call_end_ms + TIMING.max_skew_ms
    assert execution.attempt.lease_until_ms >= effect.last.deadline_ms + TIMING.max_skew_ms


def test_a_claim_keeps_who_approved() -> None:
    by = Claim("owner-1", "attempt-1", TRACE, approval_source="POLICY", auto_executed=True)
    draft = a_draft()

    claim(draft, an_intent(), by, TIMING)

    assert (draft.attempt.brief.approval_source, draft.attempt.brief.auto_executed) == ("POLICY", True)
    assert replace(draft.attempt.brief, approval_source=None, auto_executed=None) == claimed().attempt.brief
