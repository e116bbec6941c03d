"""Meetings that come with this system, through the command line, in a fake of Google Calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.domain.keys import IntentKey
from tests.conformance.driven_stand import rsa_key
from tests.integration.desk import CONFIG, NAMED, Desk, one
from tests.providers.driving import Driven, driven
from tests.providers.google_calendar.api import SCOPE
from tests.unit.entrypoints.installing import an_event
from tests.unit.making import an_intent

TOKEN = "canary-token-of-google-0123456789"
CONNECTOR = """
[connectors.team]
kind = "google_calendar"
calendar_id = "team@example.com"
url = "{url}/calendar/v3"
auth.kind = "oauth_jwt_bearer"
auth.token_url = "{url}/token"
auth.audience = "{url}/token"
auth.issuer = "robot@project.iam.gserviceaccount.com"
auth.scope = "{scope}"
auth.private_key = {{ env = "GOOGLE_KEY" }}
"""
MEETING = {
    "title": "Renewal",
    "start": "2030-12-01T09:00:00Z",
    "end": "2030-12-01T10:00:00Z",
    "attendees": ["a@b.example"],
}


@dataclass(frozen=True)
class Office:
    """An installation and its calendar."""

    desk: Desk
    fake: Driven

    def ran(self) -> dict[str, object]:
        key = IntentKey("tenant-1", "account-1", "intent-1")
        intent = an_intent(key=key, action_type="REQUEST_RENEWAL_MEETING", parameters=MEETING, target=None)
        return one(self.desk.ok("run", self.desk.events(an_event(intent)), "--json"))

    def wrote(self) -> list[str]:
        return [line["op"] for line in self.fake.log() if line["by"] == "api"]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("GOOGLE_KEY", rsa_key())
    with driven("tests.providers.google_calendar", tmp_path / "calendar.jsonl", "--token", TOKEN) as fake:
        text = CONFIG + CONNECTOR.format(url=fake.url, scope=SCOPE)
        (tmp_path / "here").mkdir()
        (tmp_path / "here" / "actonce.toml").write_text(text, encoding="utf-8")
        desk = Desk(tmp_path / "here")
        desk.ok("resume", "--tenant", "tenant-1")
        yield Office(desk, fake)


def test_a_meeting_is_tentative_and_nobody_is_invited(office: Office) -> None:
    assert office.ran()["status"] == "SUCCEEDED"
    (line,) = office.fake.log()
    assert line["fields"]["status"] == "tentative"
    assert [it["email"] for it in line["fields"]["attendees"]] == ["a@b.example"]
    assert "conferenceData" not in line["fields"]


def test_a_meeting_whose_reply_was_lost_is_found_and_not_sent_again(office: Office) -> None:
    office.fake.fail("drop_after")
    outcome = office.ran()
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", "READ_BACK")
    assert office.wrote() == ["create"]


def test_finding_15_an_undo_really_deletes_the_event_once_though_its_reply_is_lost(office: Office) -> None:
    assert office.ran()["evidence"] == "RESPONSE"
    office.fake.fail("drop_after")
    office.desk.ok("undo", "intent-1", *NAMED, "--reason", "a try")
    office.desk.ok("run")
    assert office.desk.status()["compensation_status"] == "COMPLETED"
    assert office.wrote() == ["create", "delete"]


def test_an_id_that_somebody_else_took_is_in_doubt_and_stays_theirs(office: Office) -> None:
    office.fake.fail("mixed_up")
    done = office.desk("run", office.desk.events(_event()), "--json")
    assert one(done.stdout)["status"] == "IN_DOUBT"
    assert office.wrote() == []


def test_no_file_shows_the_token_or_the_key(office: Office) -> None:
    office.fake.fail("echo")
    assert office.ran()["status"] == "FAILED"
    secrets = (TOKEN.encode(), rsa_key().splitlines()[1].encode())
    files = [file.read_bytes() for file in office.desk.folder.rglob("*") if file.is_file()]
    assert not any(secret in text for text in files for secret in secrets)


def _event() -> str:
    key = IntentKey("tenant-1", "account-1", "intent-1")
    return an_event(an_intent(key=key, action_type="REQUEST_RENEWAL_MEETING", parameters=MEETING, target=None))
