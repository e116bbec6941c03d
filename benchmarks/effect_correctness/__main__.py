"""``python -m benchmarks.effect_correctness``: the proof. Exits with 1 when a goal is missed."""

import argparse
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn

from benchmarks.effect_correctness import report
from benchmarks.effect_correctness.audit import audited
from benchmarks.effect_correctness.lead import ROOT, Broken, Results, Started, end, led
from benchmarks.effect_correctness.matrix import DIRECT, OURS, PEERS, STEPS, Arm, Plan, Wish, planned
from benchmarks.effect_correctness.servers import oracle

BUILD = Path("build") / "effect_correctness"
PEERS_PYTHON = Path(".venv") / "peers" / "bin" / "python"
SEED = 20_261
MOST_SHOWN = 20


def main() -> int:
    """Run, show, write, and say whether all goals are met."""
    given = _given()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # Trials that an earlier run left behind are of no use to anybody.
    shutil.rmtree(given.folder / "run", ignore_errors=True)
    (given.folder / "run").mkdir(parents=True)
    only = set(given.only.split(",")) if given.only else set()
    wish = Wish(given.short, given.trials, given.peer_trials, given.direct, given.steps, only, given.seed)
    plan = planned(wish, given.peers_python)
    console = Console(width=given.columns)
    plan = _that_can_run(plan, console)
    begun = time.monotonic()
    results, faults = _run(plan, given.folder / "run", console)
    report.show(console, results)
    faults += [f"goal missed: {it}" for result in results for it in result.missed]
    faults += [f"its fault did not befall {it}" for result in results for it in result.unmet]
    report.write(given.folder / "results.json", report.document(plan, results, faults, time.monotonic() - begun))
    for fault in faults[:MOST_SHOWN]:
        console.print(fault, style="red", markup=False)
    console.print(f"{'FAILED' if faults else 'passed'}: {given.folder / 'results.json'}")
    return 1 if faults else 0


def _run(plan: Plan, folder: Path, console: Console) -> tuple[list[Results], list[str]]:
    ledger = folder / "ledger.jsonl"
    started: Started = []
    columns = (*Progress.get_default_columns(), TimeElapsedColumn())
    with (
        oracle(ledger) as port,
        Progress(*columns, console=console) as progress,
        ThreadPoolExecutor(plan.abreast) as pool,
    ):

        def lead(arm: Arm) -> Results | str:
            task = progress.add_task(arm.contender, total=None)

            def tick(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            try:
                return led(arm, folder / arm.contender.replace(":", "-"), port, plan, tick, started)
            except Broken as broken:
                return str(broken)

        try:
            ended = list(pool.map(lead, plan.arms))
        except BaseException:
            # Somebody wants an end: of what runs, and of what would be started next.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in started:
                end(process)
            raise
    results = [it for it in ended if isinstance(it, Results)]
    faults = [it for it in ended if isinstance(it, str)]
    return results, faults + [f"the ledger says otherwise: {it}" for it in audited(ledger, results)]


def _that_can_run(plan: Plan, console: Console) -> Plan:
    """Return the plan without the peers, and say so, where their packages are not installed."""
    there: list[Arm] = [arm for arm in plan.arms if arm.python.exists()]
    if len(there) < len(plan.arms):
        console.print("The peers are left out: their packages are not installed. `make prove` installs them.")
    return replace(plan, arms=tuple(there))


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.effect_correctness", description=__doc__)
    parser.add_argument("--short", action="store_true", help="two trials a cell, and a sample of the peers")
    parser.add_argument("--trials", type=int, help="trials a cell of ours (default: 100)")
    parser.add_argument("--peer-trials", type=int, help="trials a cell of each peer (default: 10)")
    parser.add_argument("--direct", type=int, help="trials a cell in the direct mode, on an emulator (default: 1)")
    parser.add_argument("--steps", type=int, help="trials a cell in the Step Functions mode, on another (default: 1)")
    parser.add_argument("--only", default="", help=f"some of {', '.join((OURS, DIRECT, STEPS, *PEERS))}, by commas")
    parser.add_argument("--seed", type=int, default=SEED, help="of the order of trials")
    parser.add_argument("--folder", type=Path, default=ROOT / BUILD, help="where the results go")
    parser.add_argument("--peers-python", type=Path, default=ROOT / PEERS_PYTHON, help="that has the peers' packages")
    parser.add_argument("--columns", type=int, help="of the tables (default: the terminal's)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
