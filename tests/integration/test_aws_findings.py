"""Findings of the review that are about how AWS's services are called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import OperationModel

from adapters.aws import schema, tables
from adapters.aws.tables import Tables
from adapters.memory.clock import FakeClock
from core.domain.errors import KillSwitchEnabledError
from core.domain.switches import Switch
from core.domain.timing import Timing
from core.usecases.gate import Switchboard
from tests.contract.dynamo import Stores, made, stores
from tests.contract.samples import claimed, settled
from tests.emulators import clients

TIMING = Timing()


class Calls:
    """What leaves a client."""

    def __init__(self) -> None:
        self.made: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, params: dict[str, Any], model: OperationModel, **_: object) -> None:
        self.made.append((model.name, params))


@pytest.fixture
def opened(request: pytest.FixtureRequest) -> Iterator[tuple[Stores, Calls]]:
    request.getfixturevalue("moto")
    client, calls = clients.dynamodb(None), Calls()
    with made(client) as there:
        client.meta.events.register("provide-client-params.dynamodb.*", calls)
        yield stores(there), calls


def test_finding_04_the_tenants_table_has_its_tenant_as_only_key_and_no_index() -> None:
    (tenants,) = (table for table in schema.TABLES if table.name == tables.TENANTS)
    assert (tenants.hash_key, tenants.range_key, tenants.indexes) == ("tenantId", None, ())


def test_finding_04_kill_switches_are_read_strongly_from_the_table_itself(opened: tuple[Stores, Calls]) -> None:
    store, calls = opened
    store.kill_switches.read("acme")
    ((name, params),) = calls.made
    (request,) = params["RequestItems"].values()
    assert name == "BatchGetItem"
    assert request["ConsistentRead"] is True
    assert request["Keys"] == [{"tenantId": {"S": "*"}}, {"tenantId": {"S": "acme"}}]


def test_finding_04_a_reading_is_used_for_switch_age_ms_and_no_longer(opened: tuple[Stores, Calls]) -> None:
    store, calls = opened
    clock = FakeClock()
    board = Switchboard(store.trusting_switches, clock, TIMING)
    board.check("acme", "CREATE_TASK")
    store.kill_switches.close(Switch("acme"), operator="ada", reason="a drill", at_ms=clock.now_ms())
    clock.advance(TIMING.switch_age_ms)
    board.check("acme", "CREATE_TASK")
    clock.advance(1)
    with pytest.raises(KillSwitchEnabledError):
        board.check("acme", "CREATE_TASK")
    assert [name for name, _ in calls.made].count("BatchGetItem") == 2


def test_finding_12_a_claim_is_one_fenced_write_that_brings_back_the_row_that_refused_it(
    opened: tuple[Stores, Calls],
) -> None:
    store, calls = opened
    store.executions.commit(claimed())
    ((name, params),) = calls.made
    attempt = params["TransactItems"][0]["Put"]
    assert name == "TransactWriteItems"
    assert attempt["ConditionExpression"] == "attribute_not_exists(pk)"
    assert attempt["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_finding_12_no_condition_names_a_reserved_word_bare(opened: tuple[Stores, Calls]) -> None:
    store, calls = opened
    first = claimed()
    store.executions.commit(first)
    store.executions.commit(settled(first.execution))
    puts = [write["Put"] for _, params in calls.made for write in params["TransactItems"]]
    conditions = {put["ConditionExpression"] for put in puts if "ConditionExpression" in put}
    assert conditions == {
        "attribute_not_exists(pk)",
        "attribute_not_exists(pk) OR #fingerprint = :fingerprint",
        "#version = :expected",
    }


def test_finding_20_outcome_and_signal_leave_in_one_transaction(opened: tuple[Stores, Calls]) -> None:
    store, calls = opened
    first = claimed()
    store.executions.commit(first)
    calls.made.clear()
    store.executions.commit(settled(first.execution))
    ((name, params),) = calls.made
    written = {write["Put"]["TableName"].partition("-")[2] for write in params["TransactItems"]}
    assert name == "TransactWriteItems"
    assert written == {tables.ATTEMPTS, tables.EFFECTS, tables.OUTCOMES, tables.LEDGER, tables.OUTBOX}


def test_finding_14_30_every_listing_index_of_a_tenant_begins_with_the_tenant(opened: tuple[Stores, Calls]) -> None:
    """The other two are asked by the sweeper and the inbox of an installation, and hold a tenant's part apart."""
    store, _ = opened
    change = claimed()
    store.executions.commit(change)
    (row,) = _scan(store.tables)
    by_name = {index.name: index for table in schema.TABLES for index in table.indexes}
    for name in (schema.BY_ACCOUNT, schema.BY_TENANT):
        assert row[by_name[name].hash_key]["S"].startswith("TENANT#acme#")
    assert set(by_name) == {schema.BY_ACCOUNT, schema.BY_TENANT, schema.BY_TIME, schema.DUE, schema.PARKED}


def _scan(there: Tables) -> list[dict[str, Any]]:
    return list(there.scan(tables.ATTEMPTS))
