"""Actions per second of the embedded mode next to the floor, in interleaved rounds, so that a busy disk hits all."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.assembly import Embedded
from benchmarks.bare import Bare

FLOOR = "bare sqlite3 loop"
WORKERS = (1, 8, 32)
WARM_UP = 50
LEAST_OF_FLOOR = 0.5
LEAST_GAIN = 1.8


@dataclass(frozen=True, slots=True)
class Round:
    """Actions per second of each contender, measured one after the other."""

    floor: float
    embedded: dict[int, float]


def measure(rounds: int, actions: int) -> list[Round]:
    """Run every contender once per round, each on a fresh file of the same disk."""
    return [Round(_floor(actions), {count: _embedded(actions, count) for count in WORKERS}) for _ in range(rounds)]


def report(measured: list[Round]) -> list[str]:
    """Return what was measured, line by line; each ratio is the median of the rounds' own ratios."""
    lines = [f"{'':24}{'actions/s':>10}{'of the floor':>14}{'of one worker':>15}"]
    lines.append(f"{FLOOR:24}{median(it.floor for it in measured):10.0f}{1:14.2f}")
    for count in WORKERS:
        rate = median(it.embedded[count] for it in measured)
        of_floor = median(it.embedded[count] / it.floor for it in measured)
        gain = median(it.embedded[count] / it.embedded[1] for it in measured)
        name = f"embedded, {count} worker{'s' if count > 1 else ''}"
        lines.append(f"{name:24}{rate:10.0f}{of_floor:14.2f}{gain:15.2f}")
    lines.append(_aim("one worker, of the floor", measured, lambda it: it.embedded[1] / it.floor, LEAST_OF_FLOOR))
    lines.append(_aim("32 workers, of one", measured, lambda it: it.embedded[32] / it.embedded[1], LEAST_GAIN))
    return lines


def _aim(name: str, measured: list[Round], ratio: Callable[[Round], float], least: float) -> str:
    ratios = sorted(ratio(it) for it in measured)
    verdict = "met" if median(ratios) >= least else "MISSED"
    return f"aim {verdict}: {name} at least {least}: {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def _floor(actions: int) -> float:
    with tempfile.TemporaryDirectory(dir=_disk()) as folder:
        bare = Bare(Path(folder))
        bare.work(WARM_UP)
        begun = perf_counter()
        bare.work(actions)
        taken = perf_counter() - begun
        bare.close()
    return actions / taken


def _embedded(actions: int, workers: int) -> float:
    with tempfile.TemporaryDirectory(dir=_disk()) as folder:
        embedded = Embedded(Path(folder))
        embedded.fill(WARM_UP)
        embedded.work(1)
        embedded.fill(actions)
        begun = perf_counter()
        embedded.work(workers)
        taken = perf_counter() - begun
        embedded.close()
        if embedded.connector.written != WARM_UP + actions:
            raise LookupError("the tool was not called once per action")
    return actions / taken


def _disk() -> Path:
    # A temporary folder may lie in memory, where a synced write costs nothing.
    folder = Path("build")
    folder.mkdir(exist_ok=True)
    return folder
