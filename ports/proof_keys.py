"""The proof keys port: the keys that executor and target share."""

from typing import Protocol

from core.domain.proof import Keyring


class ProofKeys(Protocol):
    """Read when they are needed, perhaps some minutes old: that is how long a rotation may take to be seen."""

    def keyring(self) -> Keyring:
        """Return the keys.

        Raises:
            ConfigurationError: the secret is not there, or says something else.
            StoreUnavailableError: it could not be read.
        """
        ...
