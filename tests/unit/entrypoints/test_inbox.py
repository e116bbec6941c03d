from __future__ import annotations

from collections.abc import Iterable

import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.store import MemoryExecutions, MemoryListings, MemoryStore
from core.domain.keys import IntentKey
from entrypoints.desk.listing import MOST_COUNTED, Listing
from tests.contract.samples import NOW_MS, TIMING, claimed, intent, parked

EMEA, BOTH = frozenset({"emea"}), frozenset({"emea", "apac"})


def in_doubt(*rows: tuple[str, int]) -> Listing:
    """Return a listing over so many parked executions of each account, the first account's the newest."""
    store = MemoryStore()
    executions = MemoryExecutions(store)
    for age, (account, number) in enumerate(named(rows)):
        change = claimed(intent(IntentKey("acme", account, f"intent-{number}")), now_ms=NOW_MS - age)
        executions.commit(change)
        executions.commit(parked(change.execution))
    return Listing(MemoryListings(store), FakeClock(NOW_MS), TIMING)


def named(rows: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return [(account, number) for account, count in rows for number in range(count)]


@pytest.mark.parametrize(
    ("accounts", "limit", "shown", "is_partial"),
    [
        (None, 5, 5, False),
        (None, 6, 5, False),
        (None, 4, 4, True),
        (BOTH, 5, 5, False),
        (BOTH, 4, 4, True),
        (EMEA, 3, 3, False),
        (EMEA, 2, 2, True),
        (frozenset[str](), 1, 0, False),
    ],
)
def test_an_inbox_says_whether_more_waits(
    accounts: frozenset[str] | None, limit: int, shown: int, is_partial: bool
) -> None:
    found = in_doubt(("emea", 3), ("apac", 2)).inbox("acme", accounts, limit=limit)
    assert (len(found.executions), found.is_partial) == (shown, is_partial)
    assert found.document()["is_partial"] is is_partial


@pytest.mark.parametrize(("others", "shown", "is_partial"), [(MOST_COUNTED - 1, 1, False), (MOST_COUNTED, 0, True)])
def test_an_inbox_of_some_accounts_does_not_claim_what_it_did_not_look_through(
    others: int, shown: int, is_partial: bool
) -> None:
    found = in_doubt(("apac", others), ("emea", 1)).inbox("acme", EMEA, limit=50)
    assert (len(found.executions), found.is_partial) == (shown, is_partial)
