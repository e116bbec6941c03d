"""The Salesforce connector against organisations that are set up in other ways, judged by the fake's own log.

Every fault times every tool, where the organisation has an external id field, is the conformance suite's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.connectors.salesforce_fields import KeyFields
from core.domain.answer import Answer, Applied, CannotTell, Happened, Hold, NotHappened, NotSent, Refused, Unknown
from core.domain.canonical import Json
from core.domain.contract import EffectContract
from tests.integration.organisations import CALM_MS, CANARY, CREATES, REF, Organisation, wanted
from tests.providers.driving import driven
from tests.unit.connectors.peers import SHUT, OpenGate, ShutGate

SILENCE_MS = 400
SILENT = {"silence_before", "silence_after", "late_apply", "late_reply", "drip"}
# Fault, the kind of answer it must get, and whether the organisation writes.
FAULTS: dict[str, tuple[type[Answer], bool]] = {
    "drop_before": (Unknown, False),
    "drop_after": (Unknown, True),
    "reset_before": (Unknown, False),
    "reset_after": (Unknown, True),
    "silence_before": (Unknown, False),
    "silence_after": (Unknown, True),
    "late_apply": (Unknown, True),
    "late_reply": (Unknown, True),
    "throttle": (NotSent, False),
    "error_before": (Unknown, False),
    "error_after": (Unknown, True),
    "unavailable": (Unknown, False),
    "refuse": (Refused, False),
    "unauthorized": (Refused, False),
    "echo": (Refused, False),
    "malformed": (Unknown, True),
    "drip": (Unknown, True),
    "redirect": (Unknown, False),
}


@pytest.fixture(scope="module")
def organisations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Organisation]]:
    folder: Path = tmp_path_factory.mktemp("salesforce")
    with ExitStack() as stack:
        yield {
            kind: Organisation(
                stack.enter_context(
                    driven("tests.providers.salesforce", folder / kind, "--external-id", kind, "--secret", CANARY)
                )
            )
            for kind in ("unique", "plain", "none")
        }


@pytest.fixture
def keyed(organisations: dict[str, Organisation]) -> Organisation:
    organisations["unique"].fake.calm()
    return organisations["unique"]


@pytest.fixture(params=["plain", "none"])
def keyless(organisations: dict[str, Organisation], request: pytest.FixtureRequest) -> Organisation:
    organisations[request.param].fake.calm()
    return organisations[request.param]


@pytest.mark.parametrize("tool", [*CREATES])
@pytest.mark.parametrize("fault", [*FAULTS])
def test_without_an_external_id_no_fault_makes_an_insert_say_what_the_log_denies(
    keyless: Organisation, tool: str, fault: str
) -> None:
    connector, kind, writes = keyless.connector(REF), *FAULTS[fault]
    request = wanted(tool, contract=EffectContract.READ_BACK)
    connector.look_up(request, None)
    keyless.fake.fail(fault, seconds=0.8 if fault == "late_reply" else 0.2)
    timeout_ms = SILENCE_MS if fault in SILENT else CALM_MS
    answer = connector.call(replace(request, timeout_ms=timeout_ms), OpenGate(), None)
    assert isinstance(answer, kind), answer
    assert CANARY not in repr(answer)
    found = connector.look_up(request, None)
    assert keyless.writes(request) == (["create"] if writes else [])
    assert isinstance(found, Happened if writes else NotHappened)


def test_without_an_external_id_absence_allows_no_second_send_under_natural_key(keyless: Organisation) -> None:
    request = wanted(contract=EffectContract.NATURAL_KEY)
    found = keyless.connector(REF).look_up(request, None)
    assert isinstance(found, CannotTell)
    assert "READ_BACK" in found.reason


def test_without_an_external_id_a_second_send_finds_the_first(keyless: Organisation) -> None:
    connector, request = keyless.connector(REF), wanted()
    first, again = connector.call(request, OpenGate(), None), connector.call(request, OpenGate(), None)
    assert isinstance(first, Applied)
    assert isinstance(again, Applied)
    assert (again.refs, again.replayed) == (first.refs, True)
    assert keyless.writes(request) == ["create"]


def test_what_is_found_before_is_not_told_through_a_closed_gate(keyless: Organisation) -> None:
    connector, request = keyless.connector(REF), wanted()
    connector.call(request, OpenGate(), None)
    assert connector.call(request, ShutGate(), None) == SHUT


def test_two_records_that_nobody_kept_apart_are_told_and_not_guessed(keyless: Organisation) -> None:
    """The index had not shown the first one yet when the second send looked."""
    connector, request = keyless.connector(REF), wanted(contract=EffectContract.READ_BACK)
    connector.look_up(request, None)
    keyless.fake.lag(20)
    assert isinstance(connector.call(request, OpenGate(), None), Applied)
    assert isinstance(connector.call(request, OpenGate(), None), Applied)
    keyless.fake.calm()
    assert keyless.writes(request) == ["create", "create"]
    found = connector.look_up(request, None)
    assert isinstance(found, CannotTell)
    assert "More than one" in found.reason


def test_a_key_that_more_than_one_record_has_is_refused_with_nothing_written(
    organisations: dict[str, Organisation],
) -> None:
    plain, request = organisations["plain"], wanted()
    for _ in range(2):
        plain.add("Task", Subject="Theirs", ActonceKey__c=request.effect_key)
    stated = KeyFields(external={"Task": "ActonceKey__c"}, stated=True)
    answer = plain.connector(stated).call(request, OpenGate(), None)
    assert isinstance(answer, Refused)
    assert answer.code == "MULTIPLE_RECORDS"
    assert plain.writes(request) == []
    assert isinstance(plain.connector(stated).look_up(request, None), CannotTell)


def test_with_no_field_at_all_nothing_is_made_unless_the_contract_is_opaque(
    organisations: dict[str, Organisation],
) -> None:
    bare = organisations["none"]
    answer = bare.connector().call(wanted(), OpenGate(), None)
    assert isinstance(answer, Refused)
    assert answer.code == "CONFIGURATION_ERROR"
    assert isinstance(bare.connector().call(wanted(contract=EffectContract.OPAQUE), OpenGate(), None), Applied)


def test_racing_sends_under_one_key_make_one_record(keyed: Organisation) -> None:
    connector, request = keyed.connector(), wanted()
    connector.look_up(request, None)
    answers: list[Answer] = []
    threads = [
        threading.Thread(target=lambda: answers.append(connector.call(request, OpenGate(), None))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {type(it) for it in answers} == {Applied}
    assert keyed.writes(request).count("create") == 1


@pytest.mark.parametrize("version", ["45.0", "46.0", "61.0"])
def test_every_version_names_the_record_that_was_there(keyed: Organisation, version: str) -> None:
    connector, request = keyed.connector(version=version), wanted()
    first, again = connector.call(request, OpenGate(), None), connector.call(request, OpenGate(), None)
    assert isinstance(first, Applied)
    assert isinstance(again, Applied)
    assert (again.refs, again.replayed, first.replayed) == (first.refs, True, False)


@pytest.mark.parametrize(("version", "hold"), [("30.0", "UNSUPPORTED_API_VERSION"), ("99.0", "NOT_FOUND")])
def test_a_version_that_is_not_served_is_refused(keyed: Organisation, version: str, hold: str) -> None:
    answer = keyed.connector(version=version).call(wanted(), OpenGate(), None)
    assert isinstance(answer, Refused | NotSent)
    assert hold in repr(answer)
    gone = keyed.connector(version=version).look_up(wanted("crm.delete_task", object_id="00T000000000zzzAAA"), None)
    assert isinstance(gone, CannotTell)


def test_a_spent_limit_is_a_throttle(keyed: Organisation) -> None:
    connector, request = keyed.connector(), wanted()
    connector.look_up(request, None)
    keyed.fake.people(do="limit", requests=0)
    answer, found = connector.call(request, OpenGate(), None), connector.look_up(request, None)
    keyed.fake.people(do="limit", requests=-1)
    assert isinstance(answer, NotSent)
    assert answer.hold is Hold.THROTTLED
    assert isinstance(found, CannotTell)
    assert keyed.writes(request) == []


def test_a_session_that_ended_early_is_replaced_for_the_next_send(keyed: Organisation) -> None:
    connector = keyed.connector()
    connector.call(wanted(), OpenGate(), None)
    keyed.fake.people(do="expire")
    refused = connector.call(wanted(), OpenGate(), None)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.retryable) == ("AUTH_FAILED", True)
    assert isinstance(connector.call(wanted(), OpenGate(), None), Applied)


@pytest.mark.parametrize(
    ("tool", "more", "code"),
    [
        ("crm.create_task", {"priority": "Whenever"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("crm.create_task", {"title": "x" * 300}, "STRING_TOO_LONG"),
        ("crm.create_opportunity", {"amount": -1}, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("crm.create_task", {"target": {"entity_type": "Account", "entity_id": "001000000009999AAA"}}, "INVALID_CROSS"),
        ("crm.create_task", {"target": {"entity_type": "Account", "entity_id": "not-an-id"}}, "VALIDATION_FAILED"),
        ("crm.delete_task", {"object_id": "001000000000001AAA"}, "VALIDATION_FAILED"),
    ],
)
def test_what_the_organisation_does_not_accept_is_refused(
    keyed: Organisation, tool: str, more: dict[str, Any], code: str
) -> None:
    request = wanted(tool, **more)
    answer = keyed.connector().call(request, OpenGate(), None)
    assert isinstance(answer, Refused)
    assert answer.code.startswith(code)
    assert keyed.writes(request) == []


@pytest.mark.parametrize("kind", ["Account", "Opportunity", "Contact", "Lead"])
def test_a_task_is_linked_to_its_target(keyed: Organisation, kind: str) -> None:
    rows: dict[str, dict[str, Json]] = {
        "Account": {"Name": "Acme"},
        "Opportunity": {"Name": "Renewal", "StageName": "Prospecting", "CloseDate": "2026-12-31"},
        "Contact": {"LastName": "Doe"},
        "Lead": {"LastName": "Doe", "Company": "Acme"},
    }
    linked = keyed.add(kind, **rows[kind])
    # The short form of an id is as good as the long one.
    request = wanted(target={"entity_type": kind.upper(), "entity_id": linked[:15]})
    assert isinstance(keyed.connector().call(request, OpenGate(), None), Applied)
    assert keyed.fake.log()[-1]["fields"]["WhatId" if kind in {"Account", "Opportunity"} else "WhoId"] == linked
    assert isinstance(keyed.connector().look_up(request, None), Happened)


def test_an_update_of_what_people_changed_since_it_was_read_writes_nothing(keyed: Organisation) -> None:
    connector, account = keyed.connector(), keyed.add("Account", Name="Acme")
    target: Json = {"entity_type": "Account", "entity_id": account}
    request = wanted("crm.update_account", fields={"website": "https://acme.example"}, target=target)
    before = connector.before_image(request)
    keyed.fake.people(do="edit", type="Account", id=account, fields={"Industry": "Energy"}, seconds=2)
    # By another connector than read the image: whoever sends is given what was stored.
    answer, found = keyed.connector().call(request, OpenGate(), before), connector.look_up(request, before)
    assert isinstance(answer, Refused)
    assert answer.code == "CHANGED_OTHERWISE"
    assert isinstance(found, CannotTell)
    assert found.changed_otherwise
    assert keyed.fake.log()[-1]["by"] == "people"


def test_an_update_on_an_image_that_cannot_be_read_writes_nothing(keyed: Organisation) -> None:
    target: Json = {"entity_type": "Account", "entity_id": keyed.add("Account", Name="Acme")}
    request = wanted("crm.update_account", fields={"website": "https://acme.example"}, target=target)
    written = len(keyed.fake.log())
    assert isinstance(keyed.connector().call(request, OpenGate(), "not an image"), Refused)
    assert len(keyed.fake.log()) == written


def test_an_update_of_what_is_gone_is_refused(keyed: Organisation) -> None:
    connector, account = keyed.connector(), keyed.add("Account", Name="Acme")
    keyed.fake.people(do="remove", type="Account", id=account)
    target: Json = {"entity_type": "Account", "entity_id": account}
    request = wanted("crm.update_account", fields={"Website": "https://acme.example"}, target=target)
    before = connector.before_image(request)
    assert before is not None
    answer = connector.call(request, OpenGate(), before)
    assert isinstance(answer, Refused)
    assert answer.code == "ENTITY_IS_DELETED"


def test_a_task_that_has_left_the_bin_is_removed(keyed: Organisation) -> None:
    connector, task = keyed.connector(), keyed.add("Task", Subject="Call")
    request = wanted("crm.delete_task", object_id=task)
    assert isinstance(connector.look_up(request, None), NotHappened)
    keyed.fake.people(do="purge", type="Task", id=task)
    assert isinstance(connector.look_up(request, None), Happened)
    assert isinstance(connector.call(request, OpenGate(), None), Unknown)
