"""Building the container that the settings ask for; only that one's adapters are imported."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dependency_injector import providers

from adapters.files.registry_files import load_entries, seed_folder
from core.domain.errors import ConfigurationError, RegistryConflictError
from core.domain.registry import RegistryEntry
from entrypoints.container.wiring import Container
from entrypoints.settings.loading import Settings
from ports.registry import Registry

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
    container = EmbeddedContainer(settings=providers.Object(settings))
    container.database()
    return container


def build_aws(settings: Settings) -> "AwsContainer":
    """Return a container on AWS; nothing is called before it is asked for.

    Raises:
        ConfigurationError: there is no such profile.
    """
    from entrypoints.container.aws import AwsContainer  # noqa: PLC0415 - boto3 takes a third of a second

    container = AwsContainer(settings=providers.Object(settings))
    container.session()
    return container


def close(container: Container) -> None:
    """Close what was opened; what waits is written or sent before."""
    container.shutdown_resources()


def registry_entries(settings: Settings) -> list[RegistryEntry]:
    """Return what the registry files say; those that come with this system where none are configured.

    Raises:
        ConfigurationError: a file cannot be read or is not an entry; it and the field are named.
    """
    return load_entries(settings.paths.registry or (seed_folder(),))


def apply_registry(container: Container) -> tuple[int, int]:
    """Apply the registry files, and return how many entries were new and how many were there before.

    Raises:
        ConfigurationError: a file is wrong, or changes a version that was applied before.
    """
    registry = container.registry()
    return _applied(registry, registry_entries(container.settings()))


def _applied(registry: Registry, entries: Iterable[RegistryEntry]) -> tuple[int, int]:
    counts = {True: 0, False: 0}
    for entry in entries:
        try:
            counts[registry.apply(entry)] += 1
        except RegistryConflictError as conflict:
            raise ConfigurationError(
                f"{conflict.message} (A version is never changed: give your change a new version number.)"
            ) from conflict
    return counts[True], counts[False]
