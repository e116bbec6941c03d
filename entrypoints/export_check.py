"""Checking an export on its own, offline: is every line there, and is every sealed day what was sealed?

Held in memory are the hashes of a day's pieces and, where the file begins with the first entry, the last entry's place
and hash of each chain.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO

from core.domain.ledger import LedgerEntry, is_whole
from core.domain.sealing import (
    PIECE_LINES,
    DayHead,
    PublicKey,
    SignedHead,
    ends_ms,
    follows,
    line_of,
    root_of,
    starts_ms,
)
from ports.signature_check import SignatureCheck
from ports.wire.exported import (
    MOST_LINE_BYTES,
    EntryLine,
    HeaderLine,
    HeadLine,
    Line,
    OutcomeLine,
    TrailerLine,
    line_in,
)

Tell = Callable[[str], None]


@dataclass(slots=True)
class Checked:
    """What was found in a file. ``signers`` are the keys of its heads; ``first`` and ``through`` its sealed days."""

    tenant_id: str = ""
    entries: int = 0
    heads: int = 0
    outcomes: int = 0
    faults: int = 0
    first: date | None = None
    through: date | None = None
    signers: set[str] = field(default_factory=set)


class ExportCheck:
    """Reads a file once, from the first line to the last."""

    def __init__(self, check: SignatureCheck, trusted: list[PublicKey], tell: Tell) -> None:
        """Keep the keys that are trusted; without any, those are that the file itself brings."""
        self._check = check
        self._keys = {it.key_id: it for it in trusted}
        self._brings_keys = not trusted
        self._tell = tell
        self._checked = Checked()
        self._hash = hashlib.sha256()
        self._roll = _Roll()
        self._links: _Links | None = None
        self._since: date | None = None
        self._before: DayHead | None = None
        self._ended = False

    def __call__(self, file: BinaryIO) -> Checked:
        """Check it, and tell every fault by the number of its line or by chain and sequence."""
        number = 0
        for number, octets in enumerate(_lines(file), start=1):
            try:
                line = line_in(octets.decode())
            except ValueError:
                self._fault(f"line {number} is none of an export")
            else:
                self._take(number, line)
            self._hash.update(octets)
        if not self._ended:
            self._fault(f"the file ends at line {number} without a trailer")
        for what in self._links.open() if self._links else ():
            self._fault(what)
        if not self._brings_keys and self._checked.entries and not self._checked.heads:
            self._fault("no day is sealed: nothing here is signed by the key that was given")
        return self._checked

    def _take(self, number: int, line: Line) -> None:
        if self._ended:
            self._fault(f"line {number} comes after the trailer")
        if (number == 1) != isinstance(line, HeaderLine):
            self._fault(f"line {number}: a header is the first line, and nothing else")
        match line:
            case HeaderLine():
                self._header(line)
            case EntryLine():
                self._entry(number, line)
            case HeadLine():
                self._head(number, line)
            case OutcomeLine():
                self._outcome(number, line)
            case TrailerLine():
                self._trailer(line)

    def _header(self, line: HeaderLine) -> None:
        self._checked.tenant_id = line.tenant_id
        try:
            self._since = None if line.since is None else date.fromisoformat(line.since)
        except ValueError:
            self._fault(f"the first day that the header names is none: {line.since}")
        if line.since is None:
            self._links = _Links()
        if self._brings_keys:
            self._keys |= {it.key_id: PublicKey(it.key_id, it.pem) for it in line.public_keys}

    def _entry(self, number: int, line: EntryLine) -> None:
        self._checked.entries += 1
        try:
            entry = line.to_domain(self._checked.tenant_id)
        except ValueError:
            self._fault(f"line {number} is of an event that there is not")
            return
        if not is_whole(entry):
            self._fault(f"{entry.chain.subject}: entry {entry.sequence} was changed")
        if self._before is not None and entry.at_ms < ends_ms(self._before.day):
            self._fault(f"{entry.chain.subject}: entry {entry.sequence} comes after the head of its day")
        if self._since is not None and entry.at_ms < starts_ms(self._since):
            self._fault(f"{entry.chain.subject}: entry {entry.sequence} is of a day before {self._since}")
        self._roll.add(entry)
        if self._links is not None:
            for what in self._links.add(entry):
                self._fault(what)

    def _head(self, number: int, line: HeadLine) -> None:
        self._checked.heads += 1
        try:
            signed = line.head.to_domain()
        except ValueError:
            self._fault(f"line {number} is no head of a day")
            return
        head = signed.head
        if self._before is None:
            self._checked.first = head.day
            what = self._begins(head)
        else:
            what = follows(head, self._before, self._checked.tenant_id)
        for fault in (what, self._forged(signed), self._roll.differs(head)):
            if fault is not None:
                self._fault(fault)
        self._before = head
        self._checked.through = head.day

    def _begins(self, head: DayHead) -> str | None:
        """Return why a head cannot be the first of the file: what begins later has no head before its first day's."""
        if head.previous and head.day != self._since:
            return f"the heads before {head.day} are missing"
        if self._since is not None and head.day < self._since:
            return f"the head of {head.day} is of a day before {self._since}"
        return follows(replace(head, previous=""), None, self._checked.tenant_id)

    def _outcome(self, number: int, line: OutcomeLine) -> None:
        self._checked.outcomes += 1
        if line.outcome.get("tenant_id") != self._checked.tenant_id:
            self._fault(f"line {number} is an outcome of another tenant")

    def _forged(self, signed: SignedHead) -> str | None:
        signature, day = signed.signature, signed.head.day
        self._checked.signers.add(signature.signed_by)
        key = self._keys.get(signature.signed_by)
        if key is None:
            return f"the head of {day} is signed by a key that is not trusted: {signature.signed_by}"
        if not self._check.holds(signed.head.content, signature.octets, key):
            return f"the signature of the head of {day} does not hold"
        return None

    def _trailer(self, line: TrailerLine) -> None:
        self._ended = True
        found = self._checked
        if (line.entries, line.heads, line.outcomes) != (found.entries, found.heads, found.outcomes):
            self._fault("the trailer counts other lines than there are")
        if line.sha256 != self._hash.hexdigest():
            self._fault("the trailer's hash is not that of the lines before it")

    def _fault(self, what: str) -> None:
        self._checked.faults += 1
        self._tell(what)


class _Roll:
    """The roll of the entries since the last head."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._piece = hashlib.sha256()
        self._lines = self._entries = 0

    def add(self, entry: LedgerEntry) -> None:
        self._piece.update(f"{line_of(entry)}\n".encode())
        self._lines += 1
        self._entries += 1
        if self._lines == PIECE_LINES:
            self._cut()

    def differs(self, head: DayHead) -> str | None:
        """Return how a head differs from what came before it, and begin anew."""
        if self._lines:
            self._cut()
        entries, root = self._entries, root_of(self._pieces)
        self._pieces, self._entries = [], 0
        if entries != head.entries:
            return f"{entries} entries of {head.day} are here, but {head.entries} were sealed"
        return None if root == head.root else f"the entries of {head.day} are not those that were sealed"

    def _cut(self) -> None:
        self._pieces.append(self._piece.hexdigest())
        self._piece, self._lines = hashlib.sha256(), 0


class _Links:
    """Whether each entry of a chain follows the one before it; stamps of two machines may be in another order."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, str]] = {}
        self._early: dict[tuple[str, int], LedgerEntry] = {}

    def add(self, entry: LedgerEntry) -> Iterator[str]:
        subject = entry.chain.subject
        place = (subject, entry.sequence)
        if entry.sequence <= self._last.get(subject, (0, ""))[0] or place in self._early:
            yield f"{subject}: entry {entry.sequence} is here twice"
            return
        self._early[place] = entry
        while True:
            sequence, sha256 = self._last.get(subject, (0, ""))
            following = self._early.pop((subject, sequence + 1), None)
            if following is None:
                return
            if following.previous != sha256:
                yield f"{subject}: entry {sequence + 1} does not follow entry {sequence}"
            self._last[subject] = (sequence + 1, following.sha256)

    def open(self) -> Iterator[str]:
        """Yield what never came to follow anything, for the entry before it is missing."""
        for subject, sequence in sorted(self._early):
            if (subject, sequence - 1) not in self._early:
                yield f"{subject}: entry {sequence - 1} is missing"


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines; one that is longer than any can be is cut, and so none of an export."""
    return iter(lambda: file.readline(MOST_LINE_BYTES), b"")
