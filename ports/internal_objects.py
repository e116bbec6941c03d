"""The internal objects port: notes and tasks that this system keeps itself."""

from typing import Protocol


class InternalObjects(Protocol):
    """Objects whose id the caller picks; ``kind`` is ``note`` or ``task``; ``fields`` is JSON text."""

    def put(self, tenant_id: str, account_id: str, kind: str, object_id: str, fields: str) -> str:
        """Store an object once, atomically and durably; return the fields that are stored under this id then.

        Raises:
            StoreUnavailableError: it may or may not be stored.
        """
        ...

    def get(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> str | None:
        """Return an object's fields by a strongly consistent read, None where there is none."""
        ...

    def delete(self, tenant_id: str, account_id: str, kind: str, object_id: str) -> bool:
        """Remove an object durably; False when there was none.

        Raises:
            StoreUnavailableError: it may or may not be gone.
        """
        ...
