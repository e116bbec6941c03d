"""The secrets port."""

from typing import Protocol


class Secrets(Protocol):
    """Credentials for external systems, by name. A value never enters a message, a log or a repr."""

    def get(self, name: str) -> str:
        """Return a secret's text, perhaps some minutes old.

        Raises:
            ConfigurationError: there is no such secret, or it is not text.
            StoreUnavailableError: it could not be read.
        """
        ...
