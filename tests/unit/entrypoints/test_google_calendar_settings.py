from __future__ import annotations

from pathlib import Path

import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.objects import MemoryInternalObjects
from core.domain.errors import ConfigurationError
from core.domain.timing import Timing
from entrypoints.container.connecting import connector_table
from entrypoints.settings.google_calendar import API, GoogleCalendarSettings
from entrypoints.settings.loading import Overrides, Settings, load

HEAD = '[connectors.team]\nkind = "google_calendar"\ncalendar_id = "team@example.com"\n'
AUTH = """auth.kind = "oauth_jwt_bearer"
auth.token_url = "https://oauth2.googleapis.com/token"
auth.audience = "https://oauth2.googleapis.com/token"
auth.issuer = "robot@project.iam.gserviceaccount.com"
auth.subject = "ada@example.com"
auth.scope = "https://www.googleapis.com/auth/calendar.events"
auth.private_key = { env = "KEY" }
"""


def loaded(folder: Path, text: str) -> Settings:
    file = folder / "actonce.toml"
    file.write_text(text, encoding="utf-8")
    return load(Overrides(config=file), {"KEY": "a private key"})


def test_a_service_account_with_delegation_offers_the_two_tools(tmp_path: Path) -> None:
    settings = loaded(tmp_path, HEAD + AUTH)
    one = settings.connectors["team"]
    assert isinstance(one, GoogleCalendarSettings)
    assert one.url == API
    table = connector_table(settings.connectors, MemoryInternalObjects(), FakeClock(), Timing())
    assert table.offering("calendar.create_event", "anybody") is not None
    assert table.offering("calendar.delete_event", "anybody") is not None
    assert table.offering("calendar.find_event", "anybody") is None
    assert "a private key" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (HEAD, "connectors.team.auth"),
        (HEAD + 'auth = { kind = "none" }\n', "connectors.team.auth"),
        (HEAD.replace('"team@example.com"', '""') + AUTH, "connectors.team.calendar_id"),
        (HEAD + AUTH.replace("auth.scope", "auth.key_id"), "auth.scope is missing"),
        (HEAD + 'url = "http://calendar.example.com"\n' + AUTH, "connectors.team.url: must be an https address"),
        (HEAD + 'url = "https://a@calendar.example.com"\n' + AUTH, "connectors.team.url"),
        (HEAD + "tools = []\n" + AUTH, "connectors.team.tools"),
    ],
)
def test_what_is_wrong_is_refused_by_the_name_of_its_field(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        loaded(tmp_path, text)
    assert fault in refused.value.message


def test_a_fake_on_this_machine_may_stand_for_google(tmp_path: Path) -> None:
    loaded(tmp_path, HEAD + 'url = "http://127.0.0.1:8080/calendar/v3"\n' + AUTH)


def test_a_key_that_is_not_there_is_said_by_the_connector(tmp_path: Path) -> None:
    settings = loaded(tmp_path, HEAD + AUTH.replace('"KEY"', '"OTHER"'))
    with pytest.raises(ConfigurationError, match=r"connectors\.team: the variable OTHER is not set"):
        connector_table(settings.connectors, MemoryInternalObjects(), FakeClock(), Timing())
