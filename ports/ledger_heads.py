"""The ledger heads port: what is signed of each day, kept where whoever writes the ledger cannot change it."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from core.domain.sealing import SignedHead


class LedgerHeads(Protocol):
    """One head per tenant and day, kept once.

    Where something kept is no head, every verb that meets it raises LedgerUnreadableError, which names it.
    """

    def keep(self, head: SignedHead) -> SignedHead:
        """Keep a head, durably on return, where none is kept of that tenant and day; return the one that stands.

        Raises:
            StoreUnavailableError: it may or may not be kept; keeping it again is harmless.
        """
        ...

    def newest(self, tenant_id: str) -> SignedHead | None:
        """Return the head of a tenant's latest sealed day."""
        ...

    def since(self, tenant_id: str, day: date | None) -> Iterator[SignedHead]:
        """Yield a tenant's heads from a day on (None: all of them), oldest first, one read at a time."""
        ...

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have heads, sorted."""
        ...
