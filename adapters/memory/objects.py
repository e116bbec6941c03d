"""Artifacts, internal objects and published signals in memory."""

import threading
from collections.abc import Sequence

from core.domain.canonical import text_digest
from core.domain.keys import IntentKey
from core.domain.signal import Signal


class MemoryArtifacts:
    """The artifacts port."""

    def __init__(self) -> None:
        """Start empty."""
        self._texts: dict[str, str] = {}

    def put(self, key: IntentKey, content: str) -> str:
        """Store under the name of the content."""
        reference = f"{key.tenant_id}/{key.intent_id}/{text_digest(content)}"
        self._texts[reference] = content
        return reference

    def get(self, reference: str) -> str | None:
        """Return the text."""
        return self._texts.get(reference)


class MemoryInternalObjects:
    """The internal objects port."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._objects: dict[tuple[str, str, str, str], str] = {}

    def put(self, tenant_id: str, account_id: str, kind: str, object_id: str, fields: str) -> str:
        """Store once; return what is stored."""
        with self._lock:
            return self._objects.setdefault((tenant_id, account_id, kind, object_id), fields)

    def get(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> str | None:
        """Return the fields."""
        with self._lock:
            return self._objects.get((tenant_id, account_id, kind, object_id))

    def delete(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> bool:
        """Remove."""
        with self._lock:
            return self._objects.pop((tenant_id, account_id, kind, object_id), None) is not None


class MemorySignals:
    """The signals port: keeps what was published, repeats included."""

    def __init__(self) -> None:
        """Start empty."""
        self.published: list[Signal] = []

    def publish(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        """Accept all."""
        self.published.extend(signals)
        return ()
