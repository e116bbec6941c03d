from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

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


DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Installed:
    """What the wheel puts in place, and a folder to work in."""

    target: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        path = f"{self.target / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "PYTHONPATH": str(self.target), "PYTHONDONTWRITEBYTECODE": "1"}

    def done(self, *command: str, cwd: Path | None = None, **variables: str) -> str:
        ran = subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    root = tmp_path_factory.mktemp("wheel")
    made = Installed(root / "installed", root / "folder")
    made.folder.mkdir()
    made.done(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(root / "wheels"), cwd=ROOT)
    (wheel,) = (root / "wheels").glob("*.whl")
    install = ("install", "-q", "--no-index", "--no-deps", "--no-compile", "--target", str(made.target), str(wheel))
    made.done(sys.executable, "-m", "pip", "--disable-pip-version-check", *install)
    return made


def instruction(name: str) -> str:
    """Return what the last instruction of this name says, of the last stage."""
    *_, found = re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)
    return str(found)


def test_finding_03_07_08_09_10_every_entrypoint_imports_and_starts_from_the_built_wheel(installed: Installed) -> None:
    target = installed.target
    imported = set(installed.done(sys.executable, "-c", IMPORT_EVERYTHING, str(target)).split())
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
    assert "Executes approved actions at most once" in installed.done(actonce, "--help")
    installed.done(actonce, "resume", "--tenant", "tenant-1")
    (installed.folder / "events.jsonl").write_text(event() + "\n", encoding="utf-8")
    outcome = one(installed.done(actonce, "run", "events.jsonl", "--json"))
    assert outcome["status"] == AttemptStatus.SUCCEEDED.value


def test_the_images_entry_command_starts_from_the_built_wheel(installed: Installed) -> None:
    command = [*json.loads(instruction("ENTRYPOINT")), *json.loads(instruction("CMD"))]
    assert command == ["actonce", "worker"]
    shown = installed.done(*command, "--help", ACTONCE_TARGET="aws")
    assert "until SIGTERM" in " ".join(shown.split())


def test_the_images_entry_command_works_until_it_is_told_to_stop(installed: Installed) -> None:
    command = [*json.loads(instruction("ENTRYPOINT")), *json.loads(instruction("CMD"))]
    environment = installed.environment | {"ACTONCE_DB": "worker.db", "ACTONCE_TARGET": "embedded"}
    with subprocess.Popen(command, cwd=installed.folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        states = [json.loads(process.stderr.readline())["event"] for _ in range(2)]
        process.send_signal(signal.Signals[instruction("STOPSIGNAL")])
        process.communicate(timeout=20)
    assert (states, process.returncode) == (["starting", "working"], 0)


def test_the_image_runs_as_nobody_in_particular_and_installs_nothing_without_a_hash() -> None:
    assert instruction("USER").split(":")[0] not in {"root", "0"}
    installs = [line for line in DOCKERFILE.splitlines() if "pip install" in line]
    assert [line for line in installs if "--require-hashes" not in line and "--no-index --no-deps" not in line] == []
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.13-slim"}


def test_what_the_image_is_built_from_is_there_and_in_the_wheel_alike() -> None:
    copied = {
        source
        for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for source in sources.split()
    }
    assert [source for source in copied if not (ROOT / source).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]) <= copied
