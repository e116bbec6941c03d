"""Gauges in DynamoDB: from the sparse indexes, which hold only what waits, and from the outbox."""

from collections.abc import Iterator

from adapters.aws import keys, schema
from adapters.aws.outbox import AT_ONCE
from adapters.aws.tables import ATTEMPTS, OUTBOX, Tables
from adapters.aws.writes import Item, text
from ports.gauges import Doubts

MOST_OF_SHARD = 1_000


class DynamoGauges:
    """The gauges port; each verb reads the sixteen shards of an index, or the outbox, up to its bound."""

    def __init__(self, tables: Tables) -> None:
        """Keep the tables."""
        self._tables = tables

    def doubts(self) -> Doubts:
        """Count up to a thousand in each shard."""
        started = [
            int(row["parked_at"]["S"].rpartition("#")[2])
            for shard in keys.shards()
            for row in self._rows(schema.PARKED, "parked_shard", shard, MOST_OF_SHARD)
        ]
        return Doubts(len(started), min(started, default=None))

    def oldest_due_ms(self) -> int | None:
        """Return the earliest of the first of each shard."""
        firsts = (row for shard in keys.shards() for row in self._rows(schema.DUE, "due_shard", shard, 1))
        return min((int(row["due_at"]["N"]) for row in firsts), default=None)

    def oldest_unpublished_ms(self) -> int | None:
        """Return the oldest among the rows that are looked at for publishing."""
        rows = self._tables.scan(OUTBOX, ("at",), most=AT_ONCE)
        return min((int(row["at"]["N"]) for row in rows), default=None)

    def _rows(self, index: str, hash_key: str, shard: str, most: int) -> Iterator[Item]:
        return self._tables.query(
            {
                "TableName": self._tables.name(ATTEMPTS),
                "IndexName": index,
                "KeyConditionExpression": f"{hash_key} = :shard",
                "ExpressionAttributeValues": {":shard": text(shard)},
                "Limit": most,
            },
            most=most,
        )
