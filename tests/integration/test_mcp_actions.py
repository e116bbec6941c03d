"""The MCP connector through the command line: entries are checked against a server, and carried out there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.domain.canonical import Json
from core.domain.keys import IntentKey
from examples.mcp_server.probe import running
from tests.integration.desk import CONFIG, Desk, one
from tests.providers.driving import ROOT, Driven, driven
from tests.unit.connectors.peers import free_port
from tests.unit.entrypoints.installing import an_event
from tests.unit.making import an_intent

TOKEN = "canary-token-of-the-help-desk-0123456789"
DEMO = str(ROOT / "examples" / "demo" / "registry")
CLOSED = {"contract": "NATURAL_KEY", "settle_delay_s": 1, "look_up_tool": "desk.check_closed"}
OPEN_TICKET = {
    "action_type": "OPEN_TICKET",
    "version": 1,
    "tool": "desk.open_ticket",
    "tool_schema_version": "1",
    "risk": "LOW",
    "effect": {"contract": "NATURAL_KEY", "settle_delay_s": 1, "look_up_tool": "desk.find_ticket"},
    "compensation": {"mode": "AUTOMATIC", "tool": "desk.close_ticket", "argument": "object_id", "effect": CLOSED},
    "parameters": [{"parameter": "subject", "argument": "title", "required": True}],
    "timeout_s": 10,
}
BILL = {
    "action_type": "BILL",
    "version": 1,
    "tool": "desk.bill",
    "tool_schema_version": "1",
    "risk": "HIGH",
    "effect": {"contract": "PROVIDER_KEY", "key_retention_s": 86400},
    "compensation": {"mode": "NONE"},
    "parameters": [{"parameter": "amount", "required": True}],
}


@dataclass(frozen=True)
class Office:
    """An installation, and the desk that it is configured for."""

    desk: Desk
    fake: Driven

    def registry(self, *entries: dict[str, Any]) -> str:
        folder = self.desk.folder / "registry"
        folder.mkdir(exist_ok=True)
        for it in entries:
            file = folder / f"{it['action_type']}.v{it['version']}.json"
            file.write_text(json.dumps(it), encoding="utf-8")
        return str(folder)

    def ran(self, **parameters: Json) -> dict[str, Any]:
        key = IntentKey("tenant-1", "account-1", f"intent-{len(self.fake.log()) + 1}")
        intent = an_intent(key=key, action_type="OPEN_TICKET", parameters=parameters, target=None)
        return one(self.desk.ok("run", self.desk.events(an_event(intent)), "--json"))

    def said(self) -> list[str]:
        methods: list[str] = self.fake.people(do="said")["said"]
        return methods


KINDS: dict[str, list[str]] = {"json": [], "stream": ["--stream"], "no session": ["--no-session"]}


@pytest.fixture
def office(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    options = KINDS[getattr(request, "param", "json")]
    with driven("tests.providers.desk", tmp_path / "desk.jsonl", "--token", TOKEN, *options) as fake:
        connector = f'kind = "mcp"\nurl = "{fake.url}/mcp"\ntools = ["desk."]\ntoken_env = "DESK_TOKEN"\n'
        text = f'{CONFIG}\n[paths]\nregistry = ["registry"]\n\n[connectors.desk]\n{connector}'
        (tmp_path / "actonce.toml").write_text(text, encoding="utf-8")
        yield Office(Desk(tmp_path), fake)


@pytest.mark.parametrize("office", list(KINDS), indirect=True)
def test_an_action_is_carried_out_on_a_server_of_the_oldest_version_and_undone(office: Office) -> None:
    office.registry(OPEN_TICKET)
    office.desk.ok("resume", "--tenant", "tenant-1")
    outcome = office.ran(subject="The printer")
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", "RESPONSE")
    # The first was turned away unread: it is of a later version than this server knows.
    assert office.said() == ["initialize", "notifications/initialized", "tools/call"]

    office.fake.fail("drop_after")
    office.desk.ok("undo", "intent-1", "-t", "tenant-1", "-a", "account-1", "--reason", "a try")
    office.desk.ok("run")
    assert office.desk.status()["compensation_status"] == "COMPLETED"
    assert [(line["op"], line["object_type"]) for line in office.fake.log()] == [
        ("create", "ticket"),
        ("delete", "ticket"),
    ]


def test_registry_check_says_of_each_entry_whether_the_server_offers_and_takes_it(office: Office) -> None:
    office.registry(OPEN_TICKET, BILL)
    lines = office.desk.ok("registry", "check", "--against", "desk").splitlines()
    assert len(lines) == 2
    assert all(line.startswith("ok  ") for line in lines)
    assert "desk.open_ticket, desk.find_ticket, desk.close_ticket, desk.check_closed: offered" in lines[1]
    assert office.fake.log() == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tool": "desk.open_tickets"}, "there is no tool desk.open_tickets"),
        ({"parameters": []}, "'title' is a required property"),
        ({"parameters": [{"parameter": "title", "required": False}]}, "'title' is a required property"),
        (
            {"parameters": [{"parameter": "title", "required": True}, {"parameter": "colour"}]},
            "'colour' was unexpected",
        ),
        ({"takes_target": True}, "'target' was unexpected"),
        ({"compensation": {**OPEN_TICKET["compensation"], "argument": "ticket"}}, "desk.close_ticket would turn away"),  # type: ignore[dict-item]
    ],
)
def test_registry_check_names_what_does_not_fit_and_exits_with_5(
    office: Office, changes: dict[str, Any], why: str
) -> None:
    office.registry({**OPEN_TICKET, **changes}, BILL)
    done = office.desk("registry", "check", "--against", "desk")
    assert done.exit_code == 5
    ok, fail = done.stdout.splitlines()
    assert (ok[:4], fail[:4]) == ("ok  ", "fail")
    assert why in fail


def test_registry_check_by_an_address_asks_without_credentials(office: Office) -> None:
    office.registry(OPEN_TICKET)
    done = office.desk("registry", "check", "--against", f"{office.fake.url}/mcp")
    assert done.exit_code == 5
    assert "answered with 401" in done.stdout
    assert TOKEN not in done.output


def test_registry_check_refuses_a_wrong_token_and_shows_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.registry(OPEN_TICKET)
    monkeypatch.setenv("DESK_TOKEN", f"{TOKEN}-wrong")
    done = office.desk("registry", "check", "--against", "desk")
    assert done.exit_code == 5
    assert "answered with 401" in done.stdout
    assert TOKEN not in done.output


@pytest.fixture
def bare(tmp_path: Path) -> Desk:
    (tmp_path / "actonce.toml").write_text("", encoding="utf-8")
    return Desk(tmp_path)


@pytest.mark.parametrize("option", ["--sse", "--sessions"])
def test_the_entries_of_the_demo_hold_on_the_server_of_the_demo(bare: Desk, option: str) -> None:
    with running(bare.folder / "writes.jsonl", option) as probe:
        url = f"http://127.0.0.1:{probe.port}/mcp"
        lines = bare.ok("registry", "check", "--registry", DEMO, "--against", url).splitlines()
        assert probe.log() == []
    assert len(lines) == 7
    assert all(line.startswith("ok  ") for line in lines)


def test_an_address_where_nobody_listens_holds_nothing(bare: Desk) -> None:
    done = bare("registry", "check", "--registry", DEMO, "--against", f"http://127.0.0.1:{free_port()}/mcp")
    assert done.exit_code == 5
    assert "Connection refused" in done.stdout
