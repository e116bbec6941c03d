"""The operators' desk: what every door for operators stands on, and nothing else of the installation."""

from collections.abc import Sequence

from core.domain.making import dataclass
from core.domain.registry import RegistryEntry
from entrypoints.desk.acting import Acting
from entrypoints.desk.doors import absent
from entrypoints.desk.listing import Listing
from entrypoints.desk.switching import Switching
from entrypoints.desk.viewing import Seen, Viewing
from ports.registry import Registry
from ports.wire.service import RegistryModel, registry_model
from ports.wire.status import StatusModel


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of the operators' desk."""

    viewing: Viewing
    listing: Listing
    acting: Acting
    switching: Switching
    entries: Registry

    def present(self, seen: Seen) -> Seen:
        """Return what was seen.

        Raises:
            IntentNotFoundError: outcome, attempt and intent are all absent.
        """
        if not seen.is_there:
            raise absent(seen.key)
        return seen

    def status(self, seen: Seen) -> StatusModel:
        """Return where it stands."""
        status = self.viewing.status(self.present(seen))
        if status is None:
            raise absent(seen.key)
        return status

    def registry(self) -> RegistryModel:
        """Return what is in the registry."""
        found: Sequence[RegistryEntry] = self.entries.entries()
        return registry_model(found)
