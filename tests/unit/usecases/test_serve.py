"""Serving a call of a gateway: what is sent, what is said, and when neither is."""

from __future__ import annotations

import pytest

from adapters.memory.clock import CountingIds
from adapters.system.secret_proof_keys import SecretProofKeys
from core.domain.answer import (
    Answer,
    Applied,
    CannotTell,
    Flaw,
    Hold,
    NotHappened,
    NotSent,
    Refused,
    Unknown,
)
from core.domain.canonical import Json
from core.domain.contract import EffectContract
from core.domain.errors import ConfigurationError, ErrorClass
from core.domain.keys import IntentKey
from core.domain.proof import Asks
from core.domain.serving import RecordPlace
from core.domain.timing import Timing
from core.usecases.serve import Image, Serve
from tests.unit.making import NOW_MS
from tests.unit.usecases.serving import (
    ARGUMENTS,
    DONE,
    EFFECT_KEY,
    EVERY,
    KEY,
    NO,
    REF,
    TIMEOUT_MS,
    TOOL,
    Died,
    a_bench,
)


@pytest.mark.parametrize("contract", EVERY)
def test_a_refusal_is_kept_and_speaks_for_the_key_when_it_is_said_again(contract: EffectContract) -> None:
    bench = a_bench(contract)
    bench.provider.answers = [NO]
    assert bench() == NO
    again = bench()
    assert again == Refused(NO.error_class, NO.code, NO.message, replayed=True)
    assert len(bench.provider.called) == 1


@pytest.mark.parametrize(
    "first", [NotSent(Hold.UNREACHABLE), Refused(ErrorClass.RATE_LIMIT, "BUSY", "", retryable=True)]
)
def test_what_changed_nothing_and_may_go_later_is_sent_when_it_is_asked_for_again(first: Answer) -> None:
    bench = a_bench(EffectContract.OPAQUE)
    bench.provider.answers = [first, DONE]
    assert bench() == first
    bench.clock.advance(10)
    assert bench() == DONE


def test_the_wait_that_the_provider_asked_for_is_kept() -> None:
    bench = a_bench(EffectContract.OPAQUE)
    bench.provider.answers = [NotSent(Hold.THROTTLED, "", 5_000), DONE]
    bench()
    bench.clock.advance(1)
    early = bench()
    assert isinstance(early, Refused)
    assert (early.error_class, early.retryable) == (ErrorClass.RATE_LIMIT, True)
    bench.clock.advance(5_000)
    assert bench() == DONE


@pytest.mark.parametrize(("flaw", "told"), [(Flaw.PARTIAL, Flaw.PARTIAL), (Flaw.CONTRADICTS, Flaw.CONTRADICTS)])
def test_what_was_written_otherwise_is_replayed_as_such(flaw: Flaw, told: Flaw) -> None:
    bench = a_bench(EffectContract.CLIENT_ID)
    bench.provider.answers = [Applied((REF,), "{}", flaw=flaw)]
    bench()
    again = bench()
    assert isinstance(again, Applied)
    assert (again.flaw, again.replayed) == (told, True)


def test_another_request_under_a_known_key_is_doubt_and_is_not_sent() -> None:
    bench = a_bench(EffectContract.CLIENT_ID)
    bench.provider.answers = [DONE]
    bench()
    assert isinstance(bench(arguments={**ARGUMENTS, "title": "Another"}), Unknown)
    assert len(bench.provider.called) == 1


@pytest.mark.parametrize("left_ms", [0, 40])
def test_a_function_that_is_about_to_end_calls_nothing(left_ms: int) -> None:
    bench = a_bench(EffectContract.OPAQUE)
    bench.left_ms = left_ms
    assert isinstance(bench(), NotSent)
    assert bench.provider.called == []


def test_a_call_ends_before_the_executor_stops_waiting_and_before_the_function_ends() -> None:
    bench = a_bench(EffectContract.OPAQUE)
    bench.provider.answers = [DONE]
    bench()
    assert bench.provider.called[0].timeout_ms < TIMEOUT_MS
    short = a_bench(EffectContract.OPAQUE)
    short.provider.answers = [DONE]
    short.left_ms = 1_000
    short()
    assert short.provider.called[0].timeout_ms < 1_000


def test_a_call_that_would_end_after_its_deadline_does_not_start() -> None:
    bench = a_bench(EffectContract.OPAQUE)
    bench.provider.took_ms = TIMEOUT_MS
    answer = bench()
    assert isinstance(answer, NotSent)
    assert answer.hold is Hold.TOO_LATE
    assert bench.provider.called == []


def test_an_expired_call_is_recorded_before_it_is_said_to_have_changed_nothing() -> None:
    bench = a_bench(EffectContract.OPAQUE)
    assert isinstance(bench(expires_ms=NOW_MS - 1), NotSent)
    held = bench.records.read(RecordPlace(KEY, TOOL, EFFECT_KEY))
    assert held is not None
    assert held.effect.unproved == ()
    bench.provider.answers = [None]
    with pytest.raises(Died):
        bench()
    assert isinstance(bench(expires_ms=NOW_MS - 1), Unknown)


def test_an_update_is_sent_with_the_image_that_was_stored_and_not_without_one() -> None:
    bench = a_bench(EffectContract.READ_BACK, before_tool=TOOL)
    bench.provider.image = None
    assert isinstance(bench(), NotSent)
    bench.provider.image = '{"v":2}'
    bench.provider.answers = [DONE]
    bench.clock.advance(10)
    assert bench() == DONE
    assert bench.provider.befores == ['{"v":2}']


def test_reads_are_answered_and_leave_no_record() -> None:
    bench = a_bench(EffectContract.READ_BACK)
    bench.provider.findings = [NotHappened()]
    assert bench(asks=Asks.LOOK_UP, tool="crm.find_task") == NotHappened()
    assert bench(asks=Asks.BEFORE, tool="crm.get_task") == Image('{"v":1}')
    assert isinstance(bench(asks=Asks.LOOK_UP, expires_ms=NOW_MS), CannotTell)
    assert bench(asks=Asks.BEFORE, expires_ms=NOW_MS) == Image(None)
    assert bench.records.read(RecordPlace(KEY, TOOL, EFFECT_KEY)) is None


@pytest.mark.parametrize("tenant", ["tenant-2"])
def test_a_tool_that_nobody_offers_to_a_tenant_is_not_sent(tenant: str) -> None:
    bench = a_bench(EffectContract.OPAQUE)
    arguments: dict[str, Json] = {**ARGUMENTS, "tenant_id": tenant}
    answer = bench(key=IntentKey(tenant, "account-1", "intent-1"), arguments=arguments)
    assert isinstance(answer, NotSent)
    assert answer.hold is Hold.NOT_READY


def test_without_keys_nobody_knows_whose_call_it_is() -> None:
    bench = a_bench(EffectContract.OPAQUE)

    def away() -> str:
        raise ConfigurationError("The secret actonce/proof is not there.")

    bench.serve = Serve(bench.provider, bench.records, SecretProofKeys(away), {}, bench.clock, CountingIds(), Timing())
    assert isinstance(bench(), Unknown)
    assert bench.provider.called == []
