"""The checkup port: what this installation stands on, looked at without changing anything."""

from collections.abc import Iterator
from typing import Protocol

from core.domain.making import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that must be there. ``fault`` is None where it is."""

    what: str
    found: str
    fault: str | None = None


class Checkup(Protocol):
    """Looks at stores, queues and ways out. No secret is ever part of what it says."""

    def parts(self) -> Iterator[Part]:
        """Yield every part, as it is found; a fault is told, never raised."""
        ...
