"""A target behind a gateway under every strike at every port call, pairs of them, and dice: one write, true answers."""

import os
from collections.abc import Callable, Iterable
from itertools import islice

import pytest

from tests.simulation.explore import Case
from tests.simulation.target.explore import calm, strikes_once, strikes_twice, target_verdict, thrown
from tests.simulation.target.scene import SCENES

STRIDE = int(os.environ.get("SIMULATION_STRIDE", "5"))
RUNS = int(os.environ.get("SIMULATION_RUNS", "4000"))
PARTS = 2
PAIRED = ("crash", "hang_over", "cut_and_hang", "repeat_first", "lose")

Note = Callable[[str, object], None]


def check(cases: Iterable[Case], note: Note) -> None:
    """Fail on the first violation, with the seed that plays it again; note the distinct traces."""
    verdicts = [target_verdict(case) for case in cases]
    violations = [fault for _, fault in verdicts if fault is not None]
    assert not violations, f"{len(violations)} violations, first: {violations[0]}"
    note("distinct_traces", len({trace for trace, _ in verdicts}))
    note("schedules", len(verdicts))


@pytest.mark.parametrize("part", range(PARTS))
def test_a_strike_at_any_point_of_a_target_is_survived(part: int, record_property: Note) -> None:
    names = sorted(SCENES)[part::PARTS]
    check([*calm(names), *islice(strikes_once(names), part, None, 2 * STRIDE**2)], record_property)


def test_two_strikes_at_a_target_are_survived(record_property: Note) -> None:
    names = sorted(SCENES)[:: 2 * STRIDE]
    pairs = (it for early in PAIRED for late in PAIRED for it in strikes_twice(names, early, late, 16 * STRIDE))
    check(islice(pairs, 0, None, 2 * STRIDE), record_property)


@pytest.mark.parametrize("part", range(PARTS))
def test_invocations_of_a_target_side_by_side_write_once_and_say_what_is_true(part: int, record_property: Note) -> None:
    check((thrown(seed) for seed in range(part, RUNS // 2, PARTS)), record_property)


def test_a_seed_of_a_target_plays_the_same_schedule_again() -> None:
    for seed in ("target:natural_key:late,busy#hang_over@4#crash@9", "target:dice7"):
        case = Case.parse(seed)
        assert str(case) == seed
        assert target_verdict(case) == target_verdict(case)
