"""The registry port."""

from collections.abc import Sequence
from typing import Protocol

from core.domain.registry import RegistryEntry


class Registry(Protocol):
    """Immutable, versioned entries. There is no verb for the latest one: execution pins its version."""

    def entry(self, action_type: str, version: int) -> RegistryEntry | None:
        """Return one version, None where it does not exist.

        Raises:
            StoreUnavailableError: the registry could not be read.
        """
        ...

    def apply(self, entry: RegistryEntry) -> bool:
        """Add a version; True when it was new, False when the very same one was there.

        Raises:
            RegistryConflictError: the version exists with other content.
        """
        ...

    def entries(self) -> Sequence[RegistryEntry]:
        """Return all entries by action type and rising version."""
        ...
