"""The target records port: what a target behind a gateway has sent, and what it was answered."""

from typing import Protocol

from core.domain.serving import RecordPlace, TargetRecord


class TargetRecords(Protocol):
    """One record per tenant, account, tool and effect key. Nothing here expires."""

    def read(self, place: RecordPlace) -> TargetRecord | None:
        """Return the record as it stands now, strongly consistent.

        Raises:
            StoreUnavailableError: it could not be read.
        """
        ...

    def keep(self, record: TargetRecord) -> None:
        """Write a record durably, if what stands there is the version before it (version 1: nothing does).

        Our own write whose reply was lost, told by its nonce, is no conflict.

        Raises:
            RecordMovedError: somebody was faster; nothing was written.
            StoreUnavailableError: it may or may not have been written.
        """
        ...
