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


def hunt(number: int, limit: int) -> str | None:
    """Return the first violation of a mutant, None when it survives."""
    for case in islice(schedules(number), limit):
        found = verdict(case)[1]
        if found is not None:
            return found
    return None


if __name__ == "__main__":
    shown = hunt(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(shown or "SURVIVED")
    sys.exit(0 if shown else 1)
