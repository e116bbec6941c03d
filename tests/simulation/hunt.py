"""The hunt for one mutant: run on a tree that holds it, until a schedule shows it."""

import sys
from collections.abc import Iterator
from itertools import count, islice

from tests.simulation.explore import (
    SCENARIOS,
    STEPS,
    Case,
    crash_pairs,
    kinds_of,
    pairs,
    setting,
    shuffled,
    singles,
    verdict,
)
from tests.simulation.mutants import MUTANTS
from tests.simulation.target.explore import STRIKES, calm, strikes_once, strikes_twice, target_verdict, thrown
from tests.simulation.target.scene import SCENES


def schedules(number: int) -> Iterator[Case]:
    """Yield the likely schedules first, then a bounded sample of the others."""
    part, kinds, by_steps = MUTANTS[number].scenarios, MUTANTS[number].strikes, MUTANTS[number].by_steps
    scenes = [f"{STEPS if by_steps else ''}{name}" for name in SCENARIOS]
    names = [name for name in scenes if part in name]
    yield from (Case(name) for name in names)
    yield from singles(names, [kind for kind in kinds if "+" not in kind])
    for first, _, second in (kind.partition("+") for kind in kinds if "+" in kind):
        yield from pairs([name for name in names if not setting(name).expect], first, second)
    yield from islice(singles(scenes, kinds_of(by_steps=by_steps)), 0, None, 37)
    yield from islice(crash_pairs(names), 0, None, 7)
    yield from (shuffled(seed, by_steps=by_steps) for seed in count())


def target_schedules(number: int) -> Iterator[Case]:
    """Yield the same around a target behind a gateway."""
    part, kinds = MUTANTS[number].scenarios, MUTANTS[number].strikes
    names = [name for name in SCENES if part in name]
    yield from calm(names)
    yield from strikes_once(names, [kind for kind in kinds if "+" not in kind])
    for first, _, second in (kind.partition("+") for kind in kinds if "+" in kind):
        yield from strikes_twice(names, first, second)
    yield from islice((it for kind in STRIKES for it in strikes_once(SCENES, [kind])), 0, None, 37)
    yield from (thrown(seed) for seed in count())


def hunt(number: int, limit: int) -> str | None:
    """Return the first violation of a mutant, None when it survives."""
    by_target = MUTANTS[number].by_target
    judged = target_verdict if by_target else verdict
    for case in islice(target_schedules(number) if by_target else schedules(number), limit):
        found = judged(case)[1]
        if found is not None:
            return found
    return None


if __name__ == "__main__":
    shown = hunt(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(shown or "SURVIVED")
    sys.exit(0 if shown else 1)
