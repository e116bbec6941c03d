"""The operators' desk over a container's ports."""

from entrypoints.container.wiring import Container
from entrypoints.desk.acting import Acting
from entrypoints.desk.desk import Desk
from entrypoints.desk.listing import Listing
from entrypoints.desk.switching import Switching
from entrypoints.desk.viewing import Viewing
from ports.wire.service import RegistryModel, registry_model


class InstalledDoors:
    """The doors of an installation; each is built when it is asked for, so that nobody needs what he does not use."""

    def __init__(self, container: Container) -> None:
        """Keep the container."""
        self._container = container

    @property
    def viewing(self) -> Viewing:
        """What looks at one intent."""
        return viewing_of(self._container)

    @property
    def listing(self) -> Listing:
        """What looks through many."""
        return listing_of(self._container)

    @property
    def acting(self) -> Acting:
        """What acts on one intent."""
        return acting_of(self._container)

    @property
    def switching(self) -> Switching:
        """What throws kill switches."""
        return switching_of(self._container)

    def registry(self) -> RegistryModel:
        """Return what is in the registry."""
        return registry_model(self._container.registry().entries())


def desk_of(container: Container) -> Desk:
    """Return the desk of an installation; nothing is called before it is asked for."""
    return Desk(
        viewing=viewing_of(container),
        listing=listing_of(container),
        acting=acting_of(container),
        switching=switching_of(container),
        entries=container.registry(),
    )


def acting_of(container: Container) -> Acting:
    """Return what acts on one intent."""
    return Acting(
        container.cancel(),
        container.retry(),
        container.resolve(),
        container.undo(),
        container.rehearse(),
        container.clock(),
    )


def switching_of(container: Container) -> Switching:
    """Return what throws kill switches."""
    return Switching(container.kill_switches(), container.clock())


def viewing_of(container: Container) -> Viewing:
    """Return what views one intent."""
    return Viewing(container.executions(), container.intents(), container.ledger(), container.clock())


def listing_of(container: Container) -> Listing:
    """Return what looks through many."""
    return Listing(container.listings(), container.clock(), container.settings().timing)
