"""Runs the test stages in order, each against its time budget, and sums up what they counted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build" / "reports"
HARD_STOP_BUDGETS = 3
PYTEST_RAN = (0, 1)


@dataclass(frozen=True, slots=True)
class Stage:
    """One call of pytest; `budget_s` is what it may take on two cores, `emulator` what the deployed tests run on.

    A stage `in_groups` keeps tests of one `xdist_group` in one process: what they share takes long to make, or the
    groups take about equally long.
    """

    name: str
    paths: tuple[str, ...]
    budget_s: int
    workers: int
    emulator: str = "ministack"
    in_groups: bool = False

    def command(self, report: Path) -> list[str]:
        parallel = ["-n", str(self.workers)] if self.workers > 1 else []
        if self.in_groups:
            parallel += ["--dist", "loadgroup"]
        return [sys.executable, "-m", "pytest", f"--junit-xml={report}", *parallel, *self.paths]


@dataclass(frozen=True, slots=True)
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    @classmethod
    def read(cls, report: Path) -> Self:
        """Count a JUnit report; an error in a fixture or a module is a failure."""
        passed = failed = skipped = 0
        for case in ElementTree.parse(report).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
        return cls(passed, failed, skipped)


@dataclass(frozen=True, slots=True)
class Result:
    stage: Stage
    count: Count
    wall_s: float

    @property
    def is_over(self) -> bool:
        return self.wall_s > self.stage.budget_s


ON_LOCALSTACK = ("tests/deployed/test_localstack.py", "tests/deployed/test_same_everywhere.py")
STAGES = (
    Stage("unit", ("tests/architecture", "tests/unit", "tests/contract"), 360, 2),
    Stage("integration", ("tests/integration",), 480, 2),
    Stage("statemachine", ("tests/statemachine",), 120, 2),
    Stage("conformance", ("tests/conformance",), 300, 2),
    Stage("api", ("tests/api",), 240, 2, in_groups=True),
    Stage("docs", ("tests/docs",), 120, 2),
    Stage("infra", ("tests/infra",), 300, 2, in_groups=True),
    Stage("prove", ("tests/prove",), 180, 1),
    Stage("bench", ("tests/bench",), 180, 1),
    Stage("simulation", ("tests/simulation",), 180, 2),
    Stage("kill", ("tests/e2e",), 480, 2, in_groups=True),
    Stage("deployed", ("tests/deployed",), 720, 1),
    Stage("localstack", ON_LOCALSTACK, 360, 1, "localstack"),
)


def run(stage: Stage) -> Result:
    print(f"\n--- {stage.name}: {' '.join(stage.paths)}", flush=True)
    if not any((ROOT / path).is_file() or any((ROOT / path).rglob("test_*.py")) for path in stage.paths):
        print("no tests here yet")
        return Result(stage, Count(), 0.0)
    report = REPORTS / f"{stage.name}.xml"
    report.unlink(missing_ok=True)
    started = time.monotonic()
    code = exit_code_of(stage.command(report), stage.budget_s * HARD_STOP_BUDGETS, stage.emulator)
    wall_s = time.monotonic() - started
    return Result(stage, counted(report, code), wall_s)


def exit_code_of(command: Sequence[str], limit_s: int, emulator: str) -> int:
    """Return the exit code, or -SIGKILL when the command and its children were stopped at the limit."""
    environment = {**os.environ, "ACTONCE_EMULATOR": emulator}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        return process.wait(timeout=limit_s)
    except subprocess.TimeoutExpired:
        print(f"stopped after {limit_s} s")
        return -signal.SIGKILL
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def counted(report: Path, code: int) -> Count:
    """Trust the report as far as the exit code: a crash, or a red run without a red test, is a failure."""
    try:
        count = Count.read(report)
    except (FileNotFoundError, ElementTree.ParseError):
        return Count(failed=1)
    is_crash = code not in PYTEST_RAN
    is_red_without_red_test = code != 0 and count.failed == 0
    return count + Count(failed=1) if is_crash or is_red_without_red_test else count


def budget_table(results: Sequence[Result]) -> str:
    lines = [f"{'stage':<12}{'wall':>9}{'budget':>9}  "]
    lines += [
        f"{result.stage.name:<12}{result.wall_s:>7.1f} s{result.stage.budget_s:>7} s  "
        f"{'OVER' if result.is_over else 'ok'}"
        for result in results
    ]
    return "\n".join(line.rstrip() for line in lines)


def main(names: Sequence[str]) -> int:
    unknown = set(names) - {stage.name for stage in STAGES}
    if unknown:
        print(f"no such stage: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    results = [run(stage) for stage in STAGES if not names or stage.name in names]
    total = sum((result.count for result in results), Count())
    print(f"\n{budget_table(results)}\n\n{total}", flush=True)
    ran_nothing = total.passed + total.failed == 0
    is_late_in_ci = os.environ.get("CI") == "true" and any(result.is_over for result in results)
    return 1 if total.failed or ran_nothing or is_late_in_ci else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
