"""Secrets whose store is opened by the first that is asked for; most functions never ask."""

from collections.abc import Callable

from ports.secrets import Secrets


class LateSecrets:
    """The secrets port before another."""

    def __init__(self, opened: Callable[[], Secrets]) -> None:
        """Keep what opens the other, and gives the same one to whoever asks again."""
        self._opened = opened

    def get(self, name: str) -> str:
        """Ask the other."""
        return self._opened().get(name)
