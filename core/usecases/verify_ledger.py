"""Verify the ledger: is every chain unbroken, and is every sealed day still what was sealed?"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.domain.attempt import ChainHead
from core.domain.errors import LedgerUnreadableError
from core.domain.ledger import Chain, verify
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

        def found(finding: Finding) -> None:
            verified.findings += 1
            tell(finding)

        for chain, head in self._ledger.chains(tenant_id):
            self._chain(chain, head, verified, stamped.setdefault(chain.tenant_id, defaultdict(Tally)), found)
        if self._verify_days is not None:
            for one in self._verify_days.tenants() if tenant_id is None else [tenant_id]:
                days, last = self._verify_days(one, trusted, stamped.get(one, {}), found)
                verified.days += days
                if last is not None:
                    verified.through[one] = last
        return verified

    def _chain(
        self, chain: Chain, head: ChainHead | None, verified: Verified, stamped: defaultdict[int, Tally], found: Tell
    ) -> None:
        verified.chains += 1
        try:
            rows = self._ledger.entries(chain)
        except LedgerUnreadableError as unreadable:
            found(Finding(chain.tenant_id, chain.subject, unreadable.message))
            return
        verified.entries += len(rows)
        for entry in rows:
            stamped[entry.at_ms // DAY_MS].add(line_of(entry))
        fault = verify(rows, head)
        if fault is not None:
            found(Finding(chain.tenant_id, chain.subject, fault))
