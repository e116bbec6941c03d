"""What follows from a look-up that did not find the effect (design 3.2)."""

from __future__ import annotations

import pytest

from core.domain.answer import CannotTell, Hold, NotHappened
from core.domain.attempt import Brief, Fault
from core.domain.contract import LOOKED_UP, SAME_OBJECT, EffectContract
from core.domain.decision import Fail, Park, SendNext, Step, WaitUntil, decide_found
from core.domain.effect import Effect, SendAnswer
from core.domain.errors import ErrorClass
from core.domain.intent import ExecutionPolicy
from tests.unit.making import NOW_MS, TIMING, a_brief, a_send, an_effect, terms_of

LATER_MS = NOW_MS + 600_000
PROOF_MS = 120_000
EVERY = sorted(LOOKED_UP)
ONE_SEND = a_brief(policy=ExecutionPolicy(retry_count=0))


def in_doubt(contract: EffectContract, *, proof_ms: int | None = None) -> Effect:
    fault = Fault(ErrorClass.TIMEOUT, "TIMEOUT", "No answer.")
    sent = a_send(answer=SendAnswer.UNKNOWN, answered_at_ms=NOW_MS + 1_000, fault=fault)
    return an_effect(terms_of(contract, absence_proof_ms=proof_ms), sent)


def absent(
    effect: Effect,
    *,
    looked_at_ms: int = LATER_MS,
    now_ms: int = LATER_MS,
    brief: Brief | None = None,
    parked: bool = False,
) -> Step:
    return decide_found(
        effect,
        brief or a_brief(),
        NotHappened(),
        looked_at_ms=looked_at_ms,
        now_ms=now_ms,
        timing=TIMING,
        look_ups=0,
        parked=parked,
    )


@pytest.mark.parametrize("contract", sorted(SAME_OBJECT))
def test_the_same_id_is_sent_again_without_any_proof_of_absence(contract: EffectContract) -> None:
    assert absent(in_doubt(contract)) == SendNext(absent=False)


def test_a_write_found_by_search_alone_is_not_sent_again_without_a_declared_bound() -> None:
    assert isinstance(absent(in_doubt(EffectContract.READ_BACK)), Park)


@pytest.mark.parametrize("contract", EVERY)
def test_absence_is_proved_by_a_look_up_begun_after_the_declared_bound(contract: EffectContract) -> None:
    effect = in_doubt(contract, proof_ms=PROOF_MS)

    assert absent(effect) == SendNext(absent=True)


def test_a_look_up_begun_before_the_bound_proves_nothing_however_late_it_answers() -> None:
    effect = in_doubt(EffectContract.READ_BACK, proof_ms=PROOF_MS)
    bound_ms = effect.last.deadline_ms + PROOF_MS + TIMING.max_skew_ms

    assert absent(effect, looked_at_ms=bound_ms) == WaitUntil(LATER_MS + 1, looked=True)
    assert absent(effect, looked_at_ms=bound_ms, now_ms=bound_ms) == WaitUntil(bound_ms + 1, looked=True)
    assert absent(effect, looked_at_ms=bound_ms + 1, now_ms=bound_ms + 1) == SendNext(absent=True)


@pytest.mark.parametrize("contract", EVERY)
def test_proved_absence_fails_when_no_further_send_is_allowed(contract: EffectContract) -> None:
    step = absent(in_doubt(contract, proof_ms=PROOF_MS), brief=ONE_SEND)

    assert isinstance(step, Fail)
    assert step.absent
    assert step.fault.error_code == "TIMEOUT"


@pytest.mark.parametrize("contract", EVERY)
def test_unproved_absence_parks_when_no_further_send_is_allowed(contract: EffectContract) -> None:
    assert isinstance(absent(in_doubt(contract), brief=ONE_SEND), Park)


@pytest.mark.parametrize("contract", EVERY)
def test_parked_work_is_never_sent_again_by_a_look_up(contract: EffectContract) -> None:
    for proof_ms in (None, PROOF_MS):
        assert not isinstance(absent(in_doubt(contract, proof_ms=proof_ms), parked=True), SendNext)


@pytest.mark.parametrize("hold", [Hold.SWITCH_CLOSED, Hold.EXPIRED])
@pytest.mark.parametrize("contract", EVERY)
def test_a_hold_between_two_sends_stops_the_sends_and_keeps_the_doubt(contract: EffectContract, hold: Hold) -> None:
    stopped = Fault(ErrorClass.VALIDATION, hold.value, "Stopped.")
    first = a_send(1, answer=SendAnswer.UNKNOWN, answered_at_ms=NOW_MS)
    second = a_send(2, answer=SendAnswer.NOT_SENT, answered_at_ms=NOW_MS, fault=stopped)

    assert isinstance(absent(an_effect(terms_of(contract), first, second)), Park)


def cannot_tell(finding: CannotTell, *, look_ups: int = 0) -> Step:
    return decide_found(
        in_doubt(EffectContract.NATURAL_KEY),
        a_brief(),
        finding,
        looked_at_ms=LATER_MS,
        now_ms=LATER_MS,
        timing=TIMING,
        look_ups=look_ups,
        parked=False,
    )


def test_a_look_up_that_cannot_tell_is_repeated_up_to_the_bound_then_parked() -> None:
    steps = [cannot_tell(CannotTell("no answer"), look_ups=spent) for spent in range(TIMING.look_up_limit)]

    assert steps[0] == WaitUntil(LATER_MS + TIMING.backoff_ms, looked=True)
    assert all(isinstance(step, WaitUntil) and step.looked for step in steps[:-1])
    assert isinstance(steps[-1], Park)


def test_an_object_changed_by_somebody_else_is_parked_at_once() -> None:
    assert isinstance(cannot_tell(CannotTell("version 3", changed_otherwise=True)), Park)


def test_waits_double_up_to_their_bound() -> None:
    waits = [TIMING.backoff(times) for times in range(1, 80)]

    assert waits[:4] == [1_000, 2_000, 4_000, 8_000]
    assert waits == sorted(waits)
    assert waits[-1] == TIMING.max_backoff_ms
