"""The stores over DynamoDB, on tables of their own under a fresh prefix."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.aws.executions import DynamoExecutions
from adapters.aws.intents import DynamoIntents
from adapters.aws.internal_objects import DynamoInternalObjects
from adapters.aws.kill_switches import DynamoKillSwitches
from adapters.aws.ledger import DynamoLedger
from adapters.aws.listings import DynamoListings
from adapters.aws.outbox import DynamoOutbox
from adapters.aws.registry import DynamoRegistry
from adapters.aws.schema import TABLES, definition
from adapters.aws.tables import Tables
from adapters.aws.target_records import DynamoTargetRecords
from adapters.memory.clock import FakeClock

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Every port that DynamoDB stands behind."""

    tables: Tables
    clock: FakeClock
    executions: DynamoExecutions
    intents: DynamoIntents
    listings: DynamoListings
    registry: DynamoRegistry
    kill_switches: DynamoKillSwitches
    trusting_switches: DynamoKillSwitches
    ledger: DynamoLedger
    outbox: DynamoOutbox
    internal_objects: DynamoInternalObjects
    target_records: DynamoTargetRecords
    many: int


@contextmanager
def made(client: DynamoDBClient) -> Iterator[Tables]:
    """Give tables of one's own, removed in the end."""
    prefix = f"t{secrets.token_hex(4)}-"
    for table in TABLES:
        client.create_table(**definition(table, prefix))
    yield Tables(client, prefix)
    for table in TABLES:
        client.delete_table(TableName=f"{prefix}{table.name}")


def stores(tables: Tables, *, many: int = 0) -> Stores:
    return Stores(
        tables=tables,
        clock=FakeClock(),
        executions=DynamoExecutions(tables),
        intents=DynamoIntents(tables),
        listings=DynamoListings(tables),
        registry=DynamoRegistry(tables),
        kill_switches=DynamoKillSwitches(tables, tables),
        trusting_switches=DynamoKillSwitches(tables, tables, unknown_tenants_enabled=True),
        ledger=DynamoLedger(tables),
        outbox=DynamoOutbox(tables),
        internal_objects=DynamoInternalObjects(tables),
        target_records=DynamoTargetRecords(tables),
        many=many,
    )
