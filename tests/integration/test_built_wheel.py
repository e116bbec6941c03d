from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core.domain.attempt import AttemptStatus
from tests.architecture.sources import ROOT
from tests.integration.desk import event, one

IMPORT_EVERYTHING = """
import importlib, pathlib, pkgutil, sys
target = pathlib.Path(sys.argv[1]).resolve()
for package in ("adapters", "core", "entrypoints", "ports"):
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, package + "."):
        file = pathlib.Path(importlib.import_module(module.name).__file__).resolve()
        assert file.is_relative_to(target), file
        print(module.name)
"""


def test_finding_03_07_08_09_10_every_entrypoint_imports_and_starts_from_the_built_wheel(tmp_path: Path) -> None:
    wheels, target, folder = tmp_path / "wheels", tmp_path / "installed", tmp_path / "folder"
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(target), "PYTHONDONTWRITEBYTECODE": "1"}

    def done(*command: str, cwd: Path = folder) -> str:
        ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    done(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels), cwd=ROOT)
    (wheel,) = wheels.glob("*.whl")
    install = ("install", "-q", "--no-index", "--no-deps", "--no-compile", "--target", str(target), str(wheel))
    done(sys.executable, "-m", "pip", "--disable-pip-version-check", *install)
    imported = set(done(sys.executable, "-c", IMPORT_EVERYTHING, str(target)).split())
    sources = [
        file.relative_to(ROOT).with_suffix("")
        for package in ("adapters", "core", "entrypoints", "ports")
        for file in (ROOT / package).rglob("*.py")
        if file.name != "__init__.py"
    ]
    assert {".".join(source.parts) for source in sources} <= imported
    seeds = {file.name for file in (target / "entrypoints" / "seeds").glob("*.json")}
    assert seeds == {file.name for file in (ROOT / "infra/terraform/registry").glob("*.json")} != set()
    actonce = str(target / "bin" / "actonce")
    assert "Executes approved actions at most once" in done(actonce, "--help")
    done(actonce, "resume", "--tenant", "tenant-1")
    (folder / "events.jsonl").write_text(event() + "\n", encoding="utf-8")
    assert one(done(actonce, "run", "events.jsonl", "--json"))["status"] == AttemptStatus.SUCCEEDED.value
