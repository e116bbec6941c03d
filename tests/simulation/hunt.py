"""The hunt for one mutant: run on a tree that holds it, until a schedule shows it."""

import sys
from collections.abc import Iterator
from itertools import islice

from tests.simulation.explore import SCENARIOS, Case, crash_pairs, shuffled, singles, verdict
from tests.simulation.injections import INJECTIONS
from tests.simulation.mutants import MUTANTS

LIMIT = 30_000


def schedules(number: int) -> Iterator[Case]:
    """Yield the likely schedules first, then a bounded sample of the others."""
    part, kinds = MUTANTS[number].hint
    names = [name for name in SCENARIOS if part in name]
    yield from (Case(name) for name in names)
    yield from singles(names, kinds)
    yield from islice(singles(SCENARIOS, INJECTIONS), 0, None, 37)
    yield from islice(crash_pairs(names), 0, None, 7)
    yield from (shuffled(seed) for seed in range(LIMIT))


def hunt(number: int) -> str | None:
    """Return the first violation of a mutant, None when it survives."""
    for case in islice(schedules(number), LIMIT):
        found = verdict(case)[1]
        if found is not None:
            return found
    return None


if __name__ == "__main__":
    shown = hunt(int(sys.argv[1]))
    sys.stdout.write(shown or "SURVIVED")
    sys.exit(0 if shown else 1)
