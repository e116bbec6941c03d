"""Heads and rolls in a folder: best one that this machine can write to and not change, or that is copied away."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from core.domain.errors import StoreUnavailableError
from core.domain.sealing import SignedHead, piece_hash
from ports.wire import head_names
from ports.wire.heads import head_of, head_text


class FileLedgerHeads:
    """The ledger heads port."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it is made with the first head."""
        self._folder = folder

    def keep(self, head: SignedHead) -> SignedHead:
        """Keep it under its day, by the condition that there is none."""
        name = head_names.head_name(head.head.tenant_id, head.head.day)
        if _put_once(self._folder, name, head_text(head).encode()):
            return head
        return head_of(_read(self._folder / name) or b"", name)

    def newest(self, tenant_id: str) -> SignedHead | None:
        """Return the last by name."""
        names = self._names(tenant_id)
        return self._head(names[-1]) if names else None

    def since(self, tenant_id: str, day: date | None) -> Iterator[SignedHead]:
        """Yield them by name."""
        first = "" if day is None else head_names.head_name(tenant_id, day)
        yield from (self._head(name) for name in self._names(tenant_id) if name >= first)

    def tenants(self) -> Sequence[str]:
        """Return whose folders there are."""
        folders = [it.name for it in self._folder.iterdir() if it.is_dir()] if self._folder.is_dir() else []
        return sorted(tenant for it in folders if (tenant := head_names.tenant_in(it)) is not None)

    def _names(self, tenant_id: str) -> list[str]:
        folder = head_names.heads_folder(tenant_id)
        place = self._folder / folder
        found = [it.name for it in place.iterdir()] if place.is_dir() else []
        return sorted(f"{folder}{name}" for name in found if head_names.is_head(name))

    def _head(self, name: str) -> SignedHead:
        return head_of(_read(self._folder / name) or b"", name)


class FileLedgerRolls:
    """The ledger rolls port."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder."""
        self._folder = folder

    def keep(self, tenant_id: str, piece: str) -> str:
        """Keep it under its hash."""
        name = piece_hash(piece)
        _put_once(self._folder, head_names.piece_name(tenant_id, name), piece.encode())
        return name

    def read(self, tenant_id: str, name: str) -> str | None:
        """Return what is there; what is no text any more is given as one that its name does not fit."""
        octets = _read(self._folder / head_names.piece_name(tenant_id, name))
        return None if octets is None else octets.decode(errors="replace")


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be read: {error.strerror}.") from error


def _put_once(folder: Path, name: str, octets: bytes) -> bool:
    """Write a file whole and synced, or not at all; False where it is there already."""
    path = folder / name
    draft = path.with_name(f".{path.name}.{os.getpid()}.{id(octets)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with draft.open("xb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o400)
        # A link, unlike a rename, takes nobody's place.
        os.link(draft, path)
        _sync(path.parent)
    except FileExistsError:
        return False
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
    return True


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
