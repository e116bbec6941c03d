"""Salesforce end to end: the command line, SQLite, the fake organisation, and its own log of what was written."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.domain.canonical import Json
from core.domain.intent import Intent, Target
from core.domain.keys import IntentKey
from tests.conformance.driven_stand import rsa_key
from tests.integration.desk import NAMED, Desk, one
from tests.providers.driving import Driven, driven
from tests.unit.entrypoints.installing import an_event
from tests.unit.making import an_intent

CANARY = "canary-SECRET-of-the-client-0123456789"
TOKEN = "canary-TOKEN-of-the-session-0123456789"
SEEDS = Path(__file__).parents[2] / "infra" / "terraform" / "registry"
KINDS = ("CREATE_CRM_TASK", "CREATE_OPPORTUNITY", "UPDATE_OPPORTUNITY_STAGE", "UPDATE_ACCOUNT_FIELDS")
CONFIG = """
[run]
max_wait_s = 20
sweep_every_s = 0.2
[timing]
max_skew_ms = 50
backoff_ms = 20
[paths]
registry = ["registry"]
[connectors.crm]
kind = "salesforce"
instance_url = "{url}"
{more}
"""
BY_SECRET = """[connectors.crm.auth]
kind = "oauth_client_credentials"
token_url = "{url}/services/oauth2/token"
client_id = "client"
client_secret = {{ env = "SF_SECRET" }}
"""
BY_KEY = """[connectors.crm.auth]
kind = "oauth_jwt_bearer"
token_url = "{url}/services/oauth2/token"
issuer = "client"
subject = "integration@acme.example"
audience = "https://login.salesforce.com"
private_key = {{ env = "SF_KEY" }}
"""

Open = Callable[..., "Office"]


class Office:
    """An installation whose connector speaks to a fake organisation."""

    def __init__(self, desk: Desk, fake: Driven) -> None:
        self.desk = desk
        self.fake = fake

    def run(self, intent: Intent) -> dict[str, Any]:
        return one(self.desk.ok("run", self.desk.events(an_event(intent)), "--json"))

    def work(self) -> None:
        """Carry out what is asked for, until nothing is open."""
        for _ in range(50):
            self.desk.ok("run", "--json")
            if self.status()["compensation_status"] in {"COMPLETED", "FAILED"}:
                return
            time.sleep(0.1)

    def status(self) -> dict[str, Any]:
        return self.desk.status()

    def writes(self) -> list[tuple[str, str]]:
        return [(it["op"], it["object_type"]) for it in self.fake.log() if it["by"] == "api"]

    def account(self) -> str:
        return str(self.fake.people(do="add", type="Account", fields={"Name": "Acme"})["id"])


def an_action(action_type: str, target: Target | None = None, number: int = 1, **parameters: Json) -> Intent:
    key = IntentKey("tenant-1", "account-1", f"intent-{number}")
    return an_intent(key=key, action_type=action_type, parameters=parameters, target=target)


@contextmanager
def an_office(folder: Path, monkeypatch: pytest.MonkeyPatch, auth: str, more: str, *options: str) -> Iterator[Office]:
    monkeypatch.setenv("SF_SECRET", CANARY)
    monkeypatch.setenv("SF_KEY", rsa_key())
    (folder / "registry").mkdir()
    for kind in KINDS:
        entry = json.loads((SEEDS / f"{kind}.v1.json").read_text(encoding="utf-8"))
        # As the seeds have it, but for waits that a test need not sit out.
        for effect in (entry["effect"], entry["compensation"].get("effect", {})):
            effect["settle_delay_s"] = 0
        (folder / "registry" / f"{kind}.v1.json").write_text(json.dumps(entry), encoding="utf-8")
    log = folder.parent / f"{folder.name}-fake.jsonl"
    given = ("--secret", CANARY, "--token", TOKEN, *options)
    with driven("tests.providers.salesforce", log, *given) as fake:
        text = CONFIG.format(url=fake.url, more=more) + auth.format(url=fake.url)
        (folder / "actonce.toml").write_text(text, encoding="utf-8")
        desk = Desk(folder)
        desk.ok("resume", "--tenant", "tenant-1")
        yield Office(desk, fake)


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open one office; it is closed with the test."""
    held = []

    def opening(*options: str, auth: str = BY_SECRET, more: str = "") -> Office:
        folder = tmp_path / "office"
        folder.mkdir()
        office = an_office(folder, monkeypatch, auth, more, *options)
        held.append(office)
        return office.__enter__()

    yield opening
    for office in held:
        office.__exit__(None, None, None)


def test_finding_18_an_operators_undo_deletes_the_task_once(opened: Open) -> None:
    office = opened()
    target = Target("ACCOUNT", office.account())
    made = office.run(an_action("CREATE_CRM_TASK", target, title="Call them", priority="high"))
    (ref,) = made["external_object_refs"]
    assert (made["status"], ref["system"], ref["object_type"]) == ("SUCCEEDED", "salesforce", "Task")

    office.desk.ok("undo", "intent-1", *NAMED, "--reason", "wrong customer")
    office.work()

    assert office.status()["compensation_status"] == "COMPLETED"
    assert office.writes() == [("create", "Task"), ("delete", "Task")]
    deleted = office.fake.log()[-1]
    assert (deleted["object_id"], deleted["fields"]["IsDeleted"]) == (ref["object_id"], True)
    office.desk.ok("run", "--json")
    assert len(office.writes()) == 2


def test_finding_18_an_undo_whose_reply_is_lost_deletes_once_and_is_read_back(opened: Open) -> None:
    office = opened()
    office.run(an_action("CREATE_CRM_TASK", title="Call them"))
    office.fake.fail("drop_after")
    office.desk.ok("undo", "intent-1", *NAMED, "--reason", "wrong customer")
    office.work()
    assert office.status()["compensation_status"] == "COMPLETED"
    assert office.writes() == [("create", "Task"), ("delete", "Task")]


def test_finding_15_a_task_that_is_not_what_was_asked_for_is_deleted_by_itself_once(opened: Open) -> None:
    office = opened(more="verifies_creates = true")
    office.fake.people(do="automate", fields={"Priority": "Low"})

    told = office.run(an_action("CREATE_CRM_TASK", title="Call them", priority="high"))

    office.work()
    told = office.status()
    assert (told["status"], told["error_code"]) == ("FAILED", "CONTRADICTS_REQUEST")
    assert told["compensation_status"] == "COMPLETED"
    assert office.writes() == [("create", "Task"), ("delete", "Task")]


def test_a_task_as_it_was_asked_for_stays_where_creates_are_verified(opened: Open) -> None:
    office = opened(more="verifies_creates = true")
    assert office.run(an_action("CREATE_CRM_TASK", title="Call them", priority="high"))["status"] == "SUCCEEDED"
    assert office.writes() == [("create", "Task")]


@pytest.mark.parametrize(
    ("fault", "evidence"),
    [
        ("drop_after", "READ_BACK"),
        ("error_after", "READ_BACK"),
        ("malformed", "READ_BACK"),
        ("drop_before", "RESPONSE"),
        ("unavailable", "RESPONSE"),
    ],
)
def test_a_task_in_doubt_is_settled_by_its_key(opened: Open, fault: str, evidence: str) -> None:
    office = opened()
    office.fake.fail(fault)
    told = office.run(an_action("CREATE_CRM_TASK", title="Call them"))
    assert (told["status"], told["evidence"]) == ("SUCCEEDED", evidence)
    assert office.writes() == [("create", "Task")]


def test_a_task_in_doubt_without_an_external_id_field_is_parked_or_found_and_never_made_twice(opened: Open) -> None:
    office = opened("--external-id", "none", more='correlation_field = { Task = "ActonceRef__c" }')
    office.fake.fail("drop_before")
    done = office.desk("run", office.desk.events(an_event(an_action("CREATE_CRM_TASK", title="Call"))), "--json")
    assert one(done.stdout)["status"] == "IN_DOUBT"
    assert office.writes() == []
    office.fake.fail("drop_after")
    told = office.run(an_action("CREATE_CRM_TASK", number=2, title="Call"))
    assert (told["status"], told["evidence"]) == ("SUCCEEDED", "READ_BACK")
    assert office.writes() == [("create", "Task")]


def test_an_update_in_doubt_is_settled_by_reading_the_record(opened: Open) -> None:
    office = opened()
    account = office.account()
    target = Target("Account", account)
    told = office.run(an_action("UPDATE_ACCOUNT_FIELDS", target, fields={"Website": "https://acme.example"}))
    assert (told["status"], told["evidence"]) == ("SUCCEEDED", "RESPONSE")
    office.fake.fail("drop_after")
    again = office.run(an_action("UPDATE_ACCOUNT_FIELDS", target, 2, fields={"Website": "https://acme.test"}))
    assert (again["status"], again["evidence"]) == ("SUCCEEDED", "READ_BACK")
    assert office.writes() == [("update", "Account")] * 2


@pytest.mark.parametrize("auth", [BY_SECRET, BY_KEY], ids=["secret", "key"])
def test_no_secret_is_shown_by_answer_outcome_ledger_signal_log_or_file(
    opened: Open, auth: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office = opened(auth=auth)
    said = [json.dumps(office.run(an_action("CREATE_CRM_TASK", title="Call them")))]
    for number, fault in enumerate(("echo", "unauthorized", "drop_after", "oversize"), 2):
        office.fake.fail(fault)
        done = office.desk("run", office.desk.events(an_event(an_action("CREATE_CRM_TASK", number=number, title="x"))))
        said += [done.output, office.desk("timeline", f"intent-{number}", *NAMED).output]
    said += [office.desk("inbox").output, office.desk("dead-letters").output, office.desk("doctor").output, caplog.text]
    echoed = office.desk.ok("status", "intent-2", *NAMED, "--json")
    assert "[redacted]" in echoed
    files = [it.read_bytes() for it in office.desk.folder.rglob("*") if it.is_file()]
    with sqlite3.connect(office.desk.folder / "actonce.db") as database:
        said.append("\n".join(database.iterdump()))
    key_line = rsa_key().splitlines()[1]
    for secret in (CANARY, TOKEN, key_line):
        assert secret not in "\n".join([*said, echoed])
        assert not any(secret.encode() in it for it in files)


def test_a_token_for_another_organisation_is_refused_and_nothing_is_sent(opened: Open) -> None:
    office = opened()
    office.fake.people(do="instance", url="https://somewhere-else.example")
    office.desk("run", office.desk.events(an_event(an_action("CREATE_CRM_TASK", title="x"))), "--json")
    assert office.status()["status"] != "SUCCEEDED"
    assert (office.fake.asked(), office.writes()) == (0, [])


def test_registry_check_says_of_each_action_type_whether_its_contract_holds(opened: Open) -> None:
    said = opened().desk.ok("registry", "check", "--against", "crm")
    lines = said.splitlines()
    assert len(lines) == len(KINDS)
    assert all(line.startswith("ok  ") for line in lines)
    assert "Task.ActonceKey__c is an external id and unique" in said


@pytest.mark.parametrize("external_id", ["plain", "none"])
def test_registry_check_says_what_to_do_where_a_contract_does_not_hold(opened: Open, external_id: str) -> None:
    office = opened("--external-id", external_id, more='correlation_field = { Task = "ActonceRef__c" }')
    done = office.desk("registry", "check", "--against", "crm")
    assert done.exit_code == 5
    failed = [line for line in done.stdout.splitlines() if line.startswith("fail")]
    assert len(failed) == 2
    assert "Make Task.ActonceKey__c" in failed[0]
    assert "READ_BACK" in failed[0]


def test_registry_check_refuses_a_name_that_is_not_configured_and_a_broken_login(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = opened()
    assert office.desk("registry", "check", "--against", "erp").exit_code == 2
    monkeypatch.setenv("SF_SECRET", "wrong-secret-0123456789")
    done = office.desk("registry", "check", "--against", "crm")
    assert done.exit_code == 5
    assert "invalid_client" in done.stdout
