from __future__ import annotations

import time

import jwt
import pytest

from core.domain.operating import Operator
from entrypoints.tokens import OWN_LIFE_S, OWN_NAME, OwnTokens

NOW_S = int(time.time())


def token(tokens: OwnTokens, now_s: int = NOW_S) -> str:
    return tokens.made_for(Operator("ada"), "acme", ["emea", "apac"], "operator", now_s)


def test_a_process_takes_its_own_token_and_its_claims_are_those_of_an_issuer() -> None:
    tokens = OwnTokens(b"k" * 32)
    claims = tokens.claims(token(tokens))
    assert claims is not None
    assert {it: claims[it] for it in claims if it not in {"iat", "exp", "iss", "aud"}} == {
        "sub": "ada",
        "custom:tenant_id": "acme",
        "custom:account_ids": '["emea", "apac"]',
        "custom:role": "operator",
    }


def test_another_process_does_not_take_it_and_nobody_does_after_half_a_day() -> None:
    tokens = OwnTokens(b"k" * 32)
    assert OwnTokens(b"l" * 32).claims(token(tokens)) is None
    assert tokens.claims(token(tokens, NOW_S - OWN_LIFE_S - 1)) is None


@pytest.mark.parametrize("missing", ["exp", "iss", "aud", "sub"])
def test_a_token_that_lacks_a_claim_is_not_taken(missing: str) -> None:
    tokens = OwnTokens(b"k" * 32)
    claims = {"exp": NOW_S + OWN_LIFE_S, "iss": OWN_NAME, "aud": OWN_NAME, "sub": "ada"}
    assert tokens.claims(jwt.encode(claims, b"k" * 32, "HS256")) is not None
    del claims[missing]
    assert tokens.claims(jwt.encode(claims, b"k" * 32, "HS256")) is None


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "none"])
def test_no_other_algorithm_is_taken(algorithm: str) -> None:
    key = b"k" * 64
    claims = {"exp": NOW_S + OWN_LIFE_S, "iss": OWN_NAME, "aud": OWN_NAME, "sub": "ada"}
    made = jwt.encode(claims, key if algorithm != "none" else "", algorithm)
    assert OwnTokens(key).claims(made) is None


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "e30.e30.", "\x00", "ü" * 100])
def test_what_is_no_token_is_none(text: str) -> None:
    assert OwnTokens(b"k" * 32).claims(text) is None
