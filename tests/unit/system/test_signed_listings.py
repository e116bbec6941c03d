from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from adapters.memory.store import MemoryExecutions, MemoryListings, MemoryStore
from adapters.system.signed_listings import MAX_TOKEN_CHARACTERS, SignedListings
from core.domain.errors import ConfigurationError, ValidationError
from tests.contract.samples import NOW_MS, claimed, intent, key, parked

SECRET = b"k" * 32


@pytest.fixture
def plain() -> MemoryListings:
    store = MemoryStore()
    executions = MemoryExecutions(store)
    for tenant in ("acme", "other"):
        for account in ("account-1", "account-2"):
            for number in range(3):
                of = key(f"intent-{number}", tenant=tenant, account=account)
                executions.commit(claimed(intent(of), now_ms=NOW_MS + number))
    return MemoryListings(store)


@pytest.fixture
def signed(plain: MemoryListings) -> SignedListings:
    return SignedListings(plain, SECRET)


def token_of(listings: SignedListings, tenant: str = "acme", account: str | None = "account-1") -> str:
    page = (
        listings.by_tenant(tenant, limit=2, place=None)
        if account is None
        else listings.by_account(tenant, account, limit=2, place=None)
    )
    assert page.next_place is not None
    return page.next_place


def altered(token: str) -> Iterator[str]:
    octets = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for place in range(len(octets)):
        changed = bytearray(octets)
        changed[place] ^= 1
        yield base64.urlsafe_b64encode(bytes(changed)).rstrip(b"=").decode()


def test_pages_follow_each_other_as_without_signatures(plain: MemoryListings, signed: SignedListings) -> None:
    token = token_of(signed)
    page = signed.by_account("acme", "account-1", limit=2, place=token)
    assert page == plain.by_account("acme", "account-1", limit=2, place="2")
    assert page.next_place is None
    whole = token_of(signed, account=None)
    assert signed.by_tenant("acme", limit=9, place=whole) == plain.by_tenant("acme", limit=9, place="2")


def test_a_token_is_url_safe_and_another_process_with_the_key_takes_it(
    plain: MemoryListings, signed: SignedListings
) -> None:
    token = token_of(signed)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(SignedListings(plain, SECRET).by_account("acme", "account-1", limit=2, place=token).executions) == 1
    with pytest.raises(ValidationError, match="next_token"):
        SignedListings(plain, b"x" * 32).by_account("acme", "account-1", limit=2, place=token)


def test_a_token_of_another_tenant_account_or_listing_is_refused(signed: SignedListings) -> None:
    token, whole = token_of(signed), token_of(signed, account=None)
    for tenant, account, stranger in (
        ("other", "account-1", token),
        ("acme", "account-2", token),
        ("acme", "account-1", whole),
    ):
        with pytest.raises(ValidationError, match="next_token"):
            signed.by_account(tenant, account, limit=2, place=stranger)
    for tenant, stranger in (("other", whole), ("acme", token)):
        with pytest.raises(ValidationError, match="next_token"):
            signed.by_tenant(tenant, limit=2, place=stranger)


def test_a_token_that_was_altered_anywhere_is_refused(signed: SignedListings) -> None:
    token = token_of(signed)
    for forged in (*altered(token), *(token[:-1] + it for it in "ABCDwxyz_-" if it != token[-1]), token[:-2]):
        with pytest.raises(ValidationError, match="next_token"):
            signed.by_account("acme", "account-1", limit=2, place=forged)


@pytest.mark.parametrize(
    "odd", ["", "2", "A", "====", "a b", "été", "\ud800", "+/+/", "A" * (MAX_TOKEN_CHARACTERS + 1), "A" * 1_000_000]
)
def test_what_is_no_token_is_refused_whatever_it_is(signed: SignedListings, odd: str) -> None:
    with pytest.raises(ValidationError, match="next_token"):
        signed.by_account("acme", "account-1", limit=2, place=odd)


def test_the_longest_ids_there_are_fit_into_a_token(plain: MemoryListings) -> None:
    place = "/".join((str(2**63), "a" * 128, "i" * 128))
    assert len(base64.urlsafe_b64encode(b"s" * 32 + place.encode())) <= MAX_TOKEN_CHARACTERS


def test_a_short_key_is_a_fault_of_configuration(plain: MemoryListings) -> None:
    with pytest.raises(ConfigurationError, match="32 bytes"):
        SignedListings(plain, b"k" * 31)


def test_what_has_no_places_is_passed_through() -> None:
    store = MemoryStore()
    executions = MemoryExecutions(store)
    first = claimed()
    executions.commit(first)
    executions.commit(parked(first.execution))
    signed = SignedListings(MemoryListings(store), SECRET)
    assert len(signed.parked("acme", limit=5)) == 1
    assert signed.counts() == MemoryListings(store).counts()
    assert signed.tenants() == ["acme"]
