"""The ids port."""

from typing import Protocol


class Ids(Protocol):
    """Source of fresh ids: nonces, attempt ids, trace ids."""

    def fresh(self) -> str:
        """Return 32 hexadecimal digits that were never returned before, in any process."""
        ...
