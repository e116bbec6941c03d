"""Verify the ledger: is every chain unbroken, and is every sealed day still what was sealed?"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.domain.attempt import ChainHead
from core.domain.errors import LedgerUnreadableError
from core.domain.ledger import Chain, LedgerEntry, verify
from core.domain.sealing import DAY_MS, Finding, PublicKey, Tally, line_of
from core.usecases.verify_days import VerifyDays
from ports.ledger import Ledger

Tell = Callable[[Finding], None]


@dataclass(slots=True)
class Verified:
    """What was looked at, and how much was found wrong. ``through``: the last sealed day of each tenant with any."""

    chains: int = 0
    entries: int = 0
    days: int = 0
    findings: int = 0
    through: dict[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Longer:
    """How many entries a chain had that were more than its head stands for, and what is said of that."""

    entries: int
    fault: str


class VerifyLedger:
    """Reads chain by chain, then day by day; a chain or a piece of a roll is all that it holds."""

    def __init__(self, ledger: Ledger, verify_days: VerifyDays | None) -> None:
        """Keep the parts; where no heads are kept, ``verify_days`` is None and chains alone are verified."""
        self._ledger = ledger
        self._verify_days = verify_days

    def __call__(self, tenant_id: str | None, trusted: Sequence[PublicKey], tell: Tell) -> Verified:
        """Verify one tenant's ledger or (None) all, and tell each finding as it is made.

        Raises:
            StoreUnavailableError: a store cannot be read now, so nothing is said of the rest.
            ConfigurationError: a trusted key is none.
        """
        verified = Verified()
        stamped: dict[str, defaultdict[int, Tally]] = {}
        longer: dict[Chain, _Longer] = {}

        def found(finding: Finding) -> None:
            verified.findings += 1
            tell(finding)

        for chain, head in self._ledger.chains(tenant_id):
            rows = self._rows(chain, found)
            verified.chains += 1
            verified.entries += len(rows or ())
            if rows is None:
                continue
            tallies = stamped.setdefault(chain.tenant_id, defaultdict(Tally))
            for entry in rows:
                tallies[entry.at_ms // DAY_MS].add(line_of(entry))
            fault = verify(rows, head)
            if fault is not None and _goes_on(rows, head):
                longer[chain] = _Longer(len(rows), fault)
            elif fault is not None:
                found(Finding(chain.tenant_id, chain.subject, fault))
        self._again(tenant_id, longer, found)
        if self._verify_days is not None:
            for one in self._verify_days.tenants() if tenant_id is None else [tenant_id]:
                days, last = self._verify_days(one, trusted, stamped.get(one, {}), found)
                verified.days += days
                if last is not None:
                    verified.through[one] = last
        return verified

    def _again(self, tenant_id: str | None, longer: dict[Chain, _Longer], found: Tell) -> None:
        """Tell of each chain that was longer than its head, unless a head that is read now stands for all of it."""
        for chain, head in self._ledger.chains(tenant_id) if longer else ():
            before = longer.get(chain)
            if before is None or head is None or head.sequence < before.entries:
                continue
            del longer[chain]
            rows = self._rows(chain, found)
            fault = None if rows is None else verify(rows[: head.sequence], head)
            if fault is not None:
                found(Finding(chain.tenant_id, chain.subject, fault))
            if not longer:
                return
        for chain, before in longer.items():
            found(Finding(chain.tenant_id, chain.subject, before.fault))

    def _rows(self, chain: Chain, found: Tell) -> Sequence[LedgerEntry] | None:
        try:
            return self._ledger.entries(chain)
        except LedgerUnreadableError as unreadable:
            found(Finding(chain.tenant_id, chain.subject, unreadable.message))
            return None


def _goes_on(rows: Sequence[LedgerEntry], head: ChainHead | None) -> bool:
    """Tell whether a chain is whole up to its head and beyond: it is written to, or somebody put an entry behind it."""
    return head is not None and verify(rows[: head.sequence], head) is None and verify(rows, None) is None
