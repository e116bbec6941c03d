"""What each effect contract makes of what a crash, or a store that was away, left in a target."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.memory.clock import CountingIds
from adapters.system.secret_proof_keys import SecretProofKeys
from core.domain.answer import (
    Answer,
    Applied,
    CannotTell,
    Happened,
    NotHappened,
    Unknown,
)
from core.domain.changing import changed
from core.domain.contract import EffectContract
from core.domain.timing import Timing
from core.usecases.serve import Serve
from tests.unit.usecases.serving import (
    DONE,
    EFFECT_KEY,
    EVERY,
    NO,
    PAST_MS,
    REF,
    SECRET,
    Died,
    a_bench,
)


@pytest.mark.parametrize("contract", EVERY)
def test_an_answer_is_kept_and_replayed_and_the_tool_is_called_once(contract: EffectContract) -> None:
    bench = a_bench(contract)
    bench.provider.answers = [DONE]
    assert bench() == DONE
    again = bench()
    assert again == Applied(DONE.refs, DONE.response, replayed=True)
    assert len(bench.provider.called) == 1


@pytest.mark.parametrize("contract", EVERY)
def test_what_is_under_way_is_not_called_again(contract: EffectContract) -> None:
    bench = a_bench(contract)
    bench.provider.answers = [None]
    with pytest.raises(Died):
        bench()
    assert isinstance(bench(), Unknown)
    assert len(bench.provider.called) == 1


def test_a_crash_of_an_opaque_call_leaves_doubt_for_ever() -> None:
    bench = a_bench(EffectContract.OPAQUE)
    bench.dies()
    for _ in range(3):
        assert isinstance(bench(), Unknown)
        bench.clock.advance(PAST_MS)
    assert len(bench.provider.called) == 1


def test_a_crash_of_a_call_by_key_is_sent_again_while_the_provider_holds_the_key_and_not_after() -> None:
    bench = a_bench(EffectContract.PROVIDER_KEY, key_retention_ms=3_600_000)
    bench.dies(Applied((REF,), "{}", replayed=True))
    assert bench() == Applied((REF,), "{}", replayed=True)
    assert [it.effect_key for it in bench.provider.called] == [EFFECT_KEY] * 2

    late = a_bench(EffectContract.PROVIDER_KEY, key_retention_ms=3_600_000)
    late.dies()
    late.clock.advance(3_600_000)
    assert isinstance(late(), Unknown)
    assert len(late.provider.called) == 1


@pytest.mark.parametrize("contract", [EffectContract.CLIENT_ID, EffectContract.NATURAL_KEY])
def test_a_crash_of_a_call_that_names_its_object_is_looked_up_and_sent_again_under_the_same_name(
    contract: EffectContract,
) -> None:
    bench = a_bench(contract)
    bench.dies()
    bench.provider.findings = [Happened((REF,), "{}")]
    assert bench() == Applied((REF,), "{}", replayed=True)

    bench = a_bench(contract)
    bench.dies(DONE)
    bench.provider.findings = [NotHappened()]
    assert bench() == DONE
    assert len(bench.provider.called) == 2


def test_a_crash_of_a_call_that_can_be_searched_for_is_sent_again_past_the_declared_bound_only() -> None:
    bench = a_bench(EffectContract.READ_BACK)
    bench.dies()
    bench.provider.findings = [NotHappened(), CannotTell("away"), Happened((REF,))]
    assert isinstance(bench(), Unknown)
    assert isinstance(bench(), Unknown)
    assert bench() == Applied((REF,), replayed=True)
    assert len(bench.provider.called) == 1

    bound = a_bench(EffectContract.READ_BACK, absence_proof_ms=60_000)
    bound.dies(DONE)
    bound.provider.findings = [NotHappened(), NotHappened()]
    assert isinstance(bound(), Unknown)
    bound.clock.advance(60_000)
    assert bound() == DONE


def test_a_record_that_cannot_be_written_lets_nothing_out_and_says_that_nobody_knows() -> None:
    bench = a_bench(EffectContract.CLIENT_ID)
    bench.records.away = [True]
    assert isinstance(bench(), Unknown)
    assert bench.provider.called == []


def test_an_answer_that_cannot_be_kept_is_told_all_the_same() -> None:
    bench = a_bench(EffectContract.CLIENT_ID)
    bench.provider.answers = [DONE]
    bench.records.away = [False, *[True] * 100]
    assert bench() == DONE


def test_an_answer_is_kept_although_the_store_was_away_for_a_moment() -> None:
    bench = a_bench(EffectContract.OPAQUE)
    bench.provider.answers = [DONE]
    bench.records.away = [False, True, True]
    bench()
    assert isinstance(bench(), Applied)


def test_a_tool_of_which_nobody_said_how_its_doubt_is_settled_is_opaque() -> None:
    bench = a_bench(EffectContract.CLIENT_ID)
    bench.serve = Serve(
        bench.provider, bench.records, SecretProofKeys(lambda: SECRET), {}, bench.clock, CountingIds(), Timing()
    )
    bench.dies()
    assert isinstance(bench(), Unknown)


def test_every_order_of_crashes_and_calls_writes_once_under_an_opaque_contract() -> None:
    for pattern in range(16):
        bench = a_bench(EffectContract.OPAQUE)
        answers: Sequence[Answer | None] = [None if pattern >> place & 1 else DONE for place in range(4)]
        for answer in answers:
            bench.provider.answers = [answer]
            try:
                bench()
            except Died:
                bench.clock.advance(PAST_MS)
        assert len(bench.provider.called) == 1


@pytest.mark.parametrize("is_final", [True, False])
@pytest.mark.parametrize("contract", [EffectContract.CLIENT_ID, EffectContract.NATURAL_KEY])
def test_a_refusal_that_claims_to_be_the_first_answer_speaks_for_its_own_call_where_the_provider_holds_no_keys(
    contract: EffectContract, *, is_final: bool
) -> None:
    refusal = changed(NO, retryable=not is_final, replayed=True)
    bench = a_bench(contract)
    bench.dies(refusal)
    bench.provider.findings = [NotHappened()]
    # The call that died may still land, and an executor takes a replayed refusal for all that it ever sent.
    assert bench() == changed(refusal, replayed=False)


@pytest.mark.parametrize("is_final", [True, False])
def test_a_refusal_that_a_provider_repeats_by_key_speaks_for_every_call_where_none_is_accepted_later(
    *, is_final: bool
) -> None:
    refusal = changed(NO, retryable=not is_final, replayed=True)
    bench = a_bench(EffectContract.PROVIDER_KEY, key_retention_ms=3_600_000)
    bench.dies(refusal)
    # An invocation of an earlier call may be on its way here, and would be sent.
    assert bench() == changed(refusal, replayed=is_final)
