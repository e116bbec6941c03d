"""What carries our key in an organisation, and which contracts hold there."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from typing import Any

import pytest

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.salesforce_check import SalesforceCheck
from adapters.connectors.salesforce_fields import (
    Correlated,
    Identity,
    Keyed,
    KeyFields,
    ObjectFacts,
    Unkeyed,
    identity_of,
    read_describe,
    stated,
)
from adapters.connectors.salesforce_records import Image, read_image, unmodified_since
from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.registry import Compensation, CompensationMode, RegistryEntry
from ports.contract_check import Holding
from tests.providers.salesforce.schema import schema_of
from tests.unit.connectors.peers import RealClock, listening, replying

NATURAL, READ_BACK = Terms(EffectContract.NATURAL_KEY), Terms(EffectContract.READ_BACK, before_tool="before")
REF = KeyFields(correlation={"Task": "ActonceRef__c"})


def described(object_type: str = "Task", external_id: str = "unique", **changes: Json) -> Json:
    fields = [it.described() for it in schema_of(external_id)[object_type].values()]
    rows = [{**it, **changes} if it["name"] == "ActonceKey__c" else it for it in fields]
    return {"name": object_type, "createable": True, "updateable": True, "deletable": True, "fields": rows}


def facts(external_id: str = "unique", **changes: Json) -> ObjectFacts:
    found = read_describe(described("Task", external_id, **changes))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("found", "wanted", "identity"),
    [
        (facts(), KeyFields(), Keyed("ActonceKey__c")),
        (facts(), REF, Keyed("ActonceKey__c")),
        (facts("plain"), KeyFields(), Correlated("ActonceKey__c")),
        (facts("plain"), REF, Correlated("ActonceRef__c")),
        (facts("none"), REF, Correlated("ActonceRef__c")),
        (facts(unique=False), KeyFields(), Correlated("ActonceKey__c")),
        (facts(idLookup=False), KeyFields(), Correlated("ActonceKey__c")),
        (facts(externalId=False), KeyFields(), Correlated("ActonceKey__c")),
    ],
)
def test_the_best_field_that_can_carries_the_key(found: ObjectFacts, wanted: KeyFields, identity: Identity) -> None:
    assert identity_of(found, wanted) == identity


@pytest.mark.parametrize("change", [{"filterable": False}, {"createable": False}, {"length": 40}, {"type": "double"}])
def test_a_field_that_cannot_hold_or_find_the_key_carries_none(change: dict[str, Any]) -> None:
    assert isinstance(identity_of(facts(**change), KeyFields()), Unkeyed)
    assert isinstance(identity_of(facts("none"), KeyFields()), Unkeyed)


def test_what_is_stated_is_not_asked_for() -> None:
    assert stated(KeyFields(external={"Task": "K__c"}, stated=True), "Task") == Keyed("K__c")
    assert stated(replace(REF, stated=True), "Task") == Correlated("ActonceRef__c")
    assert isinstance(stated(REF, "Opportunity"), Unkeyed)


@pytest.mark.parametrize(
    "document", [None, [], {}, {"name": "Task"}, {"name": "'", "fields": []}, {"name": "Task", "fields": [1] * 2_001}]
)
def test_what_is_no_answer_of_describe_is_none(document: Json) -> None:
    assert read_describe(document) is None


def entry(tool: str, terms: Terms, undo: Terms | None = None) -> RegistryEntry:
    mode = CompensationMode.NONE if undo is None else CompensationMode.AUTOMATIC
    compensation = Compensation(mode, None if undo is None else "crm.delete_task", terms=undo)
    return RegistryEntry("ACTION", 1, tool, "1", "LOW", terms, compensation, ())


def held(one: RegistryEntry, object_type: str, external_id: str = "unique", wanted: KeyFields = REF) -> Holding:
    def script(connection: socket.socket, request: bytes) -> None:
        asked = request.split(b"/")[5].decode()
        replying(json.dumps(described(asked, external_id)).encode())(connection, request)

    with listening(script) as peer:
        url = peer.url.removesuffix("/mcp")
        found = SalesforceCheck(Exchange(Endpoint(url), RealClock()), RealClock(), wanted).check(one)
    assert len(peer.received) == len({it.split(b" ")[1] for it in peer.received})
    return found


@pytest.mark.parametrize(
    ("tool", "terms", "external_id", "holds"),
    [
        ("crm.create_task", NATURAL, "unique", True),
        ("crm.create_task", NATURAL, "plain", False),
        ("crm.create_task", READ_BACK, "none", True),
        ("crm.create_opportunity", NATURAL, "none", False),
        ("crm.create_opportunity", READ_BACK, "none", False),
        ("crm.create_task", Terms(EffectContract.OPAQUE), "none", True),
        ("crm.create_task", Terms(EffectContract.PROVIDER_KEY), "unique", False),
        ("crm.update_opportunity", READ_BACK, "unique", True),
        ("crm.update_opportunity", Terms(EffectContract.READ_BACK), "unique", False),
        ("crm.update_account", NATURAL, "unique", False),
        ("crm.update_account", Terms(EffectContract.OPAQUE), "unique", True),
        ("crm.delete_task", NATURAL, "unique", True),
        ("crm.delete_task", Terms(EffectContract.PROVIDER_KEY), "unique", False),
        ("crm.create_contact", NATURAL, "unique", False),
    ],
)
def test_a_contract_holds_where_the_organisation_lets_it(
    tool: str, terms: Terms, external_id: str, holds: bool
) -> None:
    found = held(entry(tool, terms), "Task", external_id)
    assert found.holds is holds
    assert bool(found.advice) is not holds


def test_the_undoing_tool_is_checked_too() -> None:
    assert held(entry("crm.create_task", NATURAL, NATURAL), "Task").holds
    assert not held(entry("crm.create_task", NATURAL, Terms(EffectContract.PROVIDER_KEY)), "Task").holds


def test_an_organisation_that_does_not_answer_holds_nothing() -> None:
    with listening(replying(b"[]", status="503 Down")) as peer:
        check = SalesforceCheck(Exchange(Endpoint(peer.url), RealClock()), RealClock(), REF)
        found = check.check(entry("crm.create_task", NATURAL))
    assert not found.holds
    assert "503" in found.found


def test_a_change_is_conditional_on_the_image_in_whole_seconds() -> None:
    image = Image(True, {"LastModifiedDate": "2026-11-25T22:50:23.000+0000"}, {"website": None})
    assert unmodified_since(image) == {"If-Unmodified-Since": "Wed, 25 Nov 2026 22:50:23 GMT"}
    assert unmodified_since(Image(False, {}, {})) == {}
    assert read_image(image.text()) == image
    assert [read_image(it) for it in (None, "", "[]", "{}", '{"stamps":1,"fields":{}}')] == [None] * 5
