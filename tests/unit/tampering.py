"""Every way to change, delete, insert and swap entries of a ledger, one at a time, on whatever keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.domain.attempt import ChainHead
from core.domain.ledger import LedgerEntry, LedgerEvent, seal


@dataclass(frozen=True, slots=True)
class Tampering:
    """What is taken out and what is put in, and the chains and sequences one of which must be named."""

    name: str
    out: tuple[LedgerEntry, ...]
    into: tuple[LedgerEntry, ...]
    named: tuple[tuple[str, int], ...]


def changes(entry: LedgerEntry, other: LedgerEntry) -> Iterator[Tampering]:
    """Each field of an entry, one at a time; ``other`` is one of another chain."""
    subject = entry.chain.subject
    changed = {
        "tenant": replace(entry, chain=replace(entry.chain, tenant_id="stranger")),
        "subject": replace(entry, chain=replace(entry.chain, subject=f"{subject}x")),
        "sequence": replace(entry, sequence=entry.sequence + 1_000),
        "event": replace(entry, event=_another(entry.event)),
        "at": replace(entry, at_ms=entry.at_ms + 1),
        "day": replace(entry, at_ms=entry.at_ms - 86_400_000),
        "body": replace(entry, body=entry.body.replace("{", "{ ", 1)),
        "previous": replace(entry, previous=other.sha256),
        "sha256": replace(entry, sha256=other.sha256),
    }
    for name, one in changed.items():
        yield Tampering(f"{name} of {entry.entry_id}", (entry,), (one,), ((subject, entry.sequence),))


def deletion(entry: LedgerEntry) -> Tampering:
    return Tampering(f"without {entry.entry_id}", (entry,), (), ((entry.chain.subject, entry.sequence),))


def insertion(entry: LedgerEntry, last: int) -> Tampering:
    """A forged entry that fits behind this one; it is put at the end, for its place is taken."""
    head = ChainHead(last, entry.sha256)
    forged = seal(entry.chain, head, LedgerEvent.ACTION_EXECUTED, entry.at_ms, {"forged": True})
    return Tampering(f"after {entry.entry_id}", (), (forged,), ((forged.chain.subject, forged.sequence),))


def swap(one: LedgerEntry, other: LedgerEntry) -> Tampering:
    """Two entries in each other's place; each keeps what it says."""
    into = (
        replace(one, chain=other.chain, sequence=other.sequence),
        replace(other, chain=one.chain, sequence=one.sequence),
    )
    named = ((one.chain.subject, one.sequence), (other.chain.subject, other.sequence))
    return Tampering(f"{one.entry_id} and {other.entry_id}", (one, other), into, named)


def all_of(entries: list[LedgerEntry]) -> Iterator[Tampering]:
    """Every change of every field, every deletion, an insertion behind every entry, every swap of neighbours.

    Neighbours are two entries of one chain, and two of different chains.
    """
    longest: dict[str, int] = {}
    for entry in entries:
        longest[entry.chain.subject] = max(entry.sequence, longest.get(entry.chain.subject, 0))
    for place, entry in enumerate(entries):
        other = next(it for it in entries[place:] + entries[:place] if it.chain != entry.chain)
        yield from changes(entry, other)
        yield deletion(entry)
        yield insertion(entry, longest[entry.chain.subject])
        yield swap(entry, other)
        if place and entries[place - 1].chain == entry.chain:
            yield swap(entries[place - 1], entry)


def _another(event: LedgerEvent) -> LedgerEvent:
    return LedgerEvent.ACTION_FAILED if event is not LedgerEvent.ACTION_FAILED else LedgerEvent.ACTION_EXECUTED


def is_named(named: tuple[tuple[str, int], ...], told: list[str], tenant: str = "acme") -> bool:
    """Tell whether some line names the chain and the sequence."""
    return any(f"{tenant} {subject}: entry {sequence} " in line for subject, sequence in named for line in told)
