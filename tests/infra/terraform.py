"""Terraform as the tests run it: through the script that finds its provider, its data in a folder of the test's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.architecture.sources import ROOT

SCRIPT = ROOT / "scripts" / "terraform.sh"
MODULE = ROOT / "infra" / "terraform"
EXAMPLES = ROOT / "examples" / "deploy"
PUBLISHING = ROOT / "examples" / "publishing" / "terraform"
ROOTS = (MODULE, EXAMPLES / "minimal", EXAMPLES / "production", PUBLISHING, ROOT / "tests" / "e2e" / "terraform")
CHECKOV = ROOT / ".venv" / "checkov" / "bin" / "checkov"
LIMIT_S = 240
OLDEST = (1, 11)


def missing() -> str | None:
    """Say in a line what to install, if anything."""
    if shutil.which("terraform") is None:
        return "terraform is missing. Install Terraform 1.11 or newer."
    told = subprocess.run([SCRIPT, "version"], capture_output=True, text=True, check=False, timeout=LIMIT_S).stdout
    found = re.match(r"Terraform v(\d+)\.(\d+)", told)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        return "Terraform is too old. Install Terraform 1.11 or newer."
    return None


def run(folder: Path, *arguments: str, data: Path, **environment: str) -> str:
    """Return what it prints; a failure fails the test with all of it."""
    done = subprocess.run(
        [SCRIPT, f"-chdir={folder}", *arguments],
        env=os.environ | {"TF_DATA_DIR": str(data), "TF_IN_AUTOMATION": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def init(folder: Path, data: Path) -> None:
    """Install the provider and modules; the lock file must not need a change."""
    run(folder, "init", "-backend=false", "-input=false", "-no-color", "-lockfile=readonly", data=data)
