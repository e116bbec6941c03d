"""Plays one schedule again, or many: ``python -m tests.simulation --replay SEED`` or ``--random N``."""

import argparse
import sys

from tests.simulation.explore import Case, shuffled, verdict, world_of
from tests.simulation.interleave import interleaved
from tests.simulation.proof import Violation
from tests.simulation.target.explore import TARGET, target_world_of


def replay(seed: str) -> int:
    """Play a seed and print all that happened in it."""
    if seed.startswith(TARGET):
        return replay_target(seed)
    world = world_of(Case.parse(seed))
    try:
        world.run()
    except Violation as violation:
        print(f"VIOLATION: {violation}")
    print("points:", *(f"{place}:{label}" for place, label in enumerate(world.labels, start=1)))
    for write in world.provider.log:
        print(write)
    for chain, entries in world.store.chains.items():
        for entry in entries:
            print(chain.subject, entry.sequence, entry.event.value, entry.body)
    return 0


def replay_target(seed: str) -> int:
    """Play a seed of a target behind a gateway, and print the same of it."""
    world = target_world_of(Case.parse(seed))
    try:
        world.run()
    except Violation as violation:
        print(f"VIOLATION: {violation}")
    print("points:", *world.labels)
    for write, bearer in zip(world.provider.log, world.watch.bearers, strict=True):
        print(f"call {bearer}: {write}")
    for number, answer in world.watch.answers:
        print(f"said of call {number}: {answer}")
    return 0


def roam(count: int, first: int, *, by_steps: bool) -> int:
    """Play random schedules; the first violation ends it."""
    traces = set()
    for seed in range(first, first + count):
        trace, fault = verdict(shuffled(seed, by_steps=by_steps))
        traces.add(trace)
        if fault is not None:
            print(f"seed {seed}: {fault}")
            return 1
    print(f"{count} schedules, {len(traces)} distinct traces, no violation")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replay", help="a seed as a failing run prints it")
    parser.add_argument("--random", type=int, default=20_000, help="how many random schedules")
    parser.add_argument("--interleaved", type=int, help="the seed of an interleaved run, played again")
    parser.add_argument("--first", type=int, default=0, help="the first random seed")
    parser.add_argument("--steps", action="store_true", help="where a state machine takes the steps")
    options = parser.parse_args()
    if options.interleaved is not None:
        print(interleaved(options.interleaved, by_steps=options.steps)[1] or "no violation")
        sys.exit(0)
    if options.replay:
        sys.exit(replay(options.replay))
    sys.exit(roam(options.random, options.first, by_steps=options.steps))
