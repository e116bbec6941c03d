"""The ledger port: reading what was written; entries are appended by the transactions that they tell of.

Where an entry is not of a form that this version knows, every verb raises LedgerUnreadableError, which names it.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from core.domain.attempt import ChainHead
from core.domain.ledger import Chain, LedgerEntry


class Ledger(Protocol):
    """Hash-chained entries, one chain per intent, one for its refusals, one for each tenant's switches."""

    def entries(self, chain: Chain) -> Sequence[LedgerEntry]:
        """Return a whole chain in sequence, as stored."""
        ...

    def chains(self, tenant_id: str | None) -> Iterator[tuple[Chain, ChainHead | None]]:
        """Yield every chain of a tenant (None: of all) with the head that its row remembers, None where none does."""
        ...

    def between(self, tenant_id: str, since_ms: int, before_ms: int) -> Iterator[LedgerEntry]:
        """Yield a tenant's entries stamped from ``since_ms`` on and before ``before_ms``, over all its chains.

        In the order of stamp, chain and sequence, read piece by piece. An entry written a moment ago may be missing.
        """
        ...

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have entries, sorted; ``*`` stands for what concerns all."""
        ...
