"""The relay on moto: what it publishes, removes and reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from entrypoints.relay import StreamRelay
from tests.integration.function_site import Context, Lines, Site, a_site, an_event, inserted, metrics
from tests.unit.aws.lines import Cut

NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, lines: Lines) -> Site:
    request.getfixturevalue("moto")
    return a_site(monkeypatch, lines.logger)


@pytest.fixture
def relay(site: Site) -> StreamRelay:
    return a_relay(site, None)


def a_relay(site: Site, trouble: Any) -> StreamRelay:  # noqa: ANN401 - whatever stands on the line
    container = site.container()
    relay = StreamRelay(container.relay(), site.meters, site.remaining)
    if trouble is not None:
        trouble(container.signals()._client)  # type: ignore[attr-defined]
    return relay


def told(site: Site, count: int) -> list[Mapping[str, Any]]:
    """Carry out so many actions, one by one, for the emulator is not safe with threads; return the outbox's rows."""
    consumer = site.consumer()
    for number in range(count):
        assert consumer(site.batch(an_event(number)), Context()) == NOTHING_FAILED
    site.meters._numbers.clear()
    return site.rows("outbox")


def first_failed(place: int) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": str(100 + place)}]}


def test_what_the_stream_brings_is_published_and_its_rows_are_removed(
    site: Site, relay: StreamRelay, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = told(site, 12)
    capsys.readouterr()
    assert relay(inserted(rows), Context()) == NOTHING_FAILED
    assert site.rows("outbox") == []
    assert sum(metrics(capsys.readouterr().out)["SignalsPublished",]) == 12


def test_the_first_that_the_bus_did_not_accept_is_reported_and_keeps_its_row(site: Site) -> None:
    rows = told(site, 5)
    relay = a_relay(site, lambda client: _refuse(client, 2))
    assert relay(inserted(rows), Context()) == first_failed(2)
    assert site.rows("outbox") == [rows[2]]


def test_finding_20_a_bus_that_cannot_be_reached_leaves_every_row(site: Site) -> None:
    rows = told(site, 3)
    fault = ReadTimeoutError(endpoint_url="https://events.example")
    relay = a_relay(site, lambda client: Cut(client, fault, times=20))
    assert relay(inserted(rows), Context()) == first_failed(0)
    assert len(site.rows("outbox")) == 3


def test_a_record_that_shows_no_row_is_reported_and_its_neighbours_are_published(
    site: Site, relay: StreamRelay, lines: Lines
) -> None:
    rows = told(site, 3)
    event = inserted(rows)
    event["Records"][1]["dynamodb"]["NewImage"] = {"pk": {"S": "secret words"}}
    assert relay(event, Context()) == first_failed(1)
    assert site.rows("outbox") == [rows[1]]
    assert '"sequence":"101"' in lines.text()
    assert "secret words" not in lines.text()


def test_records_of_removed_rows_are_passed_over(site: Site, relay: StreamRelay) -> None:
    event = inserted(told(site, 1))
    event["Records"].insert(0, {"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "1", "Keys": {}}})
    assert relay(event, Context()) == NOTHING_FAILED
    assert site.rows("outbox") == []


def test_what_is_behind_a_failed_ten_is_not_begun(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    rows = told(site, 12)
    relay = a_relay(site, lambda client: _refuse(client, 0))
    capsys.readouterr()
    assert relay(inserted(rows), Context()) == first_failed(0)
    assert {row["sk"]["S"] for row in site.rows("outbox")} == {rows[place]["sk"]["S"] for place in (0, 10, 11)}
    found = metrics(capsys.readouterr().out)
    assert (found["SignalsPublished",], found["SignalsFailed",]) == ([9], [1])


def test_without_time_nothing_is_begun_and_all_is_read_again(site: Site, relay: StreamRelay) -> None:
    assert relay(inserted(told(site, 1)), Context(left_ms=0)) == first_failed(0)
    assert len(site.rows("outbox")) == 1


def test_the_same_records_again_are_published_again_and_nothing_breaks(site: Site, relay: StreamRelay) -> None:
    event = inserted(told(site, 2))
    assert relay(event, Context()) == relay(event, Context()) == NOTHING_FAILED


def _refuse(client: Any, place: int) -> None:  # noqa: ANN401 - boto3 builds a class per service
    def say(parsed: dict[str, Any], **_: object) -> None:
        parsed["Entries"][place] = {"ErrorCode": "ThrottlingException", "ErrorMessage": "words of AWS"}

    client.meta.events.register("after-call.events.PutEvents", say)
