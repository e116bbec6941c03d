"""Advance: one send, only after the send that was judged, and only while what was judged is fresh."""

from __future__ import annotations

import pytest

from core.domain.answer import Applied, CannotTell, Happened, NotHappened, ObjectRef, Refused, Unknown
from core.domain.attempt import AttemptStatus
from core.domain.contract import EffectContract
from core.domain.errors import ErrorClass
from core.domain.execution import Execution, LostError
from core.domain.sending import Sending
from tests.unit.making import TIMING, an_entry, terms_of
from tests.unit.orchestrating import OURS, Bench

APPLIED = Applied((ObjectRef("crm", "task", "7"),), "{}")
LOST = Unknown("the reply was lost")
DAY_MS = 86_400_000
QUIET_MS = 400_000


@pytest.fixture
def bench() -> Bench:
    return Bench(entry=an_entry(terms=terms_of(EffectContract.READ_BACK, absence_proof_ms=0)))


def in_doubt(bench: Bench) -> Execution:
    """One send without a reply, whose time is over; the claim is taken again."""
    bench.tool.answers = [LOST]
    bench.advance.sent(bench.claimed(), Sending())
    bench.clock.advance(QUIET_MS)
    return bench.advance.taken_over(bench.stored(), OURS.order.owner)


def in_doubt_and_absent(bench: Bench) -> Execution:
    execution = in_doubt(bench)
    bench.tool.findings = [NotHappened()]
    return execution


def test_the_first_send_needs_no_judgement(bench: Bench) -> None:
    bench.tool.answers = [APPLIED]
    claimed = bench.claimed()
    assert bench.advance.judged(claimed) == (claimed, Sending())
    assert bench.advance.sent(claimed, Sending()).attempt.status is AttemptStatus.SUCCEEDED
    assert len(bench.tool.calls) == 1


def test_every_send_of_an_update_is_given_the_image_that_was_stored_before_the_first() -> None:
    bench = Bench(entry=an_entry(terms=terms_of(EffectContract.READ_BACK, absence_proof_ms=0, before_tool="crm.get")))
    bench.tool.before = "as it was"
    execution = in_doubt_and_absent(bench)
    bench.tool.before = "as somebody else has left it"
    bench.tool.answers = [APPLIED]
    execution, sending = bench.advance.judged(execution)
    assert sending is not None
    bench.advance.sent(execution, sending)
    assert bench.tool.given == ["as it was", "as it was"]


@pytest.mark.parametrize("judged", [0, 2, 7])
def test_no_send_follows_another_send_than_the_one_that_was_judged(bench: Bench, judged: int) -> None:
    execution = in_doubt(bench)
    assert execution.open_effect is not None
    assert execution.open_effect.send_no == 1
    with pytest.raises(LostError):
        bench.advance.sent(execution, Sending(judged, absent=True, judged_at_ms=bench.clock.now_ms()))
    assert len(bench.tool.calls) == 1
    assert bench.stored() == execution


def test_a_first_send_that_was_judged_as_a_later_one_is_not_sent(bench: Bench) -> None:
    claimed = bench.claimed()
    with pytest.raises(LostError):
        bench.advance.sent(claimed, Sending(1, absent=True, judged_at_ms=bench.clock.now_ms()))
    assert bench.tool.calls == []


def test_one_judgement_is_good_for_one_send(bench: Bench) -> None:
    execution = in_doubt(bench)
    bench.tool.findings = [NotHappened()]
    execution, sending = bench.advance.judged(execution)
    assert sending == Sending(1, absent=True, judged_at_ms=bench.clock.now_ms())
    bench.tool.answers = [LOST]
    bench.advance.sent(execution, sending)
    for stale in (execution, bench.stored()):
        with pytest.raises(LostError):
            bench.advance.sent(stale, sending)
    assert len(bench.tool.calls) == 2


def test_a_judgement_is_good_for_as_long_as_a_lease(bench: Bench) -> None:
    execution, sending = bench.advance.judged(in_doubt_and_absent(bench))
    assert sending is not None
    bench.clock.advance(TIMING.lease_ms)
    bench.tool.answers = [APPLIED]
    assert bench.advance.sent(execution, sending).attempt.status is AttemptStatus.SUCCEEDED


def test_a_judgement_that_is_older_is_no_ground_to_send_on(bench: Bench) -> None:
    execution, sending = bench.advance.judged(in_doubt_and_absent(bench))
    assert sending is not None
    bench.clock.advance(TIMING.lease_ms + 1)
    with pytest.raises(LostError):
        bench.advance.sent(execution, sending)
    assert len(bench.tool.calls) == 1


def test_a_judgement_dates_from_before_the_look_up(bench: Bench) -> None:
    execution = in_doubt(bench)
    at_ms = bench.clock.now_ms()

    bench.tool.findings = [NotHappened()]
    bench.tool.before_it_looks = lambda: bench.clock.advance(9_000)
    _, sending = bench.advance.judged(execution)
    assert sending is not None
    assert sending.judged_at_ms == at_ms


def test_what_a_look_up_finds_is_settled_and_no_send_follows(bench: Bench) -> None:
    execution = in_doubt(bench)
    bench.tool.findings = [Happened((ObjectRef("crm", "task", "7"),), "{}")]
    settled, sending = bench.advance.judged(execution)
    assert sending is None
    assert settled.attempt.status is AttemptStatus.SUCCEEDED
    assert len(bench.tool.calls) == 1


def test_a_look_up_that_cannot_tell_waits_and_no_send_follows(bench: Bench) -> None:
    execution = in_doubt(bench)
    bench.tool.findings = [CannotTell("away")]
    waiting, sending = bench.advance.judged(execution)
    assert sending is None
    assert waiting.attempt.waiting


def test_whoever_lost_the_claim_sends_nothing(bench: Bench) -> None:
    claimed = bench.claimed()
    bench.clock.advance(60_000)
    bench.advance.taken_over(claimed, "sweeper:1")
    with pytest.raises(LostError):
        bench.advance.sent(claimed, Sending())
    assert bench.tool.calls == []


def test_a_plan_that_is_refused_is_recorded_by_its_name_and_nothing_is_sent(bench: Bench) -> None:
    claimed = bench.claimed()
    bench.clock.advance(DAY_MS * 10_000)
    execution = bench.advance.sent(claimed, Sending())
    assert execution.outcome is not None
    assert execution.outcome.fault is not None
    assert execution.outcome.fault.error_code == "INTENT_EXPIRED"
    assert bench.tool.calls == []


def test_a_step_is_a_judgement_and_the_send_that_it_allows(bench: Bench) -> None:
    bench.tool.answers = [Refused(ErrorClass.AUTH, "AUTH_FAILED", "no")]
    assert bench.advance(bench.claimed()).attempt.status is AttemptStatus.FAILED
