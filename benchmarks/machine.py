"""On what a run was made: the machine and the commit, without names or paths."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
GIT = ("git", "-c", "safe.directory=*")


def machine() -> dict[str, Any]:
    """Return what of the machine may explain a figure."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": platform.system(),
        "release": platform.release(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
    }


def commit() -> str:
    """Return the commit that is checked out."""
    return said(*GIT, "rev-parse", "HEAD")


def is_changed() -> bool:
    """Tell whether a file differs from that commit."""
    return bool(said(*GIT, "status", "--porcelain", "--untracked-files=no"))


def said(*command: str) -> str:
    """Return what a command says on standard output."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
