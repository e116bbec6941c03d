from __future__ import annotations

from pathlib import Path

import pytest

from adapters.memory.clock import FakeClock
from core.domain.switches import Switch
from entrypoints.container.building import close
from entrypoints.counting import count_handled
from entrypoints.handled import Handled, Verdict
from entrypoints.meters import Meters
from tests.unit.entrypoints.installing import a_note, an_event, an_installation
from tests.unit.making import NOW_MS


def counts(meters: Meters) -> dict[tuple[str, ...], float]:
    return {(metric.name, *(it for _, it in dims)): sum(got) for (metric, dims), got in meters._numbers.items()}


def handled_of(folder: Path, *, is_stopped: bool = False, times: int = 1) -> Handled:
    """Handle the same event so many times, and return the last."""
    container = an_installation(folder, FakeClock(NOW_MS))
    if is_stopped:
        container.kill_switches().close(Switch("tenant-1"), operator="test", reason="", at_ms=NOW_MS)
    container.queue().send([an_event(a_note())] * times)
    deliveries = container.queue().receive(10, visibility_ms=1_000)
    handled = [container.intake()(one) for one in deliveries]
    close(container)
    return handled[-1]


@pytest.fixture
def meters() -> Meters:
    return Meters("space", "name")


def test_an_outcome_is_counted_by_status_and_error_class(meters: Meters, tmp_path: Path) -> None:
    count_handled(meters, handled_of(tmp_path), NOW_MS)
    assert counts(meters) == {("Deliveries", "acknowledged"): 1, ("Actions", "SUCCEEDED", "NONE"): 1}


def test_a_duplicate_that_another_message_finished_is_counted_as_avoided(meters: Meters, tmp_path: Path) -> None:
    count_handled(meters, handled_of(tmp_path, times=2), NOW_MS + 1)
    assert counts(meters) == {("Deliveries", "acknowledged"): 1, ("DuplicatesAvoided", "CLAIM"): 1}


def test_a_closed_switch_is_counted_as_a_refusal_and_a_failure(meters: Meters, tmp_path: Path) -> None:
    count_handled(meters, handled_of(tmp_path, is_stopped=True), NOW_MS)
    found = counts(meters)
    assert (found["Actions", "FAILED", "VALIDATION"], found["SwitchRefusals",]) == (1, 1)


def test_an_unreadable_switch_is_a_refusal_that_waits(meters: Meters) -> None:
    count_handled(meters, Handled("m-1", Verdict.PUT_BACK, error_code="KILL_SWITCH_UNREADABLE"), NOW_MS)
    assert counts(meters) == {("Deliveries", "put_back"): 1, ("SwitchRefusals",): 1}


def test_a_wake_up_that_finds_its_work_done_avoids_nothing(meters: Meters, tmp_path: Path) -> None:
    handled = handled_of(tmp_path)
    woken = Handled("another", Verdict.ACKNOWLEDGED, handled.key, handled.execution, owner=handled.owner)
    count_handled(meters, woken, NOW_MS + 1)
    assert counts(meters) == {("Deliveries", "acknowledged"): 1}
