"""The artifacts port."""

from typing import Protocol

from core.domain.keys import IntentKey

MAX_ARTIFACT_BYTES = 10 * 1024 * 1024


class Artifacts(Protocol):
    """Responses too large to keep inline, up to 10 MB, named by their content under tenant and intent."""

    def put(self, key: IntentKey, content: str) -> str:
        """Store a text and return its reference, ``tenant/intent/sha256``; the same text again is the same reference.

        Raises:
            StoreUnavailableError: not stored; settling goes on without it.
        """
        ...

    def get(self, reference: str) -> str | None:
        """Return the text, None where there is none."""
        ...
