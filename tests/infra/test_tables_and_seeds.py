"""Terraform makes the tables that the adapters expect, and the registry rows that they would have written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.aws.registry import DynamoRegistry
from adapters.aws.schema import TABLES, Table, definition
from adapters.aws.tables import REGISTRY, Tables
from core.domain.canonical import compact
from ports.wire.registry import parse_entry
from tests.emulators import clients
from tests.infra.planned import Plan, Values
from tests.infra.terraform import MODULE

PREFIX = "actonce-"
SEEDS = sorted((MODULE / "registry").glob("*.json"))


def planned_table(plan: Plan, table: Table) -> Values:
    return plan.of_type("aws_dynamodb_table")[f'aws_dynamodb_table.this["{table.name}"]']


def schema_of(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return keys + ([{"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else [])


def created(values: Values) -> dict[str, Any]:
    """Say a planned table in the words of CreateTable."""
    said: dict[str, Any] = {
        "TableName": values["name"],
        "BillingMode": values["billing_mode"],
        "KeySchema": schema_of(values["hash_key"], values["range_key"]),
        "AttributeDefinitions": {it["name"]: it["type"] for it in values["attribute"]},
        "GlobalSecondaryIndexes": {
            it["name"]: (schema_of(it["hash_key"], it["range_key"]), it["projection_type"])
            for it in values["global_secondary_index"]
        },
    }
    if values["stream_enabled"]:
        said["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": values["stream_view_type"]}
    return said


def expected(table: Table) -> dict[str, Any]:
    wanted: dict[str, Any] = {**definition(table, PREFIX)}
    wanted["AttributeDefinitions"] = {it["AttributeName"]: it["AttributeType"] for it in wanted["AttributeDefinitions"]}
    wanted["GlobalSecondaryIndexes"] = {
        it["IndexName"]: (it["KeySchema"], it["Projection"]["ProjectionType"])
        for it in wanted.get("GlobalSecondaryIndexes", ())
    }
    return wanted


def test_there_are_the_tables_of_the_adapters_and_no_other(plan: Plan) -> None:
    assert {it["name"] for it in plan.of_type("aws_dynamodb_table").values()} == {f"{PREFIX}{it.name}" for it in TABLES}


@pytest.mark.parametrize("table", TABLES, ids=lambda it: it.name)
def test_a_table_is_made_as_the_adapters_expect_it(plan: Plan, table: Table) -> None:
    assert created(planned_table(plan, table)) == expected(table)


@pytest.mark.parametrize("table", TABLES, ids=lambda it: it.name)
def test_a_table_can_be_restored_and_is_not_deleted_by_accident(plan: Plan, table: Table) -> None:
    values = planned_table(plan, table)

    assert values["point_in_time_recovery"][0]["enabled"] is True
    assert values["deletion_protection_enabled"] is True


def test_finding_28_terraform_writes_the_rows_that_registry_apply_writes(
    plan: Plan, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("moto")
    client = clients.dynamodb(None)
    (table,) = (it for it in TABLES if it.name == REGISTRY)
    client.create_table(**definition(table, PREFIX))
    registry = DynamoRegistry(Tables(client, PREFIX))
    for file in SEEDS:
        registry.apply(parse_entry(json.loads(file.read_text(encoding="utf-8"))))
    applied = client.scan(TableName=f"{PREFIX}{REGISTRY}")["Items"]

    planned = [json.loads(it["item"]) for it in plan.of_type("aws_dynamodb_table_item").values()]

    assert rows(planned) == rows(applied)
    assert len(applied) == len(SEEDS)


def rows(found: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    """Return entries by key; a file need not say what is so by default."""
    assert all(it.keys() == {"pk", "sk", "document"} for it in found)
    return {(it["pk"]["S"], it["sk"]["S"]): parse_entry(json.loads(it["document"]["S"])) for it in found}


def test_finding_28_a_document_is_stored_with_sorted_keys_and_without_spaces(plan: Plan) -> None:
    for values in plan.of_type("aws_dynamodb_table_item").values():
        document = json.loads(values["item"])["document"]["S"]

        assert document == compact(json.loads(document))


def test_finding_28_applying_over_what_terraform_wrote_changes_nothing(
    plan: Plan, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("moto")
    client = clients.dynamodb(None)
    (table,) = (it for it in TABLES if it.name == REGISTRY)
    client.create_table(**definition(table, PREFIX))
    for values in plan.of_type("aws_dynamodb_table_item").values():
        client.put_item(TableName=values["table_name"], Item=json.loads(values["item"]))
    registry = DynamoRegistry(Tables(client, PREFIX))

    assert [registry.apply(parse_entry(json.loads(it.read_text(encoding="utf-8")))) for it in SEEDS] == [False] * len(
        SEEDS
    )
