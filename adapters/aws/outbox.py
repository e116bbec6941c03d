"""The outbox in DynamoDB: a row is the mark, so the table holds what is unpublished and nothing else."""

from collections.abc import Sequence

from adapters.aws import items
from adapters.aws.tables import OUTBOX, Tables
from core.domain.errors import StoreUnavailableError
from core.domain.signal import Signal

AT_ONCE = 1_000
"""So many rows are looked at to find the oldest; in a longer backlog the order is only roughly that of time."""


class DynamoOutbox:
    """The outbox port. Without an index: in good times the table is empty, and reading it costs next to nothing."""

    def __init__(self, tables: Tables) -> None:
        """Keep the tables."""
        self._tables = tables

    def pending(self, limit: int) -> Sequence[Signal]:
        """Return unpublished signals, oldest first."""
        rows = self._tables.scan(OUTBOX, most=max(limit, AT_ONCE))
        oldest = sorted(rows, key=lambda row: (int(row["at"]["N"]), row["pk"]["S"], row["sk"]["S"]))
        found: list[Signal] = []
        trouble: StoreUnavailableError | None = None
        for row in oldest:
            try:
                found.append(items.signal_of(row))
            except StoreUnavailableError as error:
                # Of a newer version, perhaps: its own relay publishes it, and the others must not wait for that.
                trouble = error
            if len(found) == limit:
                break
        if trouble is not None and not found:
            raise trouble
        return found

    def published(self, signals: Sequence[Signal]) -> None:
        """Remove their rows, in batches."""
        self._tables.delete_all(OUTBOX, [items.signal_key(signal) for signal in signals])
