"""``python -m benchmarks``: what one run of the machine at hand says. Exits with 1 when a goal is missed."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import aws_client, cost, counts, growth, memory, report, startup, throughput
from benchmarks.machine import ROOT
from benchmarks.part import FEWEST_ROUNDS, Part

RESULT = ROOT / "build" / "bench.json"
AWS_BATCHES = 20
SHORT_BATCHES = 2
SHORT_ROUNDS = 2

Measuring = Callable[[], list[Part]]


def whole(rounds: int, build: Path) -> dict[str, Measuring]:
    """Return every part, as long as a goal needs it."""
    return {
        "embedded": lambda: throughput.measure(throughput.Length(rounds, actions=1_000, peer_actions=60)),
        "client": lambda: aws_client.parts(aws_client.measure(rounds, AWS_BATCHES)),
        "start": lambda: startup.measure(build, is_short=False),
        "cost": costs,
        "growth": lambda: growth.measure(growth.Length(rounds, actions=200, reads=200), growth.SIZES),
        "memory": lambda: memory.measure(memory.POINTS),
    }


def short(rounds: int, build: Path) -> dict[str, Measuring]:
    """Return every part, so short that only what is counted is judged."""
    return {
        "embedded": lambda: throughput.measure(throughput.Length(rounds, actions=50, peer_actions=10)),
        "client": lambda: aws_client.parts(aws_client.measure(rounds, SHORT_BATCHES)),
        "start": lambda: startup.measure(build, is_short=True),
        "cost": costs,
        "growth": lambda: growth.measure(growth.Length(rounds, actions=20, reads=20), growth.SHORT_SIZES),
        "memory": lambda: memory.measure(memory.SHORT_POINTS),
    }


def costs() -> list[Part]:
    """Count an action, and price what was counted."""
    direct, steps = counts.measure()
    return [*counts.parts((direct, steps)), *cost.measure(direct.counted, steps.counted)]


def faults_of(parts: Sequence[Part], *, is_short: bool, is_ci: bool) -> list[str]:
    """Return why the run fails: missed goals, and in CI what a laptop may lack."""
    faults = [fault for part in parts if (fault := part.fault(is_short=is_short)) is not None]
    if is_ci:
        faults += dict.fromkeys(part.missing for part in parts if part.missing)
    return faults


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, show, write, and say whether all goals are met."""
    given = _given(arguments)
    build = ROOT / "build" / "bench"
    build.mkdir(parents=True, exist_ok=True)
    console, begun = Console(width=given.columns), time.monotonic()
    rounds = given.rounds or (SHORT_ROUNDS if given.short else FEWEST_ROUNDS)
    planned = (short if given.short else whole)(rounds, build)
    only = given.only.split(",") if given.only else list(planned)
    if unknown := set(only) - set(planned):
        console.print(f"no such part: {', '.join(sorted(unknown))}", style="red", markup=False)
        return 2
    parts: list[Part] = []
    for name in only:
        measuring = planned[name]
        with console.status(f"measuring: {name}"):
            started, found = time.monotonic(), measuring()
        report.show(console, found, is_short=given.short)
        console.print(f"{name}: {time.monotonic() - started:.0f} s\n", style="dim")
        parts += found
    faults = faults_of(parts, is_short=given.short, is_ci=os.environ.get("CI") == "true")
    made = report.document(parts, faults, is_short=given.short, rounds=rounds, wall_s=time.monotonic() - begun)
    report.write(given.output, made)
    for fault in faults:
        console.print(fault, style="red", markup=False)
    console.print(f"{'FAILED' if faults else 'passed'}: {given.output}", soft_wrap=True)
    return 1 if faults else 0


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="every part, within three minutes; speed is not judged")
    parser.add_argument(
        "--rounds", type=int, help=f"of what is timed (default: {FEWEST_ROUNDS}, short: {SHORT_ROUNDS})"
    )
    parser.add_argument("--only", default="", help="some of embedded, client, start, cost, growth, memory, by commas")
    parser.add_argument("--output", type=Path, default=RESULT, help="where the JSON goes")
    parser.add_argument("--columns", type=int, help="of the tables (default: the terminal's)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
