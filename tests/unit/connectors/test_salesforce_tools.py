from __future__ import annotations

from typing import Any

import pytest

from adapters.connectors.salesforce_tools import Create, Delete, Invalid, Update, plan_of
from core.domain.canonical import Json
from tests.unit.connectors.peers import request_of

ACCOUNT, TASK, DEAL = "001000000000001AAA", "00T000000000002EAA", "006000000000001AAA"
DAY = "2026-12-31"


def target(kind: str, object_id: str) -> Json:
    return {"entity_type": kind, "entity_id": object_id}


@pytest.mark.parametrize("tool", ["crm.create_task", "gateway___create_task", "create_task", "eu.crm.create_task"])
def test_a_tool_is_known_by_the_last_part_of_its_name(tool: str) -> None:
    plan = plan_of(request_of(tool, title="Call", priority="HIGH", description=None))
    assert plan == Create("Task", {"Subject": "Call", "Priority": "High", "Description": None})


@pytest.mark.parametrize(
    ("kind", "object_id", "field"),
    [
        ("ACCOUNT", ACCOUNT, "WhatId"),
        ("Opportunity", DEAL, "WhatId"),
        ("contact", "003000000000001AAA", "WhoId"),
        ("Lead", "00Q000000000001EAA", "WhoId"),
    ],
)
def test_a_task_is_linked_by_what_its_target_is(kind: str, object_id: str, field: str) -> None:
    plan = plan_of(request_of("crm.create_task", title="Call", target=target(kind, object_id)))
    assert plan == Create("Task", {"Subject": "Call", field: object_id})


def test_an_opportunity_is_linked_to_its_account() -> None:
    said: dict[str, Any] = {"name": "Renewal", "stage": "New", "close_date": DAY, "amount": 1}
    plan = plan_of(request_of("crm.create_opportunity", **said, target=target("Account", ACCOUNT)))
    fields: dict[str, Json] = {
        "Name": "Renewal",
        "StageName": "New",
        "CloseDate": DAY,
        "Amount": 1,
        "AccountId": ACCOUNT,
    }
    assert plan == Create("Opportunity", fields)


def test_a_change_names_its_record_and_its_fields() -> None:
    deal = plan_of(request_of("crm.update_opportunity", stage="Won", target=target("OPPORTUNITY", DEAL)))
    assert deal == Update("Opportunity", DEAL, {"StageName": "Won"})
    fields: Json = {"Website": "a.example", "NumberOfEmployees": 7, "Custom__c": None}
    account = plan_of(request_of("crm.update_account", fields=fields, target=target("Account", ACCOUNT)))
    assert account == Update("Account", ACCOUNT, {"Website": "a.example", "NumberOfEmployees": 7, "Custom__c": None})


def test_a_removal_names_its_record() -> None:
    assert plan_of(request_of("crm.delete_task", object_id=TASK)) == Delete("Task", TASK)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("crm.create_contact", {}),
        ("crm.create_task", {}),
        ("crm.create_task", {"title": ""}),
        ("crm.create_task", {"title": "Call", "colour": "red"}),
        ("crm.create_task", {"title": ["Call"]}),
        ("crm.create_task", {"title": "Call", "target": target("Case", "500000000000001AAA")}),
        ("crm.create_task", {"title": "Call", "target": target("Account", TASK)}),
        ("crm.create_task", {"title": "Call", "target": target("Account", "acme")}),
        ("crm.create_task", {"title": "Call", "target": "acme"}),
        ("crm.create_opportunity", {"name": "Renewal", "stage": "New"}),
        ("crm.create_opportunity", {"name": "Renewal", "stage": "New", "close_date": "31.12.2026"}),
        ("crm.create_opportunity", {"name": "R", "stage": "N", "close_date": DAY, "target": target("Lead", "00Q1")}),
        ("crm.update_opportunity", {"stage": "Won"}),
        ("crm.update_opportunity", {"stage": "Won", "target": target("Account", ACCOUNT)}),
        ("crm.update_opportunity", {"target": target("Opportunity", DEAL)}),
        ("crm.update_account", {"target": target("Account", ACCOUNT)}),
        ("crm.update_account", {"fields": {}, "target": target("Account", ACCOUNT)}),
        ("crm.update_account", {"fields": {"Id": ACCOUNT}, "target": target("Account", ACCOUNT)}),
        ("crm.update_account", {"fields": {"attributes": "x"}, "target": target("Account", ACCOUNT)}),
        ("crm.update_account", {"fields": {"a": 1, "A": 2}, "target": target("Account", ACCOUNT)}),
        ("crm.update_account", {"fields": {"a'": 1}, "target": target("Account", ACCOUNT)}),
        ("crm.update_account", {"fields": {"a": {"b": 1}}, "target": target("Account", ACCOUNT)}),
        ("crm.update_account", {"fields": {f"f{it}": 1 for it in range(101)}, "target": target("Account", ACCOUNT)}),
        (
            "crm.update_account",
            {"fields": {"x" * 70 + str(it): 1 for it in range(30)}, "target": target("Account", ACCOUNT)},
        ),
        ("crm.delete_task", {}),
        ("crm.delete_task", {"object_id": ACCOUNT}),
        ("crm.delete_task", {"object_id": TASK, "also": TASK}),
        ("crm.delete_task", {"object_id": "../Account/" + ACCOUNT}),
    ],
)
def test_what_asks_for_nothing_that_can_be_done_is_invalid(tool: str, arguments: dict[str, Any]) -> None:
    assert isinstance(plan_of(request_of(tool, **arguments)), Invalid)
