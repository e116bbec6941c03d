"""A key in a file: whoever can read it can sign, so it is for its owner alone."""

import contextlib
import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from core.domain.errors import ConfigurationError
from core.domain.sealing import PublicKey, Signature

OTHERS = 0o077


class FileHeadSigner:
    """The head signer port, with Ed25519: the same bytes have the same signature. The key is made by the first one."""

    def __init__(self, path: Path) -> None:
        """Keep the path."""
        self._path = path

    def sign(self, content: bytes) -> Signature:
        """Sign; where there is no key, one is made."""
        if not self._path.exists():
            self._make()
        return Signature(self.public_key().key_id, self._key.sign(content))

    def public_key(self) -> PublicKey:
        """Return the public half."""
        return _public(self._key.public_key())

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        if not self._path.exists():
            raise ConfigurationError(f"There is no key {self._path}: actonce ledger seal makes it.")
        try:
            if self._path.stat().st_mode & OTHERS:
                raise ConfigurationError(f"{self._path} can be read by others: chmod 600 it, and think of a new key.")
            key = load_pem_private_key(self._path.read_bytes(), password=None)
        except OSError as error:
            raise ConfigurationError(f"{self._path} cannot be read: {error.strerror}.") from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ConfigurationError(f"{self._path} is no private key in PEM without a password.") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigurationError(f"{self._path} is no key of Ed25519.")
        return key

    def _make(self) -> None:
        """Make a key, unless another process does so at the same moment: then its key is the one."""
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, self._path)
        except OSError as error:
            raise ConfigurationError(f"{self._path} cannot be made: {error.strerror}.") from error
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()


def load_public_keys(paths: Sequence[Path]) -> list[PublicKey]:
    """Return the public keys in PEM files.

    Raises:
        ConfigurationError: a file cannot be read, or is no public key; it is named.
    """
    return [_loaded(path) for path in paths]


def _loaded(path: Path) -> PublicKey:
    try:
        return _public(load_pem_public_key(path.read_bytes()))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(f"{path} is no public key in PEM.") from error


def _public(key: PublicKeyTypes) -> PublicKey:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(hashlib.sha256(der).hexdigest(), pem.decode())
