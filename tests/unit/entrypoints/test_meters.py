from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from core.domain.answer import Applied, CannotTell, Happened, Hold, NotSent, Unknown
from entrypoints import telemetry
from entrypoints.meters import Meters


@pytest.fixture
def meters() -> Meters:
    return Meters("space", "name")


def flushed(meters: Meters, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    meters.flush()
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_counts_are_added_up_and_told_by_each_group_of_dimensions(
    meters: Meters, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        meters.add(telemetry.ACTIONS, status="FAILED", error_class="AUTH")
    (line,) = flushed(meters, capsys)
    (told,) = line["_aws"]["CloudWatchMetrics"]
    assert (told["Namespace"], told["Metrics"]) == ("space", [{"Name": "Actions", "Unit": "Count"}])
    assert told["Dimensions"] == [["service"], ["service", "status"], ["service", "status", "error_class"]]
    assert (line["service"], line["status"], line["error_class"], line["Actions"]) == ("name", "FAILED", "AUTH", [3.0])


def test_metrics_without_dimensions_share_a_line_and_others_have_their_own(
    meters: Meters, capsys: pytest.CaptureFixture[str]
) -> None:
    meters.add(telemetry.SWEPT, 2)
    meters.add(telemetry.IN_DOUBT, 0)
    meters.add(telemetry.TOOL_LATENCY, 12, tool="a")
    meters.add(telemetry.TOOL_LATENCY, 13, tool="b")
    meters.add(telemetry.TOOL_LATENCY, 14, tool="b")
    shared, first, second = flushed(meters, capsys)
    assert (shared["Swept"], shared["InDoubt"]) == ([2.0], [0.0])
    assert (first["ToolLatency"], second["ToolLatency"]) == ([12.0], [13.0, 14.0])


def test_what_was_flushed_is_not_told_again_and_nothing_is_told_of_nothing(
    meters: Meters, capsys: pytest.CaptureFixture[str]
) -> None:
    meters.add(telemetry.SWEPT)
    assert len(flushed(meters, capsys)) == 1
    assert flushed(meters, capsys) == []


@pytest.mark.parametrize("count", [99, 100, 101, 250])
def test_no_number_is_lost_beyond_a_hundred_of_a_line(
    meters: Meters, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    for number in range(count):
        meters.add(telemetry.TOOL_LATENCY, number, tool="a")
    lines = flushed(meters, capsys)
    assert [it for line in lines for it in line["ToolLatency"]] == list(map(float, range(count)))
    assert all(len(line["ToolLatency"]) <= 100 for line in lines)


def test_threads_lose_no_count(meters: Meters, capsys: pytest.CaptureFixture[str]) -> None:
    def count() -> None:
        for _ in range(500):
            meters.add(telemetry.SWEPT)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (line,) = flushed(meters, capsys)
    assert line["Swept"] == [4000.0]


def test_the_variables_of_powertools_name_space_and_service(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "theirs")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "actonce-prod")
    meters = Meters()
    meters.add(telemetry.SWEPT)
    (line,) = flushed(meters, capsys)
    assert (line["_aws"]["CloudWatchMetrics"][0]["Namespace"], line["service"]) == ("theirs", "actonce-prod")


def test_calls_that_were_sent_are_timed_and_what_spared_a_write_is_counted(
    meters: Meters, capsys: pytest.CaptureFixture[str]
) -> None:
    meters.called("crm", Applied(replayed=True), 30)
    meters.called("crm", Unknown("lost"), 40)
    meters.called("crm", NotSent(Hold.SWITCH_CLOSED), 1)
    meters.looked_up("crm", Happened(), 5)
    meters.looked_up("crm", CannotTell("away"), 6)
    found = {
        (name, line.get("by")): line[name] for line in flushed(meters, capsys) for name in line if name[0].isupper()
    }
    assert found == {
        ("ToolLatency", None): [30.0, 40.0],
        ("LookUpLatency", None): [5.0, 6.0],
        ("DuplicatesAvoided", "KEY_REPLAY"): [1.0],
        ("DuplicatesAvoided", "READ_BACK"): [1.0],
    }
