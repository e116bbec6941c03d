"""``make localstack``: the suites of the emulator on LocalStack, each part with its time, and what did not run.

LocalStack is, in this order: the one at LOCALSTACK_HOST; a container of compose.yaml, where an engine answers; a
process on this machine. It is started once for all parts, and left running only where somebody else had started it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.emulators import localstack
from tests.emulators.server import answers
from tests.npm_packages import ROOT, said_by

REPORTS = ROOT / "build" / "reports"
COMPOSE = ("docker", "compose", "--file", str(ROOT / "compose.yaml"))
CONTAINER = "127.0.0.1:4566"
START_LIMIT_S = 120
LIMIT_S = 3_600


@dataclass(frozen=True, slots=True)
class Part:
    """What pytest is told to run."""

    name: str
    arguments: tuple[str, ...]


PARTS = (
    Part("contract", ("tests/contract", "-m", "emulated")),
    Part("integration", ("tests/integration", "-m", "emulated")),
    Part("kills", ("tests/e2e", "-m", "emulated")),
    Part("deployed", ("tests/deployed",)),
)


@contextmanager
def started() -> Iterator[tuple[str, str]]:
    """Yield how it was had, and its host and port."""
    if given := os.environ.get(localstack.HOST_VARIABLE):
        yield "it ran already", given
    elif said_by("docker", "info"):
        with contained():
            yield "a container of compose.yaml", CONTAINER
    else:
        if fault := localstack.missing():
            raise SystemExit(fault)
        with localstack.serve() as endpoint_url:
            yield "a process of this machine", endpoint_url.removeprefix("http://")


@contextmanager
def contained() -> Iterator[None]:
    minor = f"3.{sys.version_info.minor}"
    environment = {**os.environ, "FUNCTIONS_PYTHON_VERSION": minor}
    subprocess.run([*COMPOSE, "up", "--build", "--detach"], env=environment, check=True)
    try:
        deadline = time.monotonic() + START_LIMIT_S
        while not answers(f"http://{CONTAINER}"):
            if time.monotonic() > deadline:
                raise SystemExit(f"LocalStack did not answer within {START_LIMIT_S} s. See: docker compose logs")
            time.sleep(1)
        yield
    finally:
        subprocess.run([*COMPOSE, "down", "--volumes"], env=environment, check=False)


def run(part: Part, host: str) -> tuple[int, Counter[str], float]:
    """Return the exit code, what was counted and how long it took."""
    report = REPORTS / f"localstack-{part.name}.xml"
    report.unlink(missing_ok=True)
    environment = {**os.environ, "ACTONCE_EMULATOR": "localstack", localstack.HOST_VARIABLE: host}
    command = [sys.executable, "-m", "pytest", f"--junit-xml={report}", *part.arguments]
    begun = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=LIMIT_S).returncode
    return code, counted(report), time.monotonic() - begun


def counted(report: Path) -> Counter[str]:
    """Count how tests ended; a skipped one by its reason."""
    if not report.exists():
        return Counter({"no report": 1})
    return Counter(_end(case) for case in ElementTree.parse(report).iter("testcase"))


def _end(case: ElementTree.Element) -> str:
    if (skipped := case.find("skipped")) is not None:
        return f"skipped: {skipped.get('message', '')}"
    return "failed" if case.find("failure") is not None or case.find("error") is not None else "passed"


def main(names: Sequence[str]) -> int:
    unknown = set(names) - {part.name for part in PARTS}
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    lines, worst = [], 0
    with started() as (how, host):
        for part in PARTS:
            if names and part.name not in names:
                continue
            code, ends, seconds = run(part, host)
            worst = max(worst, code)
            lines.append(f"{part.name:<12}{seconds:>7.0f} s  {ends['passed']} passed, {ends['failed']} failed")
            lines += [f"{'':<12}{number:>7} {end}" for end, number in ends.items() if end.startswith(("skip", "no "))]
    print(f"\nLocalStack: {how}, {host}\n" + "\n".join(lines))
    return worst


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except pytest.skip.Exception as missing:
        sys.exit(str(missing))
