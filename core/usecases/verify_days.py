"""Verify days: is every sealed day of a tenant's ledger still what was sealed, entry by entry?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from core.domain.errors import LedgerUnreadableError
from core.domain.sealing import (
    DAY_MS,
    EARLIEST_MS,
    DayHead,
    Finding,
    PublicKey,
    RollLine,
    SignedHead,
    Tally,
    added,
    compared,
    ends_ms,
    follows,
    parsed_line,
    piece_hash,
    starts_ms,
)
from ports.ledger import Ledger
from ports.ledger_heads import LedgerHeads
from ports.ledger_rolls import LedgerRolls
from ports.signature_check import SignatureCheck

HEADS = "heads"
"""What stands in a chain's place where a finding is about heads."""

Stamped = Mapping[int, Tally]


class VerifyDays:
    """Follows the heads from the first to the newest, and holds each roll against the ledger."""

    def __init__(self, ledger: Ledger, heads: LedgerHeads, rolls: LedgerRolls, check: SignatureCheck) -> None:
        """Keep the parts."""
        self._ledger = ledger
        self._heads = heads
        self._rolls = rolls
        self._check = check

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have sealed days, whether or not anything is left of their ledgers."""
        return self._heads.tenants()

    def __call__(
        self, tenant_id: str, trusted: Sequence[PublicKey], stamped: Stamped, tell: Callable[[Finding], None]
    ) -> tuple[int, date | None]:
        """Tell what is wrong; return how many days are sealed, and the last of them.

        ``stamped``: what a reading of every chain found of each day, counted from 1970.
        """
        keys = {it.key_id: it for it in trusted}
        before: DayHead | None = None
        days = 0
        try:
            for signed in self._heads.since(tenant_id, None):
                for finding in self._day(tenant_id, signed, before, keys, stamped):
                    tell(finding)
                before = signed.head
                days += 1
        except LedgerUnreadableError as unreadable:
            tell(Finding(tenant_id, HEADS, unreadable.message))
        return days, None if before is None else before.day

    def _day(
        self,
        tenant_id: str,
        signed: SignedHead,
        before: DayHead | None,
        keys: Mapping[str, PublicKey],
        stamped: Stamped,
    ) -> Iterator[Finding]:
        head = signed.head
        fault = follows(head, before, tenant_id) or self._forged(signed, keys)
        if fault is not None:
            yield Finding(tenant_id, HEADS, fault)
        if before is None:
            yield from self._earlier(tenant_id, head.day, stamped)
        faults = [it for name in head.pieces if (it := self._piece_fault(head, name)) is not None]
        yield from faults
        if not faults:
            yield from self._compared(head, stamped)

    def _earlier(self, tenant_id: str, first: date, stamped: Stamped) -> Iterator[Finding]:
        """Yield what is stamped before the first sealed day; what no index lists is counted, as its chains hold it."""
        listed = 0
        for entry in self._ledger.between(tenant_id, EARLIEST_MS, starts_ms(first)):
            listed += 1
            yield added(entry, first)
        held = sum(it.lines for day, it in stamped.items() if day < starts_ms(first) // DAY_MS)
        if held > listed:
            yield Finding(tenant_id, HEADS, f"the chains hold {held} entries before {first}, the first sealed day")

    def _compared(self, head: DayHead, stamped: Stamped) -> Iterator[Finding]:
        tenant_id, day = head.tenant_id, head.day
        entries = self._ledger.between(tenant_id, starts_ms(day), ends_ms(day))
        is_quiet, sealed = True, Tally()
        try:
            for finding in compared(tenant_id, day, self._roll(head, sealed), entries):
                is_quiet = False
                yield finding
        except LedgerUnreadableError as unreadable:
            yield Finding(tenant_id, HEADS, f"{day} cannot be compared to its end: {unreadable.message}")
            return
        # A row that no index lists is seen only by whoever reads its chain.
        found = stamped.get(starts_ms(day) // DAY_MS, Tally())
        if is_quiet and found.lines != head.entries:
            what = f"the chains hold {found.lines} entries of {day}, but {head.entries} were sealed"
            yield Finding(tenant_id, HEADS, what)
        elif is_quiet and found != sealed:
            what = f"the chains hold as many entries of {day} as were sealed, but others"
            yield Finding(tenant_id, HEADS, what)

    def _forged(self, signed: SignedHead, keys: Mapping[str, PublicKey]) -> str | None:
        key = keys.get(signed.signature.signed_by)
        if key is None:
            return f"the head of {signed.head.day} is signed by a key that is not trusted: {signed.signature.signed_by}"
        if not self._check.holds(signed.head.content, signed.signature.octets, key):
            return f"the signature of the head of {signed.head.day} does not hold"
        return None

    def _piece_fault(self, head: DayHead, name: str) -> Finding | None:
        piece = self._rolls.read(head.tenant_id, name)
        if piece is None:
            return Finding(head.tenant_id, HEADS, f"a piece of the roll of {head.day} is missing: {name}")
        if piece_hash(piece) != name:
            return Finding(head.tenant_id, HEADS, f"a piece of the roll of {head.day} was changed: {name}")
        return None

    def _roll(self, head: DayHead, tally: Tally) -> Iterator[RollLine]:
        """Yield and count the lines of a roll whose pieces were found to be whole."""
        for name in head.pieces:
            for line in (self._rolls.read(head.tenant_id, name) or "").splitlines():
                parsed = parsed_line(line)
                tally.add(parsed)
                yield parsed
