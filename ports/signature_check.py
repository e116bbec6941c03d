"""The signature check port: whether a public key's owner signed these bytes."""

from typing import Protocol

from core.domain.sealing import PublicKey


class SignatureCheck(Protocol):
    """Needs nothing but what it is given."""

    def holds(self, content: bytes, signature: bytes, key: PublicKey) -> bool:
        """Tell whether this signature of these bytes was made by this key.

        Raises:
            ConfigurationError: the PEM text is no key of a kind that signs heads.
        """
        ...
