"""The approvals port: where a publisher puts approved events, for a system that runs elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Approvals(Protocol):
    """Takes events at least once, in no order."""

    def put(self, events: Sequence[str]) -> Mapping[int, str]:
        """Put events, durably when it returns, and return by their places why some were not taken.

        Raises:
            StoreUnavailableError: some were perhaps not taken; to put all of them again is harmless.
        """
        ...
