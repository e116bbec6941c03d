"""The kill switches port."""

from collections.abc import Sequence
from typing import Protocol

from core.domain.switches import Switch, SwitchReading


class KillSwitches(Protocol):
    """Global, tenant and action-type switches."""

    def read(self, tenant_id: str) -> SwitchReading:
        """Return all that bears on one tenant by a strongly consistent read.

        Raises:
            SwitchUnreadableError: it could not be read, which counts as closed.
        """
        ...

    def close(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        """Stop: durable when it returns; ledgered in the same transaction."""
        ...

    def open(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        """Resume: durable when it returns; ledgered in the same transaction."""
        ...

    def closed(self) -> Sequence[Switch]:
        """Return the switches that are closed."""
        ...
