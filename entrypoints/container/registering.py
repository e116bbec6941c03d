"""Applying the files of the registry."""

from collections.abc import Iterable

from adapters.files.registry_files import load_entries, seed_folder
from core.domain.errors import ConfigurationError, RegistryConflictError
from core.domain.registry import RegistryEntry
from entrypoints.container.wiring import Container
from entrypoints.settings.loading import Settings
from ports.registry import Registry


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
