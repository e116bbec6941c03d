"""The head of a day: what is signed about a tenant's ledger, so that a whole chain cannot vanish unseen either.

A day is a UTC date. Its *roll* names every entry stamped on it, one line each, in the order of stamp, chain and
sequence; the roll is cut into pieces, and the root is the hash over the hashes of its pieces.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from core.domain.canonical import Json, canonical
from core.domain.ledger import LedgerEntry, is_whole

FORMAT_VERSION = 1
DAY_MS = 86_400_000
EARLIEST_MS = -(2**53)
"""No stamp is earlier: no number of JSON that everybody reads alike is."""
PIECE_LINES = 10_000
"""Lines of a piece of a roll, the last one excepted: what is held in memory of a day, whatever its size."""

_EPOCH = date(1970, 1, 1)
_TALLY_OCTETS = 256


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an entry stands in its day's roll."""

    at_ms: int
    subject: str
    sequence: int


@dataclass(frozen=True, slots=True)
class RollLine:
    """One entry as a roll names it."""

    place: Place
    sha256: str

    def __str__(self) -> str:
        """Return the line as it is kept and hashed; a space occurs in none of its parts."""
        return f"{self.place.at_ms} {self.place.subject} {self.place.sequence} {self.sha256}"


@dataclass(slots=True)
class Tally:
    """How many lines there are and which, in whatever order they come.

    ``total`` is the sum of their hashes, which are so wide that nobody finds others that add up to the same.
    """

    lines: int = 0
    total: int = 0

    def add(self, line: RollLine) -> None:
        """Count one."""
        octets = hashlib.shake_256(str(line).encode(errors="surrogatepass")).digest(_TALLY_OCTETS)
        self.lines += 1
        self.total = (self.total + int.from_bytes(octets)) % (1 << 8 * _TALLY_OCTETS)


@dataclass(frozen=True, slots=True)
class DayHead:
    """What is said of one tenant's day.

    ``pieces`` are the hashes of the roll's pieces in order, ``root`` the hash over them, ``previous`` the hash of the
    head of the day before, empty for a tenant's first sealed day.
    """

    tenant_id: str
    day: date
    entries: int
    root: str
    pieces: tuple[str, ...]
    previous: str
    format_version: int = FORMAT_VERSION

    @property
    def content(self) -> bytes:
        """The RFC 8785 bytes that are signed: all but the pieces, for which the root stands, so they are few."""
        return canonical(self.statement)

    @property
    def statement(self) -> dict[str, Json]:
        """What is signed, as JSON."""
        return {
            "format_version": self.format_version,
            "tenant_id": self.tenant_id,
            "day": self.day.isoformat(),
            "entries": self.entries,
            "root": self.root,
            "previous": self.previous,
        }

    @property
    def sha256(self) -> str:
        """The hash by which the head of the next day names this one."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, and the key that made it: the SHA-256 of its public key's DER form, 64 hexadecimal digits."""

    signed_by: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head that somebody stands for."""

    head: DayHead
    signature: Signature


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What signatures are checked with: a PEM text, and the name that signatures bear."""

    key_id: str
    pem: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a ledger, and where: a chain and, where it is about one entry, its sequence."""

    tenant_id: str
    subject: str
    what: str
    sequence: int | None = None

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.tenant_id} {self.subject}: {self.what}"


def day_of(at_ms: int) -> date:
    """Return the UTC day of a moment."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).date()


def starts_ms(day: date) -> int:
    """Return the first millisecond of a day; the day before ends there."""
    return (day - _EPOCH).days * DAY_MS


def ends_ms(day: date) -> int:
    """Return the first millisecond behind a day."""
    return starts_ms(day) + DAY_MS


def last_due(now_ms: int, margin_ms: int) -> date:
    """Return the latest day that may be sealed: it ended ``margin_ms`` ago."""
    return day_of(now_ms - margin_ms) - timedelta(days=1)


def line_of(entry: LedgerEntry) -> RollLine:
    """Return an entry as its day's roll names it."""
    return RollLine(Place(entry.at_ms, entry.chain.subject, entry.sequence), entry.sha256)


def parsed_line(text: str) -> RollLine:
    """Return a line of a roll.

    Raises:
        ValueError: it is none.
    """
    at_ms, subject, sequence, sha256 = text.split(" ")
    return RollLine(Place(int(at_ms), subject, int(sequence)), sha256)


def pieces_of(entries: Iterable[LedgerEntry], size: int = PIECE_LINES) -> Iterator[tuple[str, int]]:
    """Yield the roll of a day's entries piece by piece: its text, every line ended, and how many lines it has."""
    rest = iter(entries)
    while lines := [f"{line_of(entry)}\n" for entry in islice(rest, size)]:
        yield "".join(lines), len(lines)


def piece_hash(text: str) -> str:
    """Return the hash of a piece, which is its name."""
    return hashlib.sha256(text.encode()).hexdigest()


def root_of(pieces: Iterable[str]) -> str:
    """Return the root over the hashes of pieces."""
    return hashlib.sha256("\n".join(pieces).encode()).hexdigest()


def compared(tenant_id: str, day: date, roll: Iterable[RollLine], entries: Iterable[LedgerEntry]) -> Iterator[Finding]:
    """Yield where a day's ledger is not what was sealed of it; both come in order, and neither is held."""
    lines, found = iter(roll), iter(entries)
    line, entry = next(lines, None), next(found, None)
    while line is not None or entry is not None:
        place = line_of(entry).place if entry is not None else None
        if line is not None and (place is None or line.place < place):
            gone = line.place
            yield Finding(
                tenant_id, gone.subject, f"entry {gone.sequence} of {day}, which was sealed, is missing", gone.sequence
            )
            line = next(lines, None)
        elif entry is not None and (line is None or (place is not None and place < line.place)):
            yield added(entry, day)
            entry = next(found, None)
        elif line is not None and entry is not None:
            # A hash that is stored says nothing of what is stored beside it.
            if line.sha256 != entry.sha256 or not is_whole(entry):
                yield _found(entry, f"entry {entry.sequence} of {day} is not the one that was sealed")
            line, entry = next(lines, None), next(found, None)


def added(entry: LedgerEntry, day: date) -> Finding:
    """Return what is said of an entry whose day was sealed without it."""
    return _found(entry, f"entry {entry.sequence} was added after its day, {day}, was sealed")


def _found(entry: LedgerEntry, what: str) -> Finding:
    return Finding(entry.chain.tenant_id, entry.chain.subject, what, entry.sequence)


def follows(head: DayHead, before: DayHead | None, tenant_id: str) -> str | None:
    """Return why a head does not follow the one before it, None when it does."""
    if head.format_version != FORMAT_VERSION:
        return f"the head of {head.day} is of format {head.format_version}, which this version does not know"
    if head.tenant_id != tenant_id:
        return f"the head of {head.day} is of another tenant"
    if head.root != root_of(head.pieces):
        return f"the root of {head.day} is not that of its roll"
    if before is not None:
        return _gap(head, before)
    return f"the head of {head.day} follows one that is missing" if head.previous else None


def _gap(head: DayHead, before: DayHead) -> str | None:
    if head.day - before.day != timedelta(days=1):
        return f"the heads between {before.day} and {head.day} are missing"
    if head.previous != before.sha256:
        return f"the head of {head.day} does not follow that of {before.day}"
    return None
