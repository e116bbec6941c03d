from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from adapters.aws import items
from adapters.aws.gauges import DynamoGauges
from adapters.aws.schema import TABLES, definition
from adapters.aws.tables import ATTEMPTS, OUTBOX, Tables
from core.domain.attempt import Attempt
from core.domain.claiming import Claim, first_attempt
from core.domain.keys import IntentKey
from ports.gauges import Doubts
from tests.unit.aws.lines import fresh
from tests.unit.aws.test_outbox_stream import SIGNAL
from tests.unit.making import NOW_MS, a_brief


@pytest.fixture
def tables() -> Iterator[Tables]:
    with mock_aws():
        client = fresh("dynamodb")
        for table in TABLES:
            client.create_table(**definition(table, "gauges-"))
        yield Tables(client, "gauges-")


@pytest.fixture
def gauges(tables: Tables) -> DynamoGauges:
    return DynamoGauges(tables)


def an_attempt(number: int, *, parked: str | None = None, due_at_ms: int | None = None) -> Attempt:
    by = Claim("owner", "attempt", "trace")
    key = IntentKey(f"tenant-{number % 3}", "account-1", f"intent-{number}")
    made = first_attempt(key, "fingerprint", a_brief(), by, NOW_MS + number)
    return replace(made, version=1, nonce="n", parked=parked, due_at_ms=due_at_ms)


def test_without_anything_nothing_is_old(gauges: DynamoGauges) -> None:
    assert gauges.doubts() == Doubts(0, None)
    assert (gauges.oldest_due_ms(), gauges.oldest_unpublished_ms()) == (None, None)


def test_doubts_of_all_tenants_and_shards_are_counted_and_the_oldest_is_found(
    tables: Tables, gauges: DynamoGauges
) -> None:
    for number in range(1, 31):
        tables.put(ATTEMPTS, items.attempt_item(an_attempt(number, parked="opaque" if number > 4 else None)))
    assert gauges.doubts() == Doubts(26, NOW_MS + 5)


def test_the_earliest_due_date_is_found_whatever_its_shard(tables: Tables, gauges: DynamoGauges) -> None:
    for number in range(20):
        tables.put(ATTEMPTS, items.attempt_item(an_attempt(number, due_at_ms=NOW_MS + 100 - number)))
    assert gauges.oldest_due_ms() == NOW_MS + 81


def test_the_oldest_signal_is_found(tables: Tables, gauges: DynamoGauges) -> None:
    for number in (3, 1, 2):
        key = IntentKey("tenant-1", "account-1", f"intent-{number}")
        name = f"exec-{key.intent_id}-{key.account_id}-ACTION_REFUSED"
        tables.put(OUTBOX, items.signal_item(replace(SIGNAL, signal_id=name, key=key, at_ms=NOW_MS + number)))
    assert gauges.oldest_unpublished_ms() == NOW_MS + 1
