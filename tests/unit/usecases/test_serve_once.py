"""What a gateway's own repetition, or a call that it held up, makes of a refusal that was told already."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.answer import Answer, Applied, Hold, NotHappened, NotSent, Refused, Unknown
from core.domain.contract import EffectContract
from core.domain.errors import ErrorClass
from core.domain.serving import settled
from tests.unit.making import a_send, an_effect, terms_of
from tests.unit.usecases.serving import ARGUMENTS, DONE, EVERY, TIMEOUT_MS, a_bench

BUSY = Refused(ErrorClass.RATE_LIMIT, "BUSY", "", retryable=True)
AWAY = NotSent(Hold.UNREACHABLE)
SKEW_MS = 2_000
LOOKED_UP: list[tuple[EffectContract, dict[str, Any]]] = [
    (EffectContract.PROVIDER_KEY, {"key_retention_ms": 3_600_000}),
    (EffectContract.CLIENT_ID, {}),
    (EffectContract.NATURAL_KEY, {}),
]


@pytest.mark.parametrize("contract", EVERY)
@pytest.mark.parametrize("first", [AWAY, BUSY])
def test_one_proof_is_one_send_whatever_was_told_of_it(contract: EffectContract, first: Answer) -> None:
    bench = a_bench(contract)
    expires_ms = bench.clock.now_ms() + TIMEOUT_MS + SKEW_MS
    bench.provider.answers = [first, DONE]
    assert bench(expires_ms=expires_ms) == first
    bench.clock.advance(500)
    bench(expires_ms=expires_ms)
    assert len(bench.provider.called) == 1


@pytest.mark.parametrize("contract", EVERY)
def test_a_wait_speaks_of_its_own_call_alone(contract: EffectContract) -> None:
    bench = a_bench(contract)
    bench.clock.advance(1_000)
    bench.provider.answers = [NotSent(Hold.THROTTLED, "", 3_000), DONE]
    bench()
    bench.clock.advance(1_000)
    said = bench()
    assert isinstance(said, Refused)
    assert not said.replayed


@pytest.mark.parametrize("contract", EVERY)
def test_a_call_that_was_told_to_wait_is_not_sent_by_its_other_invocation(contract: EffectContract) -> None:
    bench = a_bench(contract)
    bench.provider.answers = [NotSent(Hold.THROTTLED, "", 3_000), DONE]
    bench()
    bench.clock.advance(1_000)
    expires_ms = bench.clock.now_ms() + TIMEOUT_MS + SKEW_MS
    assert isinstance(bench(expires_ms=expires_ms), Refused)
    bench.clock.advance(3_000)
    assert not isinstance(bench(expires_ms=expires_ms), Applied)
    assert len(bench.provider.called) == 1


@pytest.mark.parametrize(("contract", "terms"), LOOKED_UP)
@pytest.mark.parametrize("second", [BUSY, AWAY, Refused(ErrorClass.AUTH, "AUTH_FAILED", "")])
def test_a_call_is_not_told_unapplied_while_a_send_for_it_is_unproved(
    contract: EffectContract, terms: dict[str, Any], second: Answer
) -> None:
    bench = a_bench(contract, **terms)
    expires_ms = bench.clock.now_ms() + TIMEOUT_MS + SKEW_MS
    bench.provider.answers = [Unknown("502"), second]
    bench.provider.findings = [NotHappened()]
    bench(expires_ms=expires_ms)
    bench.clock.advance(100)
    assert isinstance(bench(expires_ms=expires_ms), Unknown)


def test_a_repeated_call_writes_nothing_beside_the_retry_that_its_refusal_allowed() -> None:
    bench = a_bench(EffectContract.CLIENT_ID)
    expires_ms = bench.clock.now_ms() + TIMEOUT_MS + SKEW_MS
    bench.provider.answers = [NotSent(Hold.BREAKER_OPEN), DONE, DONE]
    assert isinstance(bench(expires_ms=expires_ms), NotSent)
    bench.clock.advance(2_000)
    other = "cd" * 32
    assert isinstance(bench(effect_key=other, arguments={**ARGUMENTS, "idempotency_key": other}), Applied)
    assert not isinstance(bench(expires_ms=expires_ms), Applied)


def test_a_repeated_refusal_says_nothing_of_a_send_that_came_after_it() -> None:
    effect = an_effect(terms_of(EffectContract.PROVIDER_KEY), a_send(1), a_send(2))
    after = settled(effect, 1, Refused(ErrorClass.VALIDATION, "NO", "", replayed=True), 0)
    assert [it.number for it in after.unproved] == [2]
