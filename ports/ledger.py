"""The ledger port: reading what was written; entries are appended by the transactions that they tell of."""

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
