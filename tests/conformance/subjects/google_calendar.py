"""Google Calendar, by a service account with a key of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits
from adapters.connectors.google_calendar import CREATE, DELETE, GoogleCalendarConnector
from adapters.connectors.tokens import JwtBearer, OAuthTokens
from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.request import Request
from tests.conformance.driven_stand import DrivenStand, rsa_key
from tests.conformance.subject import ALL_FAULTS, CANARY, MAX_RESPONSE_BYTES, Case, Kind, Undo, Write
from tests.providers.driving import HOST, Driven, driven
from tests.providers.google_calendar.api import SCOPE
from tests.unit.connectors.peers import RealClock, free_port

CALENDAR = "team@example.com"
CREATED = Terms(EffectContract.CLIENT_ID, settle_delay_ms=5_000, look_up_tool="calendar.find_event")
DELETED = Terms(EffectContract.CLIENT_ID, settle_delay_ms=5_000, look_up_tool="calendar.check_event_deleted")
numbers = count(1)


class GoogleCalendarStand(DrivenStand):
    """One calendar."""

    def arguments(self, case: Case) -> Mapping[str, Json]:
        if case.kind is Kind.DELETE:
            return {"object_id": self.fake.people(do="make")["id"]}
        return {
            "title": f"Renewal {next(numbers)}",
            "start": "2026-12-01T09:00:00+01:00",
            "end": "2026-12-01T09:00:00Z",
            "attendees": ["ada@example.com"],
            "notes": "As agreed.",
        }

    def is_of(self, write: Write, request: Request) -> bool:
        arguments = json.loads(request.arguments)
        if write.kind is Kind.DELETE:
            return bool(write.object_id == arguments["object_id"])
        said = (write.object_id, write.fields["summary"], write.fields["status"])
        return said == (request.effect_key, arguments["title"], "tentative")

    def object_of(self, request: Request) -> str:
        return str(json.loads(request.arguments)["object_id"])


def connector_at(port: int, token_port: int) -> GoogleCalendarConnector:
    clock = RealClock()
    limits = Limits(response_bytes=MAX_RESPONSE_BYTES)
    grant = JwtBearer("robot@example.com", f"http://{HOST}/token", rsa_key, claims={"scope": SCOPE})
    tokens = OAuthTokens(Exchange(Endpoint(f"http://{HOST}:{token_port}/token"), clock, limits), grant, clock)
    endpoint = Endpoint(f"http://{HOST}:{port}/calendar/v3", tokens)
    return GoogleCalendarConnector(Exchange(endpoint, clock, limits), clock, CALENDAR)


def stand_on(fake: Driven) -> GoogleCalendarStand:
    return GoogleCalendarStand(fake, connector_at(fake.port, fake.port), connector_at(free_port(), fake.port))


class GoogleCalendarSubject:
    """Both tools."""

    name = "google_calendar"
    cases: Sequence[Case] = (
        Case(CREATE, Kind.CREATE, CREATED, Undo(DELETE, DELETED), faults=ALL_FAULTS),
        Case(DELETE, Kind.DELETE, DELETED),
    )

    @contextmanager
    def running(self, folder: Path) -> Iterator[GoogleCalendarStand]:
        options = ("--token", CANARY, "--calendar", CALENDAR)
        with driven("tests.providers.google_calendar", folder / "calendar.jsonl", *options) as fake:
            yield stand_on(fake)


SUBJECT = GoogleCalendarSubject()
