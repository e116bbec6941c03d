"""The ledger rolls port: which entries a sealed day had, in pieces that are named by their hash."""

from typing import Protocol


class LedgerRolls(Protocol):
    """Texts of some hundred kilobytes, kept beside the heads that name them."""

    def keep(self, tenant_id: str, piece: str) -> str:
        """Keep a piece, durably on return, and return its name: the SHA-256 of its UTF-8 bytes.

        Raises:
            StoreUnavailableError: it may or may not be kept; keeping it again is harmless.
        """
        ...

    def read(self, tenant_id: str, name: str) -> str | None:
        """Return a piece as it is kept, None where there is none; whoever reads compares it with its name."""
        ...
