"""The intents port."""

from typing import Protocol

from core.domain.intent import Intent
from core.domain.keys import IntentKey


class Intents(Protocol):
    """Approved intents, each stored once under tenant, account and id."""

    def get(self, key: IntentKey) -> Intent | None:
        """Return the intent by a strongly consistent read, None where there is none.

        Raises:
            StoreUnavailableError: the store could not be read; says nothing about the intent.
        """
        ...

    def put(self, intent: Intent) -> None:
        """Store an intent once, atomically and durably; the same body again changes nothing.

        Raises:
            PayloadConflictError: the id is taken by another body.
            StoreUnavailableError: it may or may not be stored; ask again.
        """
        ...
