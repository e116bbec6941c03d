"""The effect protocol under every crash, every pair of crashes, every injection, and dice."""

import os
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import pytest

from tests.simulation.explore import SCENARIOS, Case, crash_pairs, shuffled, singles, verdict
from tests.simulation.injections import INJECTIONS
from tests.simulation.interleave import interleaved
from tests.simulation.proof import Violation
from tests.simulation.scenario import TERMS
from tests.simulation.world import World

STRIDE = int(os.environ.get("SIMULATION_STRIDE", "5"))
RUNS = int(os.environ.get("SIMULATION_RUNS", "4000"))
PARTS = 8

Note = Callable[[str, object], None]


def names(part: int) -> list[str]:
    """Return every eighth scenario, so that the parts can run side by side."""
    return sorted(SCENARIOS)[part::PARTS]


def is_plain(name: str) -> bool:
    """Tell a contract with faults of its provider from all that is more special."""
    terms, _, plan = name.partition(":")
    return terms in TERMS and plan != ""


def check(verdicts: list[tuple[bytes, str | None]], note: Note) -> None:
    """Fail on the first violation, with the seed that plays it again; note the distinct traces."""
    violations = [fault for _, fault in verdicts if fault is not None]
    assert not violations, f"{len(violations)} violations, first: {violations[0]}"
    note("distinct_traces", len({trace for trace, _ in verdicts}))
    note("schedules", len(verdicts))


@pytest.mark.parametrize("part", range(PARTS))
def test_every_pair_of_crashes_is_survived(part: int, record_property: Note) -> None:
    """Of every contract under every plan of faults; of what else there is every third pair, and all with STRIDE 1."""
    plain = [it for it in names(part) if is_plain(it)]
    special = [it for it in names(part) if not is_plain(it)]
    step = min(STRIDE, 3)
    some = islice(crash_pairs(special), part % step, None, step)
    check([verdict(case) for case in (*crash_pairs(plain), *some)], record_property)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_misfortune_at_any_point_is_survived(part: int, record_property: Note) -> None:
    """Every scenario undisturbed and with a crash at every point; the other injections at every STRIDE-th place."""
    calm = [Case(name) for name in names(part)]
    crashes = list(singles(names(part), ["crash"]))
    others = list(singles(names(part), [kind for kind in INJECTIONS if kind != "crash"]))[part % STRIDE :: STRIDE]
    check([verdict(case) for case in (*calm, *crashes, *others)], record_property)


@pytest.mark.parametrize("part", range(2))
def test_random_misfortunes_in_a_row_are_survived(part: int, record_property: Note) -> None:
    check([verdict(shuffled(seed)) for seed in range(part, RUNS, 2)], record_property)


@pytest.mark.parametrize("part", range(2))
def test_two_workers_interleaved_at_every_call_write_once(part: int, record_property: Note) -> None:
    check([interleaved(seed) for seed in range(part, RUNS, 2)], record_property)


def test_a_seed_plays_the_same_schedule_again() -> None:
    seed = "natural_key:late,refuse#crash@6#stall@9"
    first, second = verdict(Case.parse(seed)), verdict(Case.parse(seed))
    assert str(Case.parse(seed)) == seed
    assert first == second


def test_the_guarantee_is_breached_outside_the_declared_bounds() -> None:
    """A write that lands later than the tool's declared bound is written twice: the bounds are real."""
    honest = SCENARIOS["proved_absent:late"]
    with pytest.raises(Violation, match="written 2 times"):
        World(replace(honest, late_ms=honest.late_ms + 60_000)).run()
