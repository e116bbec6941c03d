"""Secrets that were given beforehand."""

from collections.abc import Mapping

from core.domain.errors import ConfigurationError


class MemorySecrets:
    """The secrets port."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """Keep them."""
        self._secrets = dict(secrets)

    def get(self, name: str) -> str:
        """Return the text."""
        found = self._secrets.get(name)
        if found is None:
            raise ConfigurationError(f"The secret {name} is not there.")
        return found
