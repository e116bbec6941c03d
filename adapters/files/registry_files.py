"""Registry files: one entry per file, read by the installer and by `actonce registry apply` alike."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from core.domain.errors import ConfigurationError, InvalidEventError
from core.domain.registry import RegistryEntry
from ports.wire.bounds import load
from ports.wire.registry import parse_entry

_ROOT = Path(__file__).resolve().parents[2]
_IN_WHEEL = _ROOT / "entrypoints" / "seeds"
_IN_REPOSITORY = _ROOT / "infra" / "terraform" / "registry"


def seed_folder() -> Path:
    """Return the folder of the entries that come with this system: in an installed wheel, or in the repository."""
    return _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_REPOSITORY


def load_entries(folders: Sequence[Path]) -> list[RegistryEntry]:
    """Return every entry of these folders by action type and version; the same one twice counts once.

    Raises:
        ConfigurationError: a folder or file cannot be read, a field is wrong, or two files differ about one version.
    """
    found: dict[tuple[str, int], tuple[Path, RegistryEntry]] = {}
    for file in _files(folders):
        entry = load_entry(file)
        earlier, standing = found.setdefault((entry.action_type, entry.version), (file, entry))
        if standing != entry:
            raise ConfigurationError(
                f"{file}: {entry.action_type} version {entry.version} stands with other content in {earlier}."
            )
    return [found[place][1] for place in sorted(found)]


def load_entry(file: Path) -> RegistryEntry:
    """Return the entry of one file.

    Raises:
        ConfigurationError: it cannot be read or is not an entry; the file and the field are named.
    """
    try:
        document = load(file.read_bytes())
        if not isinstance(document, Mapping):
            raise ConfigurationError("not a JSON object")
        return parse_entry(document)
    except (ConfigurationError, InvalidEventError) as fault:
        raise ConfigurationError(f"{file}: {fault.message}") from fault
    except OSError as fault:
        raise ConfigurationError(f"{file}: {fault.strerror}.") from fault


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        if not folder.is_dir():
            raise ConfigurationError(f"{folder}: no such folder of registry files.")
        yield from sorted(folder.glob("*.json"))
