from __future__ import annotations

from pathlib import Path

from benchmarks.effect_correctness.contenders.steps import Way, not_asked
from benchmarks.effect_correctness.faults import CELLS, CRASHES
from benchmarks.effect_correctness.matrix import Wish, planned

PEERS_PYTHON = Path("peers-python")


def a_wish(**changes: object) -> Wish:
    made = {"short": False, "trials": None, "peer_trials": None, "direct": 0, "steps": 0, "only": {"ours"}, "seed": 1}
    return Wish(**{**made, **changes})  # type: ignore[arg-type]


def test_every_way_of_running_that_is_asked_for_is_held_to_the_goal() -> None:
    wish = a_wish(trials=7, direct=3, steps=2, only={"ours", "direct", "steps"})

    arms = planned(wish, PEERS_PYTHON).arms

    assert [(arm.contender, arm.trials) for arm in arms] == [
        ("ours", 7),
        ("direct", 3),
        ("steps", 2),
        ("steps:stopped", 2),
    ]
    assert all(arm.is_held for arm in arms)


def test_a_whole_run_takes_a_sample_of_the_modes_on_an_emulator_and_a_short_one_none() -> None:
    as_usual = a_wish(only=set(), direct=None, steps=None)
    short = a_wish(only=set(), direct=None, steps=None, short=True)

    assert held(as_usual) == ["ours", "direct", "steps", "steps:stopped"]
    assert held(short) == held(a_wish(only=set())) == ["ours"]


def held(wish: Wish) -> list[str]:
    return [arm.contender for arm in planned(wish, PEERS_PYTHON).arms if arm.is_held]


def test_an_execution_is_stopped_only_where_a_function_dies_and_the_other_arm_is_asked_for_all() -> None:
    assert {cell.fault for cell in CELLS if not_asked(Way.STOPPED, cell) is None} == CRASHES
    assert [cell for cell in CELLS if not_asked(Way.GOES_ON, cell)] == []
