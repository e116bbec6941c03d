"""The registry in memory."""

from collections.abc import Iterable, Sequence

from core.domain.errors import RegistryConflictError
from core.domain.registry import RegistryEntry


class MemoryRegistry:
    """The registry port."""

    def __init__(self, entries: Iterable[RegistryEntry] = ()) -> None:
        """Apply what is given."""
        self._entries: dict[tuple[str, int], RegistryEntry] = {}
        for entry in entries:
            self.apply(entry)

    def entry(self, action_type: str, version: int) -> RegistryEntry | None:
        """Return one version."""
        return self._entries.get((action_type, version))

    def apply(self, entry: RegistryEntry) -> bool:
        """Add a version once."""
        known = self._entries.get((entry.action_type, entry.version))
        if known is not None and known != entry:
            raise RegistryConflictError(
                f"{entry.action_type} version {entry.version} exists with other content; publish a new version."
            )
        self._entries[entry.action_type, entry.version] = entry
        return known is None

    def entries(self) -> Sequence[RegistryEntry]:
        """Return all, by action type and version."""
        return [self._entries[place] for place in sorted(self._entries)]
