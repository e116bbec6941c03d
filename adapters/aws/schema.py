"""Keys and indexes of every table, as Terraform makes them; a test holds the two against each other.

Every index carries keys only: what is listed is read from its table, strongly and whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapters.aws import tables
from core.domain.making import dataclass

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import (
        AttributeDefinitionTypeDef,
        CreateTableInputTypeDef,
        GlobalSecondaryIndexUnionTypeDef,
        KeySchemaElementTypeDef,
    )

NUMBERS = frozenset({"started_at", "due_at", "at"})
BY_ACCOUNT = "by_account"
BY_TENANT = "by_tenant"
BY_TIME = "by_time"
DUE = "due"
PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index: its keys alone."""

    name: str
    hash_key: str
    range_key: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its keys and its indexes. ``is_streamed``: the relay reads what is put into it."""

    name: str
    hash_key: str = "pk"
    range_key: str | None = "sk"
    indexes: tuple[Index, ...] = ()
    is_streamed: bool = False


TABLES = (
    Table(
        tables.ATTEMPTS,
        indexes=(
            Index(BY_ACCOUNT, "pk", "started_at"),
            Index(BY_TENANT, "tenant_shard", "started_at"),
            Index(DUE, "due_shard", "due_at"),
            Index(PARKED, "parked_shard", "parked_at"),
        ),
    ),
    Table(tables.OUTCOMES),
    Table(tables.INTENTS),
    Table(tables.EFFECTS),
    Table(tables.LEDGER, indexes=(Index(BY_TIME, "tenant_shard", "at"),)),
    Table(tables.OUTBOX, is_streamed=True),
    Table(tables.TENANTS, hash_key="tenantId", range_key=None),
    Table(tables.REGISTRY),
    Table(tables.OBJECTS),
)


def definition(table: Table, prefix: str) -> CreateTableInputTypeDef:
    """Return what CreateTable takes, on demand."""
    keyed = [table.hash_key, *([table.range_key] if table.range_key else [])]
    indexed = [name for index in table.indexes for name in (index.hash_key, index.range_key)]
    attributes: list[AttributeDefinitionTypeDef] = [
        {"AttributeName": name, "AttributeType": "N" if name in NUMBERS else "S"}
        for name in dict.fromkeys(keyed + indexed)
    ]
    made: CreateTableInputTypeDef = {
        "TableName": f"{prefix}{table.name}",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": list(_schema(table.hash_key, table.range_key)),
        "AttributeDefinitions": attributes,
    }
    if table.indexes:
        made["GlobalSecondaryIndexes"] = [_index(index) for index in table.indexes]
    if table.is_streamed:
        made["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    return made


def _index(index: Index) -> GlobalSecondaryIndexUnionTypeDef:
    return {
        "IndexName": index.name,
        "KeySchema": list(_schema(index.hash_key, index.range_key)),
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }


def _schema(hash_key: str, range_key: str | None) -> Iterator[KeySchemaElementTypeDef]:
    yield {"AttributeName": hash_key, "KeyType": "HASH"}
    if range_key is not None:
        yield {"AttributeName": range_key, "KeyType": "RANGE"}
