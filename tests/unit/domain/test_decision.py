"""The table of design 3.2: every contract against every answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.answer import Hold
from core.domain.attempt import Brief, Fault
from core.domain.contract import LOOKED_UP, SAME_OBJECT, EffectContract, Terms
from core.domain.decision import Fail, LookUp, Park, SendNext, Settled, Step, WaitUntil, decide, quiet_at
from core.domain.effect import Effect, EffectState, Send, SendAnswer
from core.domain.errors import ErrorClass
from core.domain.intent import ExecutionPolicy
from tests.unit.making import NOW_MS, TIMING, a_brief, a_send, an_effect, terms_of

C = EffectContract
EVERY = list(C)
REFUSED = Fault(ErrorClass.VALIDATION, "REJECTED", "The provider rejects this.")
CLOSED = Fault(ErrorClass.VALIDATION, Hold.SWITCH_CLOSED.value, "Stopped.")
HELD = Fault(ErrorClass.RATE_LIMIT, Hold.THROTTLED.value, "Slow down.")
LATER_MS = NOW_MS + 60_000


def answered(answer: SendAnswer, number: int = 1, **changes: object) -> Send:
    return a_send(number, answer=answer, answered_at_ms=NOW_MS + 1_000, **changes)


def decided(effect: Effect, *, now_ms: int = LATER_MS, brief: Brief | None = None) -> Step:
    return decide(effect, brief or a_brief(), now_ms, TIMING)


DOUBT: dict[EffectContract, type[Step]] = {
    C.READ_ONLY: SendNext,
    C.PROVIDER_KEY: SendNext,
    C.NATURAL_KEY: LookUp,
    C.CLIENT_ID: LookUp,
    C.READ_BACK: LookUp,
    C.OPAQUE: Park,
}
BARRED_DOUBT = DOUBT | {C.READ_ONLY: Fail, C.PROVIDER_KEY: Park}


@pytest.mark.parametrize("contract", EVERY)
def test_a_call_that_may_still_be_under_way_is_waited_for(contract: EffectContract) -> None:
    effect = an_effect(terms_of(contract, settle_delay_ms=4_000), a_send())
    quiet = quiet_at(effect, TIMING)

    assert quiet == effect.last.deadline_ms + 4_000 + TIMING.max_skew_ms
    assert decided(effect, now_ms=quiet) == WaitUntil(quiet + 1)
    assert not isinstance(decided(effect, now_ms=quiet + 1), WaitUntil)


@pytest.mark.parametrize("contract", EVERY)
def test_finding_05_a_prepared_send_found_unanswered_is_in_doubt_and_settled_by_contract(
    contract: EffectContract,
) -> None:
    assert isinstance(decided(an_effect(terms_of(contract), a_send())), DOUBT[contract])


@pytest.mark.parametrize("contract", EVERY)
def test_an_unknown_answer_is_settled_by_contract(contract: EffectContract) -> None:
    effect = an_effect(terms_of(contract), answered(SendAnswer.UNKNOWN))

    assert isinstance(decided(effect), DOUBT[contract])


@pytest.mark.parametrize("contract", EVERY)
def test_doubt_with_no_send_left_never_sends_again(contract: EffectContract) -> None:
    effect = an_effect(terms_of(contract), answered(SendAnswer.UNKNOWN))
    spent = a_brief(policy=ExecutionPolicy(retry_count=0))
    expired = a_brief(expires_at_epoch=LATER_MS // 1000)

    assert isinstance(decided(effect, brief=spent), BARRED_DOUBT[contract])
    assert isinstance(decided(effect, brief=expired), BARRED_DOUBT[contract])


@pytest.mark.parametrize("contract", EVERY)
def test_a_refusal_after_an_unproved_send_leaves_the_doubt(contract: EffectContract) -> None:
    unknown = answered(SendAnswer.UNKNOWN)
    refused = answered(SendAnswer.REFUSED, 2, fault=REFUSED, retryable=False)
    stopped = answered(SendAnswer.NOT_SENT, 2, fault=CLOSED)

    assert isinstance(decided(an_effect(terms_of(contract), unknown, refused)), BARRED_DOUBT[contract])
    assert isinstance(decided(an_effect(terms_of(contract), unknown, stopped)), BARRED_DOUBT[contract])


@pytest.mark.parametrize("contract", EVERY)
def test_a_final_refusal_of_the_only_send_fails(contract: EffectContract) -> None:
    refused = answered(SendAnswer.REFUSED, fault=REFUSED, retryable=False)

    assert decided(an_effect(terms_of(contract), refused)) == Fail(REFUSED)


@pytest.mark.parametrize("contract", EVERY)
def test_a_closed_switch_fails_what_was_never_sent(contract: EffectContract) -> None:
    effect = an_effect(terms_of(contract), answered(SendAnswer.NOT_SENT, fault=CLOSED))

    assert decided(effect) == Fail(CLOSED)


@pytest.mark.parametrize("contract", EVERY)
@pytest.mark.parametrize("answer", [SendAnswer.REFUSED, SendAnswer.NOT_SENT])
def test_what_is_proved_unapplied_is_sent_again_after_the_wait(answer: SendAnswer, contract: EffectContract) -> None:
    effect = an_effect(terms_of(contract), answered(answer, fault=HELD, retry_after_ms=7_000))
    ready_ms = effect.last.answered_at_ms + 7_000

    assert decided(effect, now_ms=ready_ms - 1) == WaitUntil(ready_ms)
    assert decided(effect, now_ms=ready_ms) == SendNext()


@pytest.mark.parametrize("contract", EVERY)
def test_spent_sends_fail_only_when_every_one_is_proved_unapplied(contract: EffectContract) -> None:
    sends = tuple(answered(SendAnswer.NOT_SENT, number, fault=HELD) for number in (1, 2))
    policy = a_brief(policy=ExecutionPolicy(retry_count=1))

    assert decided(an_effect(terms_of(contract), *sends), brief=policy) == Fail(HELD)


@pytest.mark.parametrize("contract", EVERY)
@pytest.mark.parametrize("state", [it for it in EffectState if it is not EffectState.OPEN])
def test_a_settled_effect_leaves_nothing_to_decide(state: EffectState, contract: EffectContract) -> None:
    effect = an_effect(terms_of(contract), answered(SendAnswer.UNKNOWN), state=state)

    assert decided(effect) == Settled()


@pytest.mark.parametrize("contract", EVERY)
def test_an_effect_opened_again_by_an_operator_is_sent(contract: EffectContract) -> None:
    refused = answered(SendAnswer.REFUSED, fault=REFUSED, retryable=False)

    assert decided(an_effect(terms_of(contract), refused, opened_after=1)) == SendNext()


def test_an_approval_is_over_at_its_epoch_and_not_before() -> None:
    effect = an_effect(Terms(C.READ_ONLY), answered(SendAnswer.UNKNOWN))
    brief = a_brief(expires_at_epoch=LATER_MS // 1000)

    assert decided(effect, now_ms=LATER_MS - 1, brief=brief) == SendNext()
    last = decided(effect, now_ms=LATER_MS, brief=brief)
    assert isinstance(last, Fail)
    assert last.fault.error_code == "INTENT_EXPIRED"


def test_a_key_is_used_again_only_while_the_provider_surely_holds_it() -> None:
    effect = an_effect(terms_of(C.PROVIDER_KEY, key_retention_ms=3_600_000), answered(SendAnswer.UNKNOWN))
    slack_ms = TIMING.call_slack_ms + effect.request.timeout_ms + TIMING.max_skew_ms
    last_ms = effect.sends[0].prepared_at_ms + 3_600_000 - slack_ms - 1

    assert decided(effect, now_ms=last_ms) == SendNext()
    assert isinstance(decided(effect, now_ms=last_ms + 1), Park)


def test_a_key_that_would_be_forgotten_before_the_backoff_ends_is_not_used() -> None:
    terms = terms_of(C.PROVIDER_KEY, key_retention_ms=60_000)
    effect = an_effect(terms, answered(SendAnswer.UNKNOWN, retry_after_ms=50_000))

    assert isinstance(decided(effect, now_ms=NOW_MS + 2_000), Park)


@pytest.mark.parametrize("contract", sorted(LOOKED_UP))
def test_a_look_up_waits_until_the_write_would_show(contract: EffectContract) -> None:
    effect = an_effect(terms_of(contract, settle_delay_ms=30_000), answered(SendAnswer.UNKNOWN))
    ready_ms = effect.last.answered_at_ms + 30_000

    assert decided(effect, now_ms=ready_ms - 1) == WaitUntil(ready_ms)
    assert decided(effect, now_ms=ready_ms) == LookUp()


def test_an_opaque_tool_is_never_called_twice_after_doubt() -> None:
    effect = an_effect(Terms(C.OPAQUE), answered(SendAnswer.UNKNOWN))

    for later_s in (1, 60, 86_400, 30 * 86_400):
        assert isinstance(decided(effect, now_ms=NOW_MS + later_s * 1000), Park)


def test_every_contract_that_settles_by_look_up_is_in_the_table() -> None:
    assert {contract for contract, step in DOUBT.items() if step is LookUp} == LOOKED_UP
    assert SAME_OBJECT < LOOKED_UP
    assert DOUBT.keys() == set(C)


def test_read_only_doubt_is_no_doubt() -> None:
    effect = an_effect(Terms(C.READ_ONLY), answered(SendAnswer.UNKNOWN))

    assert effect.unproved == ()
    assert replace(effect, request=replace(effect.request, terms=Terms(C.OPAQUE))).unproved == effect.sends
