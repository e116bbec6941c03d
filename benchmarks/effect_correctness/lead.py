"""Leads one arm through its trials, in a process of its own, and judges each."""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import CELLS, Cell, Fault
from benchmarks.effect_correctness.goal import goal
from benchmarks.effect_correctness.herd import read
from benchmarks.effect_correctness.judge import Verdict, judge
from benchmarks.effect_correctness.matrix import Arm, Plan, trials_of
from benchmarks.effect_correctness.trial import Run

ROOT = Path(__file__).resolve().parents[2]
HERD = "benchmarks.effect_correctness.herd"
Started = list[subprocess.Popen[str]]


@dataclass(slots=True)
class Results:
    """What one arm came to. ``unmet`` are trials that their fault did not befall."""

    arm: Arm
    name: str
    not_offered: Mapping[Cell, str]
    counts: dict[Cell, Counter[Verdict]] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)
    unmet: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def take(self, run: Run) -> None:
        """Judge one trial and count it."""
        cell = run.trial.cell
        verdict = judge(cell, run.truth, run.told)
        self.counts.setdefault(cell, Counter())[verdict] += 1
        self.writes[run.trial.name] = len(run.truth.writes)
        where = f"{run.trial.name}: {cell.fault}, {cell.contract}"
        if not run.is_met:
            self.unmet.append(where)
        if self.arm.is_held and verdict is not goal(cell):
            self.missed.append(f"{where}: {verdict}; written {run.truth.writes}, told {run.told.first}")

    @property
    def total(self) -> Counter[Verdict]:
        return sum(self.counts.values(), Counter())


class Broken(Exception):
    """An arm could not be run to its end."""


def end(process: subprocess.Popen[str]) -> None:
    """End an arm and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def led(arm: Arm, folder: Path, port: int, plan: Plan, tick: Callable[[int, int], None], started: Started) -> Results:
    """Run an arm; ``tick`` is told how many of how many trials have ended, ``started`` what to end in an emergency."""
    folder.mkdir(parents=True)
    order = {"port": port, "folder": str(folder), "width": plan.width}
    command = [str(arm.python), "-m", HERD, arm.contender]
    with (folder / "stderr.txt").open("w", encoding="utf-8") as trouble:
        # A session of its own, so that whatever it started can be ended with it.
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=trouble,
            text=True,
            start_new_session=True,
        )
    started.append(process)
    with process:
        try:
            results = _told(process, arm, order, plan.seed, tick)
            code = process.wait()
        finally:
            end(process)
    if code != 0 or results is None:
        last = (folder / "stderr.txt").read_text(encoding="utf-8").strip().splitlines()[-1:]
        raise Broken(f"{arm.contender} ended with {code}: {' '.join(last)}")
    return results


def _told(
    process: subprocess.Popen[str], arm: Arm, order: Mapping[str, Any], seed: int, tick: Callable[[int, int], None]
) -> Results | None:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the arm has no pipes")
    _say(process.stdin, order)
    first = process.stdout.readline()
    if not first:
        return None
    offer = json.loads(first)
    not_offered = {Cell(Fault(fault), Contract(contract)): why for fault, contract, why in offer["not_offered"]}
    results = Results(arm, offer["name"], not_offered)
    trials = trials_of(arm, [cell for cell in CELLS if cell not in not_offered], seed)
    for trial in trials:
        cell = trial.cell
        row = {"name": trial.name, "fault": cell.fault, "contract": cell.contract, "by_sigkill": trial.by_sigkill}
        _say(process.stdin, row)
    process.stdin.close()
    by_name = {trial.name: trial for trial in trials}
    for number, line in enumerate(process.stdout, start=1):
        said = json.loads(line)
        results.take(read(by_name.pop(said["name"]), said))
        tick(number, len(trials))
    return None if by_name else results


def _say(pipe: IO[str], document: Mapping[str, Any]) -> None:
    pipe.write(json.dumps(document) + "\n")
    pipe.flush()
