"""Listings in DynamoDB: places from an index of keys, then each execution by itself."""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, islice

from adapters.aws import keys, schema
from adapters.aws.executions import DynamoExecutions
from adapters.aws.tables import ATTEMPTS, INTENTS, Tables
from adapters.aws.writes import Item, number, text
from core.domain.errors import StoreUnavailableError
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from ports.listings import Page

READERS = 8
MOST_PARKED = 1_000
LAST_MS = 2**53 - 1

Place = tuple[int, str, str]
"""When it started, its account, and its intent: how executions are ordered, newest first."""

FIRST: Place = (LAST_MS, "~", "~")


class DynamoListings:
    """The listings port; a place is ``started_at_ms/account/intent`` of the last row shown."""

    def __init__(self, tables: Tables) -> None:
        """Keep the tables."""
        self._tables = tables
        self._executions = DynamoExecutions(tables)

    def by_account(self, tenant_id: str, account_id: str, *, limit: int, place: str | None) -> Page:
        """Return executions of one account, newest first."""
        after = _parsed(place)
        found = self._newest(schema.BY_ACCOUNT, "pk", keys.partition(tenant_id, account_id), after)
        return self._page(tenant_id, found, limit)

    def by_tenant(self, tenant_id: str, *, limit: int, place: str | None) -> Page:
        """Return executions of one tenant, newest first, out of the shards over which they are spread."""
        after = _parsed(place)
        names = [keys.tenant_shard(tenant_id, shard) for shard in keys.shards()]
        found = [self._newest(schema.BY_TENANT, "tenant_shard", name, after) for name in names]
        return self._page(tenant_id, heapq.merge(*found, reverse=True), limit)

    def parked(self, tenant_id: str | None, *, limit: int) -> Sequence[Execution]:
        """Return what waits for an operator, newest first."""
        of_tenant = "" if tenant_id is None else " AND begins_with(parked_at, :tenant)"
        found: list[tuple[int, IntentKey]] = []
        # Keys of the index begin with the tenant, so over all tenants the newest may stand anywhere in a shard.
        most = limit if tenant_id is not None else max(limit, MOST_PARKED)
        for shard in keys.shards():
            values = {":shard": text(shard)}
            if tenant_id is not None:
                values[":tenant"] = text(f"TENANT#{tenant_id}#")
            rows = self._tables.query(
                {
                    "TableName": self._tables.name(ATTEMPTS),
                    "IndexName": schema.PARKED,
                    "KeyConditionExpression": f"parked_shard = :shard{of_tenant}",
                    "ExpressionAttributeValues": values,
                    "ScanIndexForward": False,
                },
                most=most,
            )
            found += [(int(row["parked_at"]["S"].rpartition("#")[2]), _key(row)) for row in rows]
        newest = [key for _, key in sorted(found, reverse=True)[:limit]]
        return [it for it in self._load(newest) if it.attempt.parked is not None]

    def counts(self) -> dict[str, int]:
        """Count by status, reading every attempt's status: for an installation of moderate size, or at leisure."""
        return dict(Counter(row["status"]["S"] for row in self._tables.scan(ATTEMPTS, ("status",))))

    def tenants(self) -> Sequence[str]:
        """Return the tenants that occur, reading every key: at leisure, as ``counts``."""
        found: set[str] = set()
        for table in (ATTEMPTS, INTENTS):
            # Rows of one account come one after the other.
            accounts = groupby(row["pk"]["S"] for row in self._tables.scan(table, ("pk",)))
            found.update(pk.split("#")[1] for pk, _ in accounts)
        return sorted(found)

    def _newest(self, index: str, hash_key: str, name: str, after: Place) -> Iterator[Place]:
        """Yield the places behind one, newest first; those of one moment are put in order here."""
        rows = self._tables.query(
            {
                "TableName": self._tables.name(ATTEMPTS),
                "IndexName": index,
                "KeyConditionExpression": f"{hash_key} = :name AND started_at <= :at",
                "ExpressionAttributeValues": {":name": text(name), ":at": number(after[0])},
                "ScanIndexForward": False,
                "Limit": 101,
            }
        )
        for _, moment in groupby((_place(row) for row in rows), key=lambda it: it[0]):
            yield from (it for it in sorted(moment, reverse=True) if it < after)

    def _page(self, tenant_id: str, found: Iterator[Place], limit: int) -> Page:
        places = list(islice(found, limit + 1))
        shown = places[:limit]
        executions = self._load([IntentKey(tenant_id, account, intent) for _, account, intent in shown])
        return Page(executions, "/".join(map(str, shown[-1])) if len(places) > limit else None)

    def _load(self, wanted: Sequence[IntentKey]) -> list[Execution]:
        if not wanted:
            return []
        with ThreadPoolExecutor(min(READERS, len(wanted))) as readers:
            found = list(readers.map(self._read, wanted))
        troubles = [it for it in found if isinstance(it, StoreUnavailableError)]
        if troubles and len(troubles) == len(found):
            raise troubles[0]
        return [it for it in found if isinstance(it, Execution)]

    def _read(self, key: IntentKey) -> Execution | StoreUnavailableError | None:
        """Read one; a row that cannot be read must not hide the others."""
        try:
            return self._executions.load(key)
        except StoreUnavailableError as error:
            return error


def _key(row: Item) -> IntentKey:
    return keys.key_of(row["pk"]["S"], row["sk"]["S"])


def _place(row: Item) -> Place:
    key = _key(row)
    return int(row["started_at"]["N"]), key.account_id, key.intent_id


def _parsed(place: str | None) -> Place:
    if place is None:
        return FIRST
    started_at_ms, account_id, intent_id = place.split("/")
    return int(started_at_ms), account_id, intent_id
