"""Where an export ends: what its last entries follow is in it, whatever clock or index was behind."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from adapters.memory.store import MemoryExecutions, MemoryLedger, MemoryListings, MemoryStore
from core.domain.ledger import Chain, LedgerEntry
from core.domain.sealing import DAY_MS
from core.domain.timing import Timing
from entrypoints.container.checking import check_export
from entrypoints.exporting import Counts, Export, Wanted
from tests.contract.samples import claimed, intent, key, settled
from tests.unit.sealing import FIRST_DAY, START_MS, Archive

TIMING = Timing()
NOW_MS = START_MS + DAY_MS
CHAIN = Chain("acme", "account-1/intent-7")


class Lagging(MemoryLedger):
    """A ledger whose index by time does not list entries of some places yet; ``read``: chains that were asked for."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.unlisted: set[tuple[Chain, int]] = set()
        self.read: list[Chain] = []

    def entries(self, chain: Chain) -> Sequence[LedgerEntry]:
        self.read.append(chain)
        return super().entries(chain)

    def between(self, tenant_id: str, since_ms: int, before_ms: int) -> Iterator[LedgerEntry]:
        found = super().between(tenant_id, since_ms, before_ms)
        return (it for it in found if (it.chain, it.sequence) not in self.unlisted)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def ledger(store: MemoryStore) -> Lagging:
    return Lagging(store)


@pytest.fixture
def archive(store: MemoryStore, ledger: Lagging) -> Archive:
    return Archive(MemoryExecutions(store), ledger)


def act(archive: Archive, began_ms: int, ended_ms: int) -> None:
    """Two entries of a worker that begins an action, and two of another that ends it, each by its own clock."""
    began = claimed(intent(key("intent-7", tenant="acme")), now_ms=began_ms)
    archive.executions.commit(began)
    archive.executions.commit(settled(began.execution, now_ms=ended_ms))


def exported(store: MemoryStore, archive: Archive, wanted: Wanted) -> tuple[Counts, list[str]]:
    """Return what was written now, and what is found when it is verified."""
    lines: list[str] = []
    export = Export(archive.ledger, archive.vault.heads, MemoryListings(store), TIMING, lines.append)
    counts = export(wanted, [archive.vault.signer.public_key()], NOW_MS)
    found: list[str] = []
    check_export(io.BytesIO("".join(lines).encode()), [], found.append)
    return counts, found


@pytest.mark.parametrize("wanted", [Wanted("acme"), Wanted("acme", through=FIRST_DAY)])
def test_what_was_stamped_by_a_clock_ahead_of_the_exporters_is_there_when_something_follows_it(
    store: MemoryStore, archive: Archive, wanted: Wanted
) -> None:
    act(archive, NOW_MS + TIMING.max_skew_ms, NOW_MS - 1)
    archive.write(8, NOW_MS + 1)
    counts, found = exported(store, archive, wanted)
    assert (counts.entries, found) == (4, [])


def test_what_the_index_does_not_list_yet_is_there_when_something_follows_it(
    store: MemoryStore, archive: Archive, ledger: Lagging
) -> None:
    act(archive, NOW_MS - 300, NOW_MS - 200)
    ledger.unlisted = {(CHAIN, 1), (CHAIN, 3), (CHAIN, 4)}
    counts, found = exported(store, archive, Wanted("acme"))
    assert (counts.entries, found) == (2, [])


def test_what_the_index_should_have_listed_long_ago_is_missing(
    store: MemoryStore, archive: Archive, ledger: Lagging
) -> None:
    act(archive, NOW_MS - TIMING.seal_margin_ms - 1, NOW_MS - 1)
    ledger.unlisted = {(CHAIN, 2)}
    counts, found = exported(store, archive, Wanted("acme"))
    assert (counts.entries, found) == (3, ["account-1/intent-7: entry 2 is missing"])


def test_what_an_entry_follows_from_before_the_first_day_is_left_out(store: MemoryStore, archive: Archive) -> None:
    act(archive, START_MS + DAY_MS - 1, START_MS + DAY_MS)
    later = FIRST_DAY + timedelta(days=1)
    counts, found = exported(store, archive, Wanted("acme", later, later))
    assert (counts.entries, found) == (2, [])


def test_chains_that_are_whole_are_not_read_again(store: MemoryStore, archive: Archive, ledger: Lagging) -> None:
    act(archive, NOW_MS - 300, NOW_MS - 200)
    archive.write(8, NOW_MS - TIMING.seal_margin_ms - 201)
    counts, found = exported(store, archive, Wanted("acme"))
    assert (counts.entries, found, ledger.read) == (8, [], [])
