"""The same scenarios, misfortunes and invariants where a state machine takes the steps."""

from collections.abc import Iterable

import pytest

from core.domain.outcome import OutcomeStatus
from tests.simulation.explore import SCENARIOS, STEPS, Case, shuffled, singles, verdict
from tests.simulation.interleave import interleaved
from tests.simulation.scenario import KEY, scenario
from tests.simulation.steps_injections import STEPS_INJECTIONS
from tests.simulation.steps_world import StepsWorld
from tests.simulation.test_schedules import PARTS, RUNS, STRIDE, Note, check, names

SPARSE = 60 * STRIDE
"""There are some seven hundred thousand single misfortunes here; the strides of two runs never fall together."""


def played(cases: Iterable[Case]) -> list[tuple[bytes, str | None]]:
    return [verdict(case) for case in cases]


FOUND = (
    "steps:skewed-client_id",
    "steps:flaw-stays-opaque#twice@18",
    "steps:natural_key:partial#twice@18",
    "steps:reset-undo-read_back#twice@19",
    "steps:flaw-stays-provider_key#twice_taken@17",
)
"""A function whose clock is behind was called again and again, until all rounds were spent. And a second call of
InvokeTool prepared the action once more, as the undo that the first call had opened meanwhile."""


@pytest.mark.parametrize("seed", FOUND)
def test_what_was_found_is_mended(seed: str) -> None:
    assert verdict(Case.parse(seed))[1] is None


@pytest.mark.parametrize("part", range(PARTS))
def test_every_crash_is_survived_where_a_state_machine_takes_the_steps(part: int, record_property: Note) -> None:
    """Of the starter, of any function, of what settles ended executions, of the relay and the sweeper."""
    scenes = [STEPS + name for name in names(part)]
    calm = [Case(name) for name in scenes]
    check(played((*calm, *singles(scenes, ["crash"]))), record_property)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_misfortune_at_any_step_is_survived(part: int, record_property: Note) -> None:
    """Those of every world, and functions that outlive the interest in them, second calls, ends and executions."""
    scenes = [STEPS + name for name in names(part)]
    kinds = [kind for kind in STEPS_INJECTIONS if kind != "crash"]
    check(played(list(singles(scenes, kinds))[part::SPARSE]), record_property)


@pytest.mark.parametrize("part", range(2))
def test_random_misfortunes_in_a_row_are_survived_by_steps(part: int, record_property: Note) -> None:
    check(played(shuffled(seed, by_steps=True) for seed in range(part, RUNS // 8, 2)), record_property)


@pytest.mark.parametrize("part", range(2))
def test_two_workers_and_what_was_given_up_write_once(part: int, record_property: Note) -> None:
    check([interleaved(seed, by_steps=True) for seed in range(part, RUNS // 16, 2)], record_property)


def test_a_seed_plays_the_same_steps_again() -> None:
    seed = "steps:natural_key:late,refuse#orphan_late@20#abort_twice_told@31"
    first, second = verdict(Case.parse(seed)), verdict(Case.parse(seed))
    assert str(Case.parse(seed)) == seed
    assert first == second


def test_a_partial_write_takes_it_through_every_function() -> None:
    """The steps of this world are those of the committed definition, and none is left out."""
    world = StepsWorld(SCENARIOS["natural_key:partial"]).run()
    called = {label for label in world.labels if label.startswith("machine.")}

    assert called == {f"machine.{token}" for token in world.worker.functions}


def test_a_function_that_was_given_up_may_still_tell_the_truth() -> None:
    """It was answered before it hung; what goes on without it finds doubt, and its late answer settles that."""
    world = StepsWorld(scenario("opaque"), {21: STEPS_INJECTIONS["orphan_late"]}).run()
    outcome = world.store.executions[KEY].outcome

    assert world.labels.index("Applied") < world.labels.index("machine.reconcile")
    assert len(world.provider.log) == 1
    assert outcome is not None
    assert outcome.status is OutcomeStatus.SUCCEEDED
