"""What is to befall a trial whose life goes through many processes befalls one of them, once, and is on the record."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.effect_correctness.contenders.steps_function import ended, handled, name_of, note_handled
from benchmarks.effect_correctness.contenders.steps_journal import (
    ABORTED,
    DEATH,
    Journal,
    JournalMarks,
    Strike,
    has_died,
    passed_again,
)
from benchmarks.effect_correctness.faults import REFUSALS, Life, Place
from benchmarks.effect_correctness.trial import DIED, Marks
from core.domain.keys import IntentKey

DYING = Life(dies_at=Place.AFTER_EFFECT)
STOPPING = Life(stops_at=Place.BEFORE_CALL)
THROTTLED = Life(throttled_at=Place.AFTER_EFFECT)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "trial")


def never() -> None:
    raise AssertionError("nobody asked for this")


def marks_of(journal: Journal, *, stop: Callable[[], None] = never, abort: Callable[[], None] = never) -> JournalMarks:
    """As a process of its own has them."""
    return JournalMarks(journal, stop=stop, abort=abort)


def exit_code(journal: Journal, place: Place, abort: Callable[[], None] = never) -> int:
    """Come to a place in a process of its own; 0 where it lived on."""
    pid = os.fork()
    if pid == 0:
        try:
            marks_of(journal, abort=abort).at(place)
            os._exit(0)
        finally:
            # No fault of the child may go on with the parent's tests.
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize(
    "strike",
    [
        Strike(Life()),
        Strike(DYING, by_sigkill=True, is_aborted=True),
        Strike(STOPPING),
        Strike(Life(text="second", is_delivery=False, throttled_at=Place.AFTER_RECORD)),
    ],
)
def test_a_plan_is_read_as_it_was_written_and_the_last_one_holds(journal: Journal, strike: Strike) -> None:
    assert journal.planned() is None

    journal.plan(Strike(STOPPING, by_sigkill=True))
    journal.plan(strike)

    assert journal.planned() == strike


def test_a_thing_is_taken_by_one_alone(journal: Journal) -> None:
    journal.plan(Strike(Life()))

    assert [journal.takes("it"), journal.takes("it"), journal.takes("another")] == [True, False, True]
    assert journal.number_of("it") == os.getpid()
    assert journal.number_of("nothing") is None


@pytest.mark.parametrize(("by_sigkill", "code"), [(False, DIED), (True, -signal.SIGKILL)])
def test_a_function_dies_at_its_place_and_the_next_one_passes_it(journal: Journal, by_sigkill: bool, code: int) -> None:
    journal.plan(Strike(DYING, by_sigkill=by_sigkill))

    assert exit_code(journal, Place.BEFORE_CALL) == 0
    assert not has_died(journal)
    assert exit_code(journal, Place.AFTER_EFFECT) == code
    assert has_died(journal)
    assert exit_code(journal, Place.AFTER_EFFECT) == 0


def test_whoever_is_to_die_has_not_while_it_runs(journal: Journal) -> None:
    journal.plan(Strike(DYING))
    journal.takes(DEATH)

    assert not has_died(journal)


def test_a_process_that_nobody_waited_for_has_died_all_the_same(journal: Journal, tmp_path: Path) -> None:
    journal.plan(Strike(DYING))
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.read()
        (tmp_path / "trial" / DEATH).write_text(str(child.pid), encoding="utf-8")
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

        assert has_died(journal)


def test_an_execution_is_stopped_before_its_function_dies(journal: Journal, tmp_path: Path) -> None:
    journal.plan(Strike(DYING, is_aborted=True))

    assert exit_code(journal, Place.AFTER_EFFECT, abort=(tmp_path / "stopped").touch) == DIED
    assert (tmp_path / "stopped").exists()
    assert journal.has(ABORTED)


def test_the_switch_is_thrown_once_and_the_life_passes_the_place_again(journal: Journal) -> None:
    journal.plan(Strike(STOPPING))
    thrown: list[str] = []
    before, after = Marks(STOPPING, by_sigkill=False), Marks(STOPPING, by_sigkill=False)

    passed_again(journal, STOPPING, before)
    for _ in range(2):
        marks_of(journal, stop=lambda: thrown.append("once")).at(Place.BEFORE_CALL)
    passed_again(journal, STOPPING, after)

    assert thrown == ["once"]
    assert not before.are_met()
    assert after.are_met()


def test_a_throttled_store_refuses_so_often_whoever_asks_it(journal: Journal) -> None:
    journal.plan(Strike(THROTTLED))
    early, in_between, late = (Marks(THROTTLED, by_sigkill=False) for _ in range(3))

    assert not marks_of(journal).is_refused()
    passed_again(journal, THROTTLED, early)
    marks_of(journal).at(Place.AFTER_EFFECT)
    refused = [marks_of(journal).is_refused()]
    passed_again(journal, THROTTLED, in_between)
    refused += [marks_of(journal).is_refused() for _ in range(REFUSALS)]
    passed_again(journal, THROTTLED, late)

    assert refused == [True] * REFUSALS + [False]
    assert [it.are_met() for it in (early, in_between, late)] == [False, False, True]


def test_a_function_of_a_trial_that_nobody_plans_for_goes_on(tmp_path: Path) -> None:
    marks = marks_of(Journal(tmp_path / "of-nobody"))

    for place in Place:
        marks.at(place)

    assert not marks.is_refused()


def test_what_comes_again_was_not_handled(tmp_path: Path) -> None:
    done, back = ({"messageId": name, "body": "{}"} for name in ("done", "back"))

    note_handled(tmp_path, [done, back], {"batchItemFailures": [{"itemIdentifier": "back"}]})

    assert [it.name for it in tmp_path.iterdir()] == [handled(done)]
    assert handled(done) != handled(back)


def test_an_execution_that_was_stopped_is_noted_by_its_name(tmp_path: Path) -> None:
    told = json.dumps({"source": "aws.states", "detail": {"name": "exec-1", "status": "ABORTED"}})

    note_handled(tmp_path, [{"messageId": "any", "body": told}], {})

    assert [it.name for it in tmp_path.iterdir()] == [ended("exec-1")]


def test_an_event_starts_one_execution_and_another_event_another() -> None:
    names = {name_of(IntentKey("tenant", "account", intent)) for intent in ("one", "one", "two")}

    assert len(names) == 2
