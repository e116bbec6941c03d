from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import faults_of, main
from benchmarks.part import Goal, Part, Side, Verdict, at_least, at_most, paired
from benchmarks.report import document, number, row


def a_part(ratios: tuple[float, ...], goal: Goal | None) -> Part:
    return Part(group="speed", name="ours", unit="actions/s", values=(1.0,), ratios=ratios, of="floor", goal=goal)


def test_a_ratio_is_the_median_of_the_rounds_own_ratios_and_not_the_ratio_of_medians() -> None:
    ours, floor = [10.0, 200.0, 30.0], [10.0, 100.0, 60.0]
    assert a_part(tuple(paired(ours, floor)), None).ratio == 1.0


def test_rounds_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        paired([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("ratios", "goal", "verdict"),
    [
        ((0.4, 0.5, 0.9), at_least(0.5), Verdict.MET),
        ((0.4, 0.49, 0.9), at_least(0.5), Verdict.MISSED),
        ((1.2, 1.25, 1.3), at_most(1.25), Verdict.MET),
        ((1.2, 1.26, 1.3), at_most(1.25), Verdict.MISSED),
        ((1.2,), None, Verdict.INFORMATION),
    ],
)
def test_a_goal_is_judged_by_the_median(ratios: tuple[float, ...], goal: Goal | None, verdict: Verdict) -> None:
    assert a_part(ratios, goal).verdict(is_short=False) is verdict


def test_the_short_form_judges_what_is_counted_and_not_what_is_timed() -> None:
    timed, counted = a_part((9.0,), at_most(1.5)), a_part((9.0,), at_most(1.5, is_exact=True))
    assert timed.verdict(is_short=True) is Verdict.INFORMATION
    assert timed.fault(is_short=True) is None
    assert counted.verdict(is_short=True) is Verdict.MISSED
    assert counted.fault(is_short=True) == "speed: ours: 9, at most 1.5 is wanted"


def test_without_ratios_the_goal_is_about_the_values() -> None:
    part = Part(group="aws", name="calls", unit="calls", values=(3.8,), goal=Goal(Side.AT_MOST, 4))
    assert part.verdict(is_short=False) is Verdict.MET


def test_what_a_laptop_lacks_is_said_and_fails_in_ci_alone() -> None:
    part = Part(group="start", name="boto3", unit="instructions", missing="valgrind is missing.")
    assert part.verdict(is_short=False) is Verdict.NOT_MEASURED
    assert faults_of([part, part], is_short=False, is_ci=False) == []
    assert faults_of([part, part], is_short=True, is_ci=True) == ["valgrind is missing."]


def test_a_run_that_missed_a_goal_fails_and_says_which() -> None:
    missed, met = a_part((0.1,), at_least(0.5)), a_part((0.6,), at_least(0.5))
    assert faults_of([missed, met], is_short=False, is_ci=False) == ["speed: ours: 0.1, at least 0.5 is wanted"]


def test_a_line_of_the_table_shows_the_span_of_the_rounds_and_the_verdict() -> None:
    cells = row(a_part((0.4, 0.5, 0.9), at_least(0.5)), is_short=False)
    assert cells == ("ours", "1.00", "actions/s", "0.50", "0.40, 0.90", "floor", "at least 0.5", "[green]met[/green]")


def test_the_document_describes_machine_and_commit_and_keeps_every_round() -> None:
    made = document([a_part((0.4, 0.5, 0.9), at_least(0.5))], [], is_short=False, rounds=3, wall_s=1.0)
    assert {"machine", "commit", "at", "parts"} <= set(made)
    assert made["passed"]
    (part,) = made["parts"]
    assert (part["rounds"], part["ratios"], part["ratio"], part["verdict"]) == (3, [0.4, 0.5, 0.9], 0.5, "met")
    assert part["goal"] == {"side": "at least", "bound": 0.5, "is_exact": False}


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (0.5, "0.50"), (12.34, "12.3"), (-12.34, "-12.3"), (1781.4, "1,781")]
)
def test_numbers_have_as_many_digits_as_a_person_compares(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_a_part_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    assert main(["--only", "growth,nothing", "--output", str(tmp_path / "it.json")]) == 2
    assert not (tmp_path / "it.json").exists()
