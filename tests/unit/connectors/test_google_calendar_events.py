from __future__ import annotations

import pytest

from adapters.connectors.google_calendar_events import BadEventError, event_of, is_cancelled, mismatch
from core.domain.canonical import Json

KEY = "0123456789abcdef" * 4
HOUR: dict[str, Json] = {"title": "Renewal", "start": "2026-12-01T09:00:00+01:00", "end": "2026-12-01T09:00:00Z"}


def test_an_event_is_tentative_and_bears_the_key_as_id_and_mark() -> None:
    event = event_of({**HOUR, "attendees": ["Ada@example.com"], "notes": "As agreed."}, KEY)
    assert event == {
        "id": KEY,
        "status": "tentative",
        "summary": "Renewal",
        "description": "As agreed.",
        "start": {"dateTime": "2026-12-01T09:00:00+01:00"},
        "end": {"dateTime": "2026-12-01T09:00:00Z"},
        "attendees": [{"email": "Ada@example.com"}],
        "extendedProperties": {"private": {"actonceEffect": KEY}},
    }


def test_whole_days_are_dates() -> None:
    event = event_of({"title": "Fair", "start": "2026-12-01", "end": "2026-12-03"}, KEY)
    assert (event["start"], event["end"]) == ({"date": "2026-12-01"}, {"date": "2026-12-03"})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"title": ""}, "title"),
        ({"title": 7}, "title"),
        ({"start": None}, "start"),
        ({"start": "2026-12-01T09:00:00"}, "start must be a date-time with its offset"),
        ({"start": "tomorrow"}, "start"),
        ({"start": "2026-13-01T09:00:00Z"}, "start"),
        ({"start": "2026-02-30"}, "start"),
        ({"end": "2026-12-01"}, "both be dates"),
        ({"end": "2026-12-01T08:00:00Z"}, "end must be after start"),
        ({"end": "2026-12-01T07:00:00Z"}, "end must be after start"),
        ({"attendees": "ada@example.com"}, "attendees"),
        ({"attendees": ["ada"]}, "attendees"),
        ({"attendees": ["a@b, c@d"]}, "attendees"),
        ({"attendees": [{"email": "ada@example.com"}]}, "attendees"),
        ({"attendees": ["ada@example.com"] * 201}, "attendees"),
        ({"notes": ["a"]}, "notes"),
    ],
)
def test_what_is_no_event_is_refused_by_the_name_of_its_field(changes: dict[str, Json], named: str) -> None:
    with pytest.raises(BadEventError, match=named):
        event_of({**HOUR, **changes}, KEY)


WANTED = event_of({**HOUR, "attendees": ["ada@example.com"]}, KEY)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"status": "confirmed"},
        {"start": {"dateTime": "2026-12-01T08:00:00Z", "timeZone": "UTC"}},
        {"description": ""},
        {"attendees": [{"email": "ADA@example.com", "responseStatus": "accepted"}, {"email": "bob@example.com"}]},
        {"etag": "7", "sequence": 3},
    ],
)
def test_what_people_and_google_add_makes_it_no_other_event(changes: dict[str, Json]) -> None:
    assert mismatch({**WANTED, **changes}, WANTED) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"summary": "Moved"}, "summary"),
        ({"description": "New"}, "description"),
        ({"start": {"dateTime": "2026-12-01T10:00:00Z"}}, "start"),
        ({"start": {"date": "2026-12-01"}}, "start"),
        ({"end": None}, "end"),
        ({"attendees": []}, "attendees"),
        ({"id": "other"}, "id"),
        ({"extendedProperties": {}}, "extendedProperties"),
        ({"extendedProperties": {"private": {"actonceEffect": "other"}}}, "extendedProperties"),
        ({"extendedProperties": {"private": "x"}}, "extendedProperties"),
    ],
)
def test_an_event_that_is_not_the_one_is_told_by_its_field(changes: dict[str, Json], field: str) -> None:
    assert mismatch({**WANTED, **changes}, WANTED) == field


def test_a_deleted_event_is_still_shown_as_cancelled() -> None:
    assert is_cancelled({**WANTED, "status": "cancelled"})
    assert not is_cancelled(WANTED)
