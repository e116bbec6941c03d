"""The head signer port: a key that nobody can read, and that says of a head that it is ours."""

from typing import Protocol

from core.domain.sealing import PublicKey, Signature


class HeadSigner(Protocol):
    """Signs with one key.

    Out of reach it is a StoreUnavailableError; a key that is missing or of another kind is a ConfigurationError.
    """

    def sign(self, content: bytes) -> Signature:
        """Return a signature of these bytes, 4,096 at most; two of the same bytes may differ."""
        ...

    def public_key(self) -> PublicKey:
        """Return what others check its signatures with."""
        ...
