"""Breeds mutants: a copy of the packages with one clause replaced, and a process that hunts in it."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.simulation.mutants import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("core", "ports", "adapters/__init__.py", "adapters/memory", "tests/__init__.py", "tests/simulation")
STEPS_PARTS = (
    *("core", "ports", "adapters", "entrypoints", "infra/terraform/statemachine"),
    *("tests/__init__.py", "tests/architecture", "tests/simulation", "tests/statemachine"),
)


def breed(number: int, into: Path) -> None:
    """Copy what the simulation needs, with the mutation in it.

    Raises:
        AssertionError: the text to replace does not occur exactly once; the mutant is stale.
    """
    mutant = MUTANTS[number]
    for part in STEPS_PARTS if mutant.by_steps else PARTS:
        source, place = ROOT / part, into / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)
    file = into / mutant.file
    text = file.read_text()
    assert text.count(mutant.old) == 1, f"stale mutant: {mutant.clause}: found {text.count(mutant.old)} times"
    file.write_text(text.replace(mutant.old, mutant.new))


def hunt(number: int, into: Path, *, timeout_s: float = 110, limit: int = 20_000) -> tuple[int, str, str]:
    """Hunt one mutant in a process of its own; return its exit code and what it printed."""
    command = [sys.executable, "-m", "tests.simulation.hunt", str(number), str(limit)]
    done = subprocess.run(command, cwd=into, capture_output=True, text=True, timeout=timeout_s, check=False)
    return done.returncode, done.stdout, done.stderr
