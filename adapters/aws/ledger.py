"""The ledger in DynamoDB: a chain per intent, found again by tenant and time."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from adapters.aws import items, keys, schema
from adapters.aws.tables import ATTEMPTS, LEDGER, Tables, in_pieces
from adapters.aws.writes import Item, number, text
from core.domain.attempt import ChainHead
from core.domain.draft import chain_of
from core.domain.keys import IntentKey
from core.domain.ledger import Chain, LedgerEntry

PIECE = 100
LISTED = 1_000
"""Places that are read at once of each shard of the index."""


class DynamoLedger:
    """The ledger port."""

    def __init__(self, tables: Tables) -> None:
        """Keep the tables."""
        self._tables = tables

    def entries(self, chain: Chain) -> Sequence[LedgerEntry]:
        """Return a whole chain, strongly read."""
        rows = self._tables.query(
            {
                "TableName": self._tables.name(LEDGER),
                "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
                "ExpressionAttributeValues": {":pk": text(keys.chain_partition(chain)), ":sk": text(keys.SEQUENCE)},
                "ConsistentRead": True,
            }
        )
        return [entry for row in rows for entry in items.entries_of(chain, row)]

    def chains(self, tenant_id: str | None) -> Iterator[tuple[Chain, ChainHead | None]]:
        """Yield every intent's chain with its head, even where no entry is left of it, then those without a row.

        Of one tenant they are found through indexes, which may be a moment old; of all by reading the tables.
        """
        attempts = self._tables.scan(ATTEMPTS) if tenant_id is None else self._attempts_of(tenant_id)
        for row in attempts:
            attempt = items.attempt_of(row)
            yield Chain(attempt.key.tenant_id, chain_of(attempt)), attempt.head
        found = self._all_chains() if tenant_id is None else self._chains_of(tenant_id)
        for piece in in_pieces(found, PIECE):
            yield from ((chain, None) for chain in self._rowless(piece))

    def between(self, tenant_id: str, since_ms: int, before_ms: int) -> Iterator[LedgerEntry]:
        """Yield entries by stamp: places out of the shards of the index by time, then each item, strongly read."""
        found = [self._stamped(tenant_id, shard, since_ms, before_ms) for shard in keys.shards()]
        for piece in in_pieces(heapq.merge(*found), PIECE):
            listed = [{"pk": text(keys.chain_partition(Chain(tenant_id, it[1]))), "sk": text(it[2])} for it in piece]
            rows = {(row["pk"]["S"], row["sk"]["S"]): row for row in self._tables.get_all(LEDGER, listed)}
            for key in listed:
                row = rows.get((key["pk"]["S"], key["sk"]["S"]))
                # One that the index lists and the table does not have was taken out a moment ago: it is missing.
                if row is not None:
                    yield from items.entries_of(keys.chain_of(row["pk"]["S"]), row)

    def tenants(self) -> Sequence[str]:
        """Return the tenants that occur, reading the whole index by time: at leisure."""
        rows = self._tables.scan(LEDGER, ("tenant_shard",), index=schema.BY_TIME)
        return sorted({keys.tenant_of(shard) for shard, _ in groupby(row["tenant_shard"]["S"] for row in rows)})

    def _stamped(self, tenant_id: str, shard: str, since_ms: int, before_ms: int) -> Iterator[tuple[int, str, str]]:
        """Yield stamp, subject and sort key of what one shard lists, those of one moment put in order here."""
        rows = self._tables.query(
            {
                "TableName": self._tables.name(LEDGER),
                "IndexName": schema.BY_TIME,
                "KeyConditionExpression": "tenant_shard = :shard AND #at BETWEEN :since AND :last",
                "ExpressionAttributeNames": {"#at": "at"},
                "ExpressionAttributeValues": {
                    ":shard": text(keys.tenant_shard(tenant_id, shard)),
                    ":since": number(since_ms),
                    ":last": number(before_ms - 1),
                },
                "Limit": LISTED,
            }
        )
        places = ((int(row["at"]["N"]), keys.chain_of(row["pk"]["S"]).subject, row["sk"]["S"]) for row in rows)
        for _, moment in groupby(places, key=lambda it: it[0]):
            yield from sorted(moment)

    def _attempts_of(self, tenant_id: str) -> Iterator[Item]:
        for shard in keys.shards():
            listed = self._by_tenant(ATTEMPTS, schema.BY_TENANT, tenant_id, shard)
            yield from self._tables.get_all(ATTEMPTS, ({"pk": row["pk"], "sk": row["sk"]} for row in listed))

    def _all_chains(self) -> Iterator[Chain]:
        # Rows of one chain share a partition key, and a scan reads partition by partition.
        for pk, _ in groupby(row["pk"]["S"] for row in self._tables.scan(LEDGER, ("pk",))):
            yield keys.chain_of(pk)

    def _chains_of(self, tenant_id: str) -> Iterator[Chain]:
        for shard in keys.shards():
            # A chain is in one shard as a whole.
            listed = {row["pk"]["S"] for row in self._by_tenant(LEDGER, schema.BY_TIME, tenant_id, shard)}
            yield from (keys.chain_of(pk) for pk in sorted(listed))

    def _rowless(self, chains: Iterable[Chain]) -> list[Chain]:
        """Return those chains that no attempt keeps the head of."""
        of_intents = {chain: key for chain in chains if (key := _intent_of(chain)) is not None}
        rows = self._tables.get_all(ATTEMPTS, (items.attempt_key(key) for key in of_intents.values()))
        kept = {keys.key_of(row["pk"]["S"], row["sk"]["S"]) for row in rows}
        return [chain for chain in chains if of_intents.get(chain) not in kept]

    def _by_tenant(self, table: str, index: str, tenant_id: str, shard: str) -> Iterator[Item]:
        return self._tables.query(
            {
                "TableName": self._tables.name(table),
                "IndexName": index,
                "KeyConditionExpression": "tenant_shard = :shard",
                "ExpressionAttributeValues": {":shard": text(keys.tenant_shard(tenant_id, shard))},
            }
        )


def _intent_of(chain: Chain) -> IntentKey | None:
    account_id, slash, intent_id = chain.subject.partition("/")
    return IntentKey(chain.tenant_id, account_id, intent_id) if slash and "#" not in intent_id else None
