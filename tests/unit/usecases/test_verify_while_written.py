"""A ledger is verified while it is written: what grows is no fault, and what somebody put behind a chain still is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pytest

from adapters.memory.store import MemoryExecutions, MemoryLedger, MemoryStore
from core.domain.execution import Change
from core.domain.ledger import Chain, LedgerEntry, LedgerEvent, seal
from tests.contract.samples import claimed, intent, key, settled
from tests.unit.sealing import START_MS, Archive

CHAIN = Chain("acme", "account-1/intent-7")
LONGER = "acme account-1/intent-7: the chain ends at entry {}, but 2 were written"


class Meanwhile(MemoryLedger):
    """A ledger to which one thing after the other happens, each between the reading of a head and of its chain."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.waiting: list[Callable[[], object]] = []

    def entries(self, chain: Chain) -> Sequence[LedgerEntry]:
        if self.waiting:
            self.waiting.pop(0)()
        return super().entries(chain)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def ledger(store: MemoryStore) -> Meanwhile:
    return Meanwhile(store)


@pytest.fixture
def archive(store: MemoryStore, ledger: Meanwhile) -> Archive:
    return Archive(MemoryExecutions(store), ledger)


@pytest.fixture
def began(archive: Archive) -> Change:
    """An action of which two entries are written, and two are still to be."""
    change = claimed(intent(key("intent-7", tenant="acme")), now_ms=START_MS)
    archive.executions.commit(change)
    return change


def end(archive: Archive, began: Change) -> Callable[[], object]:
    return lambda: archive.executions.commit(settled(began.execution, now_ms=START_MS + 200))


def forge(store: MemoryStore) -> None:
    """Put an entry behind the chain that fits it."""
    rows = store.chains[CHAIN]
    head = replace(
        store.executions[key("intent-7", tenant="acme")].attempt.head, sequence=len(rows), sha256=rows[-1].sha256
    )
    rows.append(seal(CHAIN, head, LedgerEvent.ACTION_EXECUTED, START_MS, {"forged": True}))


def test_a_chain_that_grows_while_it_is_verified_is_whole(archive: Archive, ledger: Meanwhile, began: Change) -> None:
    ledger.waiting = [end(archive, began)]
    assert archive.told() == []
    assert ledger.waiting == []


def test_an_entry_behind_a_chain_is_named_however_often_it_is_looked_at(
    store: MemoryStore, archive: Archive, ledger: Meanwhile, began: Change
) -> None:
    ledger.waiting = [partial(forge, store)]
    assert archive.told() == [LONGER.format(3)]
    assert archive.told("acme") == [LONGER.format(3)]


def test_an_entry_that_is_put_behind_a_chain_that_grew_is_named(
    store: MemoryStore, archive: Archive, ledger: Meanwhile, began: Change
) -> None:
    def end_and_forge() -> None:
        end(archive, began)()
        forge(store)

    ledger.waiting = [end_and_forge]
    assert archive.told() == [LONGER.format(5)]


def test_what_is_changed_of_a_chain_between_two_looks_is_named(
    store: MemoryStore, archive: Archive, ledger: Meanwhile, began: Change
) -> None:
    def change() -> None:
        store.chains[CHAIN][0] = replace(store.chains[CHAIN][0], at_ms=START_MS + 1)

    ledger.waiting = [end(archive, began), change]
    assert archive.told() == ["acme account-1/intent-7: entry 1 was changed"]


def test_a_chain_whose_row_is_taken_away_between_two_looks_is_named(
    store: MemoryStore, archive: Archive, ledger: Meanwhile, began: Change
) -> None:
    def end_and_take() -> None:
        end(archive, began)()
        del store.executions[key("intent-7", tenant="acme")]

    ledger.waiting = [end_and_take]
    assert archive.told() == [LONGER.format(4)]
