from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.keys import IntentKey, is_id
from entrypoints.api.claims import (
    Caller,
    ForbiddenError,
    Role,
    UnauthorizedError,
    caller_of,
    claims_of,
)
from entrypoints.claim_names import MOST_ACCOUNTS, MOST_CHARACTERS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda it: st.lists(it, max_size=4) | st.dictionaries(st.text(max_size=4), it, max_size=4),
    max_leaves=8,
)


def caller(**claims: object) -> Caller:
    return caller_of({"custom:tenant_id": "acme", "sub": "ada", **{f"custom:{it}": claims[it] for it in claims}})


def test_whole_claims_are_taken_as_they_are() -> None:
    found = caller(account_ids='["emea", "apac"]', role="operator")
    assert found == Caller("ada", "acme", frozenset({"emea", "apac"}), Role.OPERATOR)
    assert found.is_operator
    assert found.may_see(IntentKey("acme", "emea", "any"))
    assert not found.may_see(IntentKey("other", "emea", "any"))
    assert not found.may_see(IntentKey("acme", "eme", "any"))


@pytest.mark.parametrize("claims", [None, {}, [], "acme", 5])
def test_without_claims_there_is_nobody(claims: object) -> None:
    with pytest.raises(UnauthorizedError):
        caller_of(claims)


@given(JSON)
def test_a_tenant_is_an_id_or_nothing(value: object) -> None:
    if isinstance(value, str) and is_id(value):
        assert caller_of({"custom:tenant_id": value}).tenant_id == value
        return
    with pytest.raises(ForbiddenError):
        caller_of({"custom:tenant_id": value})


@given(JSON)
def test_accounts_are_a_list_of_ids_or_none_at_all(value: object) -> None:
    is_whole = isinstance(value, list) and all(isinstance(it, str) and is_id(it) for it in value)
    expected = frozenset(value) if isinstance(value, list) and is_whole else frozenset()
    assert caller(account_ids=json.dumps(value)).accounts == expected
    assert caller(account_ids=value).accounts == frozenset() or isinstance(value, str)


@given(st.text(max_size=40))
def test_no_text_gives_an_account_that_it_does_not_spell_out(text: str) -> None:
    assert all(json.dumps(it) in text for it in caller(account_ids=text).accounts)


def test_accounts_are_bounded() -> None:
    many = [f"a{it}" for it in range(MOST_ACCOUNTS)]
    assert len(caller(account_ids=json.dumps(many)).accounts) == MOST_ACCOUNTS
    assert caller(account_ids=json.dumps([*many, "one-more"])).accounts == frozenset()
    assert caller(account_ids=json.dumps(["a"]) + " " * MOST_CHARACTERS).accounts == frozenset()


@given(JSON)
def test_a_role_that_is_not_spelt_exactly_is_a_readers(value: object) -> None:
    known = {it.value for it in Role}
    expected = Role(value) if isinstance(value, str) and value in known else Role.READER
    assert caller(role=value).role is expected


def test_an_operator_without_a_name_that_is_an_id_is_none() -> None:
    for name in (None, "", "ada lovelace", "a" * 129, 7):
        assert not caller_of({"custom:tenant_id": "acme", "sub": name, "custom:role": "operator"}).is_operator


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"requestContext": None},
        {"requestContext": {"authorizer": None}},
        {"requestContext": {"authorizer": {"jwt": "claims"}}},
        {"requestContext": {"authorizer": {"lambda": {"claims": {"sub": "eve"}}}}},
        {"headers": {"authorizer": {"jwt": {"claims": {"sub": "eve"}}}}},
    ],
)
def test_claims_are_where_the_authorizer_puts_them_and_nowhere_else(event: dict[str, object]) -> None:
    assert claims_of(event) is None
