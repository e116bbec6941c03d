"""Sealing days, and what verifying then finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from adapters.memory.store import MemoryExecutions, MemoryLedger, MemoryStore
from core.domain.attempt import ChainHead
from core.domain.errors import LedgerUnreadableError, SealedOtherwiseError, StoreUnavailableError
from core.domain.ledger import Chain, LedgerEntry
from core.domain.sealing import DAY_MS, DayHead, SignedHead, pieces_of, root_of
from tests.contract.head_backends import memory
from tests.unit.sealing import FIRST_DAY, HOUR_MS, START_MS, Archive, filled


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def archive(store: MemoryStore) -> Archive:
    return Archive(MemoryExecutions(store), MemoryLedger(store))


def heads(archive: Archive, tenant: str = "acme") -> list[DayHead]:
    return [it.head for it in archive.vault.heads.since(tenant, None)]


def test_a_day_is_sealed_once_the_margin_has_passed(archive: Archive) -> None:
    filled(archive, [2, 1])
    archive.at(1, HOUR_MS - 1)
    assert archive.seal()().days == 0
    archive.at(1, HOUR_MS)
    assert archive.seal()().days == 1
    (head,) = heads(archive)
    assert (head.day, head.entries, head.previous) == (FIRST_DAY, 8, "")
    assert archive.verified()[0].through == {"acme": FIRST_DAY}


def test_heads_are_chained_day_by_day_with_those_of_nothing_between(archive: Archive) -> None:
    filled(archive, [2, 0, 0, 1])
    assert archive.seal_all(5) == 5
    found = heads(archive)
    assert [it.entries for it in found] == [8, 0, 0, 4, 0]
    assert [it.previous for it in found] == ["", *(it.sha256 for it in found[:-1])]
    assert [it.day for it in found] == [FIRST_DAY + timedelta(days=it) for it in range(5)]
    told, findings = archive.verified()
    assert (findings, told.days, told.entries) == ([], 5, 12)


def test_sealing_again_changes_nothing(archive: Archive) -> None:
    filled(archive, [2, 1])
    assert archive.seal_all(3) == 3
    before = list(archive.vault.heads.since("acme", None))
    assert archive.seal_all(3) == 0
    assert list(archive.vault.heads.since("acme", None)) == before


def test_two_sealers_at_once_say_the_same_and_keep_one_head(archive: Archive) -> None:
    filled(archive, [3])
    archive.at(1, 2 * HOUR_MS)
    one, other = archive.seal(), archive.seal()

    class Interrupted(type(archive.vault.signer)):  # type: ignore[misc]
        """The other sealer is through while this one signs."""

        is_first = True

        def sign(self, content: bytes) -> object:
            if self.is_first:
                self.is_first = False
                assert other().days == 1
            return archive.vault.signer.sign(content)

    one._signer = Interrupted()
    done = one()
    assert (done.days, done.troubles) == (1, ())
    assert len(heads(archive)) == 1
    assert archive.told() == []


def test_every_tenant_is_sealed_a_day_in_turn_and_no_more_than_the_bound(archive: Archive) -> None:
    archive.write(1, START_MS + 2 * DAY_MS, tenant="young")
    archive.write(1, START_MS, tenant="old")
    archive.at(4, 2 * HOUR_MS)
    done = archive.seal()(limit=4)
    assert (done.days, done.oldest_open) == (4, FIRST_DAY + timedelta(days=2))
    assert [len(heads(archive, it)) for it in ("old", "young")] == [2, 2]
    assert archive.seal()(["old"]).days == 2
    assert archive.seal()().oldest_open is None
    assert archive.told() == []


def test_nothing_is_begun_once_time_is_over(archive: Archive) -> None:
    filled(archive, [1, 1])
    archive.at(2, 2 * HOUR_MS)
    done = archive.seal()(is_over=lambda: True)
    assert (done.days, done.oldest_open) == (0, FIRST_DAY)


class Broken(MemoryLedger):
    """One tenant's entries of one moment cannot be read."""

    fault: Exception = LedgerUnreadableError("Entry 1 of a chain cannot be read.")

    def between(self, tenant_id: str, since_ms: int, before_ms: int) -> Iterator[LedgerEntry]:
        for entry in super().between(tenant_id, since_ms, before_ms):
            if tenant_id == "broken":
                raise self.fault
            yield entry


@pytest.mark.parametrize("fault", [LedgerUnreadableError("unreadable"), StoreUnavailableError("throttled")])
def test_one_tenants_trouble_keeps_no_other_from_being_sealed(
    archive: Archive, store: MemoryStore, fault: Exception
) -> None:
    for tenant in ("broken", "sound"):
        archive.write(1, START_MS, tenant=tenant)
    ledger = Broken(store)
    ledger.fault = fault
    archive.ledger = ledger
    archive.at(1, 2 * HOUR_MS)
    done = archive.seal()()
    assert (done.days, [tenant for tenant, _ in done.troubles], done.oldest_open) == (1, ["broken"], FIRST_DAY)


def test_a_day_that_is_not_what_somebody_sealed_of_it_is_trouble_and_the_first_head_stands(
    archive: Archive, store: MemoryStore
) -> None:
    filled(archive, [2])
    archive.at(1, 2 * HOUR_MS)
    archive.seal()()
    standing = heads(archive)
    other = Archive(MemoryExecutions(store), MemoryLedger(store), memory(), archive.clock)
    archive.refuse(7, START_MS + 5)

    class Forgetful(type(archive.vault.heads)):  # type: ignore[misc]
        """Knows of no head when it is asked what to do next."""

        def newest(self, _tenant_id: str) -> None:
            return None

        def keep(self, head: SignedHead) -> SignedHead:
            return archive.vault.heads.keep(head)

    other.vault = replace(archive.vault, heads=Forgetful())
    (trouble,) = other.seal()().troubles
    assert isinstance(trouble[1], SealedOtherwiseError)
    assert heads(archive) == standing


def test_an_entry_with_an_older_stamp_than_the_last_sealed_day_is_named(archive: Archive) -> None:
    filled(archive, [2])
    archive.seal_all(1)
    archive.refuse(9, START_MS + DAY_MS - 1)
    archive.refuse(8, START_MS - 1)
    archive.refuse(7, START_MS + DAY_MS)
    added = f"entry 1 was added after its day, {FIRST_DAY}, was sealed"
    assert archive.told() == [f"acme account-1/intent-{it}#refused: {added}" for it in (8, 9)]


def test_a_whole_chain_that_is_gone_with_its_row_is_named_entry_by_entry(archive: Archive, store: MemoryStore) -> None:
    filled(archive, [3])
    archive.seal_all(1)
    gone = Chain("acme", "account-1/intent-1")
    del store.chains[gone]
    store.executions = {it: row for it, row in store.executions.items() if it.intent_id != "intent-1"}
    assert archive.told() == [
        f"acme account-1/intent-1: entry {number} of {FIRST_DAY}, which was sealed, is missing"
        for number in range(1, len(archive.ledger.entries(Chain("acme", "account-1/intent-0"))) + 1)
    ]


def test_a_tail_that_is_cut_together_with_the_head_its_row_remembers_is_named(
    archive: Archive, store: MemoryStore
) -> None:
    filled(archive, [3])
    archive.seal_all(1)
    chain = Chain("acme", "account-1/intent-2")
    last = store.chains[chain].pop()
    for of, row in store.executions.items():
        if of.intent_id == "intent-2":
            left = store.chains[chain][-1]
            cut = replace(row.attempt, head=ChainHead(left.sequence, left.sha256))
            store.executions[of] = replace(row, attempt=cut)
    missing = f"entry {last.sequence} of {FIRST_DAY}, which was sealed, is missing"
    assert archive.told() == [f"acme account-1/intent-2: {missing}"]


def test_a_tenant_of_whom_nothing_is_left_is_still_looked_for(archive: Archive, store: MemoryStore) -> None:
    filled(archive, [1])
    archive.seal_all(1)
    store.chains.clear()
    store.executions.clear()
    assert len(archive.told()) == 4
    assert len(archive.told("acme")) == 4
    assert archive.told("other") == []


def test_heads_that_are_missing_changed_or_signed_by_somebody_else_are_named(archive: Archive) -> None:
    filled(archive, [1, 1, 1])
    archive.seal_all(3)
    kept = list(archive.vault.heads.since("acme", None))
    days = [it.head.day for it in kept]
    stranger = memory().signer
    forged = replace(kept[1], head=replace(kept[1].head, entries=7))
    other = replace(kept[1], signature=stranger.sign(kept[1].head.content))
    for given, said in (
        (kept[1:], f"the head of {days[1]} follows one that is missing"),
        ([kept[0], kept[2]], f"the heads between {days[0]} and {days[2]} are missing"),
        ([kept[0], forged, kept[2]], f"the signature of the head of {days[1]} does not hold"),
        ([kept[0], other, kept[2]], f"the head of {days[1]} is signed by a key that is not trusted"),
    ):
        archive.vault = replace(archive.vault, heads=memory().heads)
        for one in given:
            archive.vault.heads.keep(one)
        assert any(it.startswith(f"acme heads: {said}") for it in archive.told()), said


def test_a_piece_of_a_roll_that_is_missing_or_changed_is_named(archive: Archive) -> None:
    filled(archive, [2])
    archive.seal_all(1)
    rolls = archive.vault.rolls
    (name,) = heads(archive)[0].pieces
    pieces = rolls._pieces  # type: ignore[attr-defined]
    whole = pieces.pop(("acme", name))
    assert archive.told() == [f"acme heads: a piece of the roll of {FIRST_DAY} is missing: {name}"]
    pieces["acme", name] = whole.replace("intent-1", "intent-7")
    assert archive.told() == [f"acme heads: a piece of the roll of {FIRST_DAY} was changed: {name}"]


def test_entries_that_a_chain_holds_and_no_listing_names_are_counted(archive: Archive, store: MemoryStore) -> None:
    filled(archive, [2])
    archive.seal_all(1)

    class Unlisted(MemoryLedger):
        """As DynamoDB, when somebody took an item out of the index by time."""

        def between(self, tenant_id: str, since_ms: int, before_ms: int) -> Iterator[LedgerEntry]:
            found = super().between(tenant_id, since_ms, before_ms)
            return (it for it in found if "intent-9" not in it.chain.subject)

    archive.refuse(9, START_MS + 5)
    archive.ledger = Unlisted(store)
    assert archive.told() == [f"acme heads: the chains hold 9 entries of {FIRST_DAY}, but 8 were sealed"]


def test_a_head_of_a_format_to_come_or_of_another_tenant_is_not_taken_for_good(archive: Archive) -> None:
    head = DayHead("other", date(2026, 11, 20), 0, root_of([]), (), "", format_version=2)
    for one in (replace(head, tenant_id="acme"), replace(head, format_version=1, root="0" * 64)):
        archive.vault = replace(archive.vault, heads=memory().heads)
        archive.vault.heads.keep(SignedHead(one, archive.vault.signer.sign(one.content)))
        assert len(archive.told(one.tenant_id)) == 1


def test_a_roll_is_cut_into_pieces_that_are_as_large_as_they_may_be(archive: Archive) -> None:
    filled(archive, [4])
    entries = list(archive.ledger.between("acme", START_MS, START_MS + DAY_MS))
    pieces = list(pieces_of(iter(entries), 5))
    assert [lines for _, lines in pieces] == [5, 5, 5, 1]
    assert "".join(text for text, _ in pieces) == next(pieces_of(entries))[0]
