"""Building the container that the settings ask for; only that one's adapters are imported."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.domain.errors import ConfigurationError
from entrypoints.container.wiring import Container
from entrypoints.settings.loading import Settings

if TYPE_CHECKING:
    from entrypoints.container.aws import AwsContainer
    from entrypoints.container.embedded import EmbeddedContainer


def build(settings: Settings, *, creating: bool = True, needs: Iterable[str] = ()) -> Container:
    """Return a container for these settings. ``needs``: keys under ``[aws]`` that will be asked for.

    Raises:
        ConfigurationError: something is missing, or is not ours.
        StoreUnavailableError: the database cannot be opened now.
    """
    if settings.is_api:
        raise ConfigurationError("The target api has no stores; it is for the command line of operators.")
    if settings.is_aws:
        settings.require(*needs)
        return build_aws(settings)
    return build_embedded(settings, creating=creating)


def build_embedded(settings: Settings, *, creating: bool = True) -> "EmbeddedContainer":
    """Return a container on SQLite, with its database open; it is made where ``creating`` says so.

    Raises:
        ConfigurationError: there is no such database or folder, or the file is not ours.
        StoreUnavailableError: it cannot be opened now.
    """
    from entrypoints.container.embedded import EmbeddedContainer  # noqa: PLC0415 - AWS must not pay for it

    path = settings.paths.database
    if not creating and not path.is_file():
        raise ConfigurationError(f"There is no database {path}. Name another with --db, or start with actonce run.")
    if not path.parent.is_dir():
        raise ConfigurationError(f"There is no folder {path.parent} for the database. Make it, or give --db.")
    container = EmbeddedContainer(settings)
    container.database()
    return container


def build_aws(settings: Settings) -> "AwsContainer":
    """Return a container on AWS; nothing is called before it is asked for.

    Raises:
        ConfigurationError: there is no such profile.
    """
    from entrypoints.container.aws import AwsContainer  # noqa: PLC0415 - botocore takes a third of a second

    container = AwsContainer(settings)
    container.session()
    return container


def close(container: Container) -> None:
    """Close what was opened; what waits is written or sent before."""
    container.shutdown_resources()
