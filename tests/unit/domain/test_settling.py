"""What an answer changes: truth is taken from whoever brings it, sends only from the one who holds the intent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.answer import Answer, Applied, Flaw, Happened, Hold, NotSent, ObjectRef, Refused, Unknown
from core.domain.attempt import AttemptStatus, CompensationStatus, EffectKind
from core.domain.claiming import take_over
from core.domain.contract import EffectContract
from core.domain.decision import quiet_at
from core.domain.draft import Draft
from core.domain.effect import Effect, EffectState, Evidence
from core.domain.errors import ErrorClass
from core.domain.execution import Change, Execution, LostError
from core.domain.outcome import OutcomeStatus
from core.domain.registry import Compensation, CompensationMode
from core.domain.sending import prepare_next
from core.domain.settling import apply_found, record_answer
from core.domain.signal import SignalType
from tests.unit.making import NOW_MS, TIMING, TRACE, a_draft, prepared, terms_of

REF = ObjectRef("crm", "task", "task-7")
APPLIED = Applied((REF,), '{"success":true}')
REFUSED = Refused(ErrorClass.AUTH, "AUTH_FAILED", "The provider does not know us.")
UNKNOWN = Unknown("the connection was reset")
AUTOMATIC = Compensation(CompensationMode.AUTOMATIC, "crm.delete_task", terms=terms_of(EffectContract.OPAQUE))
EVERY = list(EffectContract)


def effect_of(execution: Execution) -> Effect:
    effect = execution.action
    assert effect is not None
    return effect


def after(execution: Execution, answer: Answer, *, send_no: int = 1, now_ms: int = NOW_MS + 1_000) -> Change:
    draft = a_draft(execution, now_ms=now_ms)
    record_answer(draft, effect_of(execution), send_no, answer, TIMING)
    return draft.change()


def told(change: Change) -> tuple[OutcomeStatus, Evidence | None] | None:
    return None if change.outcome is None else (change.outcome.status, change.outcome.evidence)


@pytest.mark.parametrize("contract", EVERY)
def test_a_proof_settles_with_outcome_ledger_and_signal_in_one_change(contract: EffectContract) -> None:
    change = after(prepared(terms_of(contract)), APPLIED)

    assert told(change) == (OutcomeStatus.SUCCEEDED, Evidence.RESPONSE)
    assert change.execution.attempt.status is AttemptStatus.SUCCEEDED
    assert [entry.event.value for entry in change.entries] == ["EFFECT_SETTLED", "ACTION_EXECUTED"]
    assert [signal.type for signal in change.signals] == [SignalType.ACTION_EXECUTED]
    assert change.outcome is not None
    assert change.outcome.external_object_refs == (REF,)
    assert change.outcome.tool_run_ref == f"toolrun/{TRACE}/1/crm.create_task"


@pytest.mark.parametrize("contract", EVERY)
def test_a_final_refusal_of_the_only_send_is_told_as_failed(contract: EffectContract) -> None:
    change = after(prepared(terms_of(contract)), REFUSED)

    assert told(change) == (OutcomeStatus.FAILED, Evidence.RESPONSE)
    assert change.outcome is not None
    assert change.outcome.fault is not None
    assert change.outcome.fault.error_code == "AUTH_FAILED"
    assert [signal.type for signal in change.signals] == [SignalType.ACTION_FAILED]


@pytest.mark.parametrize("contract", EVERY)
def test_an_unknown_answer_is_never_told_as_failed(contract: EffectContract) -> None:
    change = after(prepared(terms_of(contract)), UNKNOWN)

    assert change.outcome is None or change.outcome.status is OutcomeStatus.IN_DOUBT
    assert change.execution.attempt.status in {AttemptStatus.RUNNING, AttemptStatus.IN_DOUBT}


def test_doubt_about_an_opaque_tool_is_told_at_once_and_parked() -> None:
    change = after(prepared(terms_of(EffectContract.OPAQUE)), UNKNOWN)

    assert told(change) == (OutcomeStatus.IN_DOUBT, None)
    assert change.execution.attempt.parked is not None
    assert [signal.type for signal in change.signals] == [SignalType.ACTION_IN_DOUBT]
    assert change.outcome is not None
    assert change.outcome.completed_at_ms is None


@pytest.mark.parametrize("hold", [Hold.SWITCH_CLOSED, Hold.EXPIRED])
def test_what_was_held_back_for_good_fails_with_its_own_code(hold: Hold) -> None:
    change = after(prepared(terms_of(EffectContract.OPAQUE)), NotSent(hold, "Stopped."))

    assert change.outcome is not None
    assert change.outcome.fault is not None
    assert (change.outcome.status, change.outcome.fault.error_code) == (OutcomeStatus.FAILED, hold.value)
    assert change.outcome.fault.error_class is ErrorClass.VALIDATION


@pytest.mark.parametrize(
    ("hold", "error_class"), [(Hold.BUSY, ErrorClass.RATE_LIMIT), (Hold.BREAKER_OPEN, ErrorClass.DOWNSTREAM)]
)
def test_what_our_own_guards_hold_back_is_sent_later_and_spends_nothing(hold: Hold, error_class: ErrorClass) -> None:
    change = after(prepared(terms_of(EffectContract.OPAQUE)), NotSent(hold, "Held.", 9_000))

    effect = change.execution.action
    assert effect is not None
    assert effect.last.fault is not None
    assert (effect.spent, effect.last.fault.error_class) == (0, error_class)
    assert change.outcome is None
    assert change.execution.attempt.due_at_ms == effect.last.answered_at_ms + 9_000


@pytest.mark.parametrize(
    "answer",
    [
        NotSent(Hold.THROTTLED, "Slow down.", 9_000),
        Refused(ErrorClass.RATE_LIMIT, "LIMIT", "Slow down.", retryable=True, retry_after_ms=9_000),
    ],
    ids=str,
)
@pytest.mark.parametrize("contract", EVERY)
def test_the_wait_that_was_asked_for_is_when_it_is_due(contract: EffectContract, answer: Answer) -> None:
    change = after(prepared(terms_of(contract)), answer)

    effect = change.execution.action
    assert effect is not None
    assert change.execution.attempt.due_at_ms == effect.last.answered_at_ms + 9_000


def test_a_late_proof_settles_whoever_brings_it() -> None:
    execution = prepared(terms_of(EffectContract.OPAQUE))
    draft = a_draft(execution, now_ms=execution.attempt.lease_until_ms + TIMING.max_skew_ms + 1)
    take_over(draft, "owner-2", TIMING)

    change = after(draft.change().execution, APPLIED)

    assert told(change) == (OutcomeStatus.SUCCEEDED, Evidence.RESPONSE)


def test_a_late_proof_supersedes_a_parked_doubt_by_a_new_revision() -> None:
    parked = after(prepared(terms_of(EffectContract.OPAQUE)), UNKNOWN)

    change = after(parked.execution, APPLIED)

    assert told(change) == (OutcomeStatus.SUCCEEDED, Evidence.RESPONSE)
    assert parked.outcome is not None
    assert change.outcome is not None
    assert (parked.outcome.revision, change.outcome.revision) == (1, 2)


def test_a_send_by_key_that_was_judged_in_time_and_held_up_since_is_not_prepared() -> None:
    terms = replace(terms_of(EffectContract.PROVIDER_KEY), key_retention_ms=60_000)
    draft = a_draft(prepared(terms), now_ms=NOW_MS + 600_000)

    with pytest.raises(LostError):
        prepare_next(draft, owner="owner-1", generation=1, judged_send_no=1, absent=False, timing=TIMING)


def test_a_late_refusal_settles_only_its_own_send() -> None:
    execution = prepared(terms_of(EffectContract.NATURAL_KEY))
    late_ms = NOW_MS + 600_000
    draft = a_draft(execution, now_ms=late_ms)
    prepare_next(draft, owner="owner-1", generation=1, judged_send_no=1, absent=False, timing=TIMING)

    change = after(draft.change().execution, REFUSED, send_no=2, now_ms=late_ms + 1)

    effect = effect_of(change.execution)
    assert effect.state is EffectState.OPEN
    assert [send.number for send in effect.unproved] == [1]
    assert change.outcome is None


def test_a_replayed_refusal_by_key_speaks_of_every_send() -> None:
    execution = prepared(terms_of(EffectContract.PROVIDER_KEY))
    late_ms = NOW_MS + 600_000
    draft = a_draft(execution, now_ms=late_ms)
    prepare_next(draft, owner="owner-1", generation=1, judged_send_no=1, absent=False, timing=TIMING)

    change = after(draft.change().execution, replace(REFUSED, replayed=True), send_no=2, now_ms=late_ms + 1)

    assert told(change) == (OutcomeStatus.FAILED, Evidence.RESPONSE)


def test_a_replayed_refusal_that_may_be_accepted_later_speaks_of_its_own_send_alone() -> None:
    draft = a_draft(after(prepared(terms_of(EffectContract.PROVIDER_KEY)), UNKNOWN).execution, now_ms=NOW_MS + 2_000)
    prepare_next(draft, owner="owner-1", generation=1, judged_send_no=1, absent=False, timing=TIMING)

    later = replace(REFUSED, retryable=True, replayed=True)
    change = after(draft.change().execution, later, send_no=2, now_ms=NOW_MS + 2_100)

    # The first may be on its way, and be accepted when it comes.
    assert [it.number for it in effect_of(change.execution).unproved] == [1]
    assert told(change) is None


def test_the_same_answer_twice_changes_nothing_the_second_time() -> None:
    settled = after(prepared(terms_of(EffectContract.OPAQUE)), APPLIED)

    for answer in (APPLIED, REFUSED, UNKNOWN):
        again = after(settled.execution, answer)
        assert (again.outcome, again.signals, again.entries) == (None, (), ())
        assert effect_of(again.execution).state is EffectState.APPLIED


def test_what_a_look_up_found_is_settled_by_read_back() -> None:
    execution = prepared(terms_of(EffectContract.READ_BACK))
    draft = a_draft(execution)

    apply_found(draft, effect_of(execution), Happened((REF,)))

    assert told(draft.change()) == (OutcomeStatus.SUCCEEDED, Evidence.READ_BACK)


@pytest.mark.parametrize("flaw", list(Flaw))
def test_a_flawed_write_is_undone_automatically_only_where_the_registry_says_so(flaw: Flaw) -> None:
    flawed = replace(APPLIED, flaw=flaw)
    terms = terms_of(EffectContract.NATURAL_KEY)

    automatic = after(prepared(terms, compensation=AUTOMATIC), flawed)
    manual = after(prepared(terms, compensation=Compensation(CompensationMode.MANUAL)), flawed)

    assert automatic.execution.attempt.work is EffectKind.UNDO
    assert automatic.execution.attempt.compensation is CompensationStatus.PENDING
    assert automatic.outcome is None
    assert told(manual) == (OutcomeStatus.IN_DOUBT, Evidence.RESPONSE)


def test_a_flawed_write_whose_object_is_not_named_is_never_undone_blindly() -> None:
    terms = terms_of(EffectContract.NATURAL_KEY)
    flawed = Applied((), "", flaw=Flaw.PARTIAL)

    change = after(prepared(terms, compensation=AUTOMATIC), flawed)

    assert told(change) == (OutcomeStatus.IN_DOUBT, Evidence.RESPONSE)


def test_a_repeated_commit_of_one_transition_is_identical() -> None:
    execution = prepared(terms_of(EffectContract.OPAQUE))

    assert after(execution, APPLIED) == after(execution, APPLIED)


def test_a_response_that_could_not_be_stored_apart_is_cut_to_64_kb_of_bytes() -> None:
    change = after(prepared(terms_of(EffectContract.OPAQUE)), Applied((REF,), "€" * 64 * 1024))

    response = effect_of(change.execution).response
    assert response is not None
    assert len(response.encode()) <= 64 * 1024


def test_a_draft_without_an_attempt_says_so() -> None:
    draft = Draft(None, now_ms=NOW_MS, nonce="nonce")

    assert not draft.exists
    with pytest.raises(LookupError):
        _ = draft.attempt


def test_a_repeated_refusal_that_is_settled_late_says_nothing_of_a_send_that_came_after_it() -> None:
    execution = prepared(terms_of(EffectContract.PROVIDER_KEY))
    first = execution.action
    assert first is not None
    now_ms = quiet_at(first, TIMING) + 60_000
    draft = a_draft(execution, now_ms=now_ms)
    take_over(draft, "owner-2", TIMING)
    draft = a_draft(draft.change().execution, now_ms=now_ms)
    prepare_next(draft, owner="owner-2", generation=2, judged_send_no=1, absent=False, timing=TIMING)
    execution = draft.change().execution
    effect = execution.action
    assert effect is not None
    draft = a_draft(execution, now_ms=now_ms + 100)
    record_answer(draft, effect, 1, Refused(ErrorClass.VALIDATION, "NO", "No.", replayed=True), TIMING)
    after = draft.change().execution.action
    assert after is not None
    assert [it.number for it in after.unproved] == [2]
