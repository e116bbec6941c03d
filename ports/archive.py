"""The archive port: approved events of the past, to be brought again."""

from typing import Protocol

from core.domain.making import dataclass


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay by its name, and how far it is, in the words of who does it; ``is_new`` where this call began it."""

    name: str
    state: str
    is_new: bool


class Archive(Protocol):
    """Keeps what was published, for as long as it was told to."""

    def replay(self, name: str, since_ms: int, before_ms: int) -> Replay:
        """Begin to bring again what was published from ``since_ms`` on and before ``before_ms``; once for each name.

        Raises:
            ConfigurationError: there is no such archive.
            StoreUnavailableError: it may or may not have begun; the same name again is harmless.
        """
        ...
