"""Many trials side by side, each forked from one warm process. Standard library only.

``python -m benchmarks.effect_correctness.herd CONTENDER`` runs under the interpreter that has the contender's packages.
It is given an order and trials as JSON lines, and writes what became of each as soon as it is known.
"""

import importlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import CELLS, Cell, Fault
from benchmarks.effect_correctness.judge import Status, Told, Truth
from benchmarks.effect_correctness.trial import Contender, Run, Trial, run

CONTENDERS = "benchmarks.effect_correctness.contenders"


def loaded(name: str, port: int, folder: Path) -> Contender:
    """Return a contender by ``module`` or ``module:arm``; a dotted module is taken as it is."""
    module, _, arm = name.partition(":")
    full = module if "." in module else f"{CONTENDERS}.{module}"
    made: Contender = importlib.import_module(full).contender(arm or None, port, folder)
    return made


def herd(contender: Contender, trials: Iterable[Trial], folder: Path, port: int, width: int) -> Iterator[Run]:
    """Run trials in processes of their own, ``width`` at a time; yield each as it ends."""
    waiting = iter(trials)
    under_way: dict[int, Trial] = {}
    while True:
        while len(under_way) < width and (trial := next(waiting, None)) is not None:
            under_way[_forked(contender, trial, folder, port)] = trial
        if not under_way:
            return
        pid, code = os.wait()
        trial = under_way.pop(pid)
        if code != 0:
            raise LookupError(f"{contender.name}: the trial {trial.name} broke: {_result(folder, trial).read_text()}")
        done = read(trial, json.loads(_result(folder, trial).read_text(encoding="utf-8")))
        _result(folder, trial).unlink()
        if done.is_met and not (folder / trial.name / "trouble.txt").exists():
            shutil.rmtree(folder / trial.name)
        yield done


def _result(folder: Path, trial: Trial) -> Path:
    return folder / f"{trial.name}.json"


def _forked(contender: Contender, trial: Trial, folder: Path, port: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    code, said = 1, ""
    try:
        said = json.dumps(document(run(contender, trial, folder / trial.name, port)))
        code = 0
    except Exception as fault:  # noqa: BLE001 - the last line of a process: told to the one that forked it
        said = repr(fault)
    finally:
        _result(folder, trial).write_text(said, encoding="utf-8")
        os._exit(code)


def document(done: Run) -> dict[str, Any]:
    """Return what became of a trial as JSON."""
    return {
        "name": done.trial.name,
        "writes": list(done.truth.writes),
        "calls": done.truth.calls,
        "first": done.told.first.value,
        "second": None if done.told.second is None else done.told.second.value,
        "is_met": done.is_met,
    }


def read(trial: Trial, said: dict[str, Any]) -> Run:
    """Return what became of a trial from its JSON."""
    second = None if said["second"] is None else Status(said["second"])
    told = Told(Status(said["first"]), second)
    return Run(trial, Truth(tuple(said["writes"]), said["calls"]), told, said["is_met"])


def main() -> None:
    """Serve one contender: an order, then what it does not offer; then trials, then what became of each."""
    order = json.loads(sys.stdin.readline())
    folder = Path(order["folder"])
    contender = loaded(sys.argv[1], order["port"], folder)
    try:
        why_not = [[cell.fault.value, cell.contract.value, contender.not_offered(cell)] for cell in CELLS]
        print(json.dumps({"name": contender.name, "not_offered": [it for it in why_not if it[2]]}), flush=True)
        trials = [_trial(json.loads(line)) for line in sys.stdin]
        for done in herd(contender, trials, folder / "trials", order["port"], order["width"]):
            print(json.dumps(document(done)), flush=True)
    finally:
        contender.close()


def _trial(said: dict[str, Any]) -> Trial:
    return Trial(said["name"], Cell(Fault(said["fault"]), Contract(said["contract"])), said["by_sigkill"])


if __name__ == "__main__":
    main()
