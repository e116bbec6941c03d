"""Writing an export: one tenant's ledger and outcomes with what proves them, line by line, never held as a whole."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from core.domain.canonical import Json, compact
from core.domain.ledger import Chain, LedgerEntry
from core.domain.sealing import EARLIEST_MS, PublicKey, SignedHead, day_of, ends_ms, line_of, starts_ms
from core.domain.timing import Timing
from ports.ledger import Ledger
from ports.ledger_heads import LedgerHeads
from ports.listings import Listings
from ports.wire.exported import entry_line, head_line, header_document
from ports.wire.outcome import outcome_document

PAGE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose, and of which days: None is without a bound. Outcomes are those of actions that began on these days."""

    tenant_id: str
    since: date | None = None
    through: date | None = None

    @property
    def since_ms(self) -> int:
        """The first moment."""
        return EARLIEST_MS if self.since is None else starts_ms(self.since)

    def before_ms(self, now_ms: int) -> int:
        """Return the end: that of the last day, or now."""
        return now_ms if self.through is None else ends_ms(self.through)


@dataclass(slots=True)
class Counts:
    """How many lines of each kind were written."""

    entries: int = 0
    heads: int = 0
    outcomes: int = 0


class Export:
    """Writes lines, and remembers their hash for the last of them."""

    def __init__(
        self,
        ledger: Ledger,
        heads: LedgerHeads | None,
        listings: Listings,
        timing: Timing,
        write: Callable[[str], object],
    ) -> None:
        """Keep the ports; ``heads`` is None where nothing is sealed."""
        self._ledger = ledger
        self._heads = heads
        self._listings = listings
        self._timing = timing
        self._write = write
        self._hash = hashlib.sha256()

    def __call__(self, wanted: Wanted, keys: list[PublicKey], now_ms: int) -> Counts:
        """Write the whole file; what happens meanwhile may be in it or not."""
        counts, before_ms = Counts(), wanted.before_ms(now_ms)
        self._line(header_document(wanted.tenant_id, wanted.since, wanted.through, now_ms, keys))
        entries = self._ledger.between(wanted.tenant_id, wanted.since_ms, before_ms)
        end = _End(max(wanted.since_ms, min(before_ms, now_ms) - self._timing.seal_margin_ms))
        for one in _interleaved(entries, self._heads_of(wanted, before_ms)):
            if isinstance(one, LedgerEntry):
                counts.entries += 1
                end.add(one)
                self._line(entry_line(one))
            else:
                counts.heads += 1
                self._line(head_line(one))
        for entry in end.followed(self._ledger):
            counts.entries += 1
            self._line(entry_line(entry))
        for document in self._outcomes(wanted, before_ms):
            counts.outcomes += 1
            self._line({"kind": "outcome", "outcome": document})
        told = {"entries": counts.entries, "heads": counts.heads, "outcomes": counts.outcomes}
        self._line({"kind": "trailer", **told, "sha256": self._hash.hexdigest()})
        return counts

    def _line(self, document: dict[str, Json]) -> None:
        text = compact(document) + "\n"
        self._hash.update(text.encode())
        self._write(text)

    def _heads_of(self, wanted: Wanted, before_ms: int) -> Iterator[SignedHead]:
        """Yield the heads of those days that are there as a whole."""
        found = iter(()) if self._heads is None else self._heads.since(wanted.tenant_id, wanted.since)
        for one in found:
            if ends_ms(one.head.day) > before_ms:
                return
            yield one

    def _outcomes(self, wanted: Wanted, before_ms: int) -> Iterator[dict[str, Json]]:
        place: str | None = None
        while True:
            page = self._listings.by_tenant(wanted.tenant_id, limit=PAGE, place=place)
            for execution in page.executions:
                begun_ms = execution.attempt.started_at_ms
                if execution.outcome is not None and wanted.since_ms <= begun_ms < before_ms:
                    yield outcome_document(execution.outcome)
                elif begun_ms < wanted.since_ms:
                    return
            place = page.next_place
            if place is None:
                return


class _End:
    """The entries stamped from ``since_ms`` on, of which one may be here before the one that it follows.

    For clocks differ, a commit is stamped before it is tried, and an index lags; a day is sealed when all that is over.
    """

    def __init__(self, since_ms: int) -> None:
        self._since_ms = since_ms
        self._here: dict[Chain, set[int]] = {}

    def add(self, entry: LedgerEntry) -> None:
        if entry.at_ms >= self._since_ms:
            self._here.setdefault(entry.chain, set()).add(entry.sequence)

    def followed(self, ledger: Ledger) -> list[LedgerEntry]:
        """Return what these entries follow and is not here, where its stamp is no older: an older one was listed."""
        found: list[LedgerEntry] = []
        for chain, here in self._here.items():
            last = max(here)
            if len(here) < last:
                entries = (it for it in ledger.entries(chain) if it.sequence < last and it.sequence not in here)
                found += (it for it in entries if it.at_ms >= self._since_ms)
        return sorted(found, key=lambda it: line_of(it).place)


def _interleaved(entries: Iterator[LedgerEntry], heads: Iterator[SignedHead]) -> Iterator[LedgerEntry | SignedHead]:
    """Yield entries, and each day's head behind the last entry of that day."""
    head = next(heads, None)
    for entry in entries:
        while head is not None and head.head.day < day_of(entry.at_ms):
            yield head
            head = next(heads, None)
        yield entry
    while head is not None:
        yield head
        head = next(heads, None)
