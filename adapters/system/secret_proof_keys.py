"""The keys of proofs, out of a secret."""

from collections.abc import Callable

from core.domain.proof import Keyring, read_keyring


class SecretProofKeys:
    """The proof keys port. The secret is read each time: whoever reads it keeps it while it is young enough."""

    def __init__(self, secret: Callable[[], str]) -> None:
        """Keep what reads the secret."""
        self._secret = secret

    def keyring(self) -> Keyring:
        return read_keyring(self._secret())
