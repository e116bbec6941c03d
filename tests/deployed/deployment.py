"""The real module and the real package on the emulator: built, applied once, destroyed at the end."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.architecture.sources import ROOT
from tests.deployed.enforcing import Credentials, Emulator
from tests.deployed.issuer import AUDIENCE
from tests.infra.terraform import SCRIPT

FOLDER = ROOT / "tests" / "e2e" / "terraform"
TOKEN_SECRET = "crm-token"
"""Of the one connector that says who it is."""

PAGING_SECRET = "steps/paging"
"""Of the one installation that has an API, where the module looks for it by itself."""

TOOLS_WITH_TOKEN, OTHER_TOOLS = ("crm.",), ("calendar.", "payments.", "mail.")
LIMIT_S = 600
STEP_CALL_TIMEOUT_S = 30
"""A function that starts on a busy machine must not be taken for one that was lost."""

PARALLEL = 30


@dataclass
class Deployment:
    """What was applied, an installation of each mode in one: their outputs, and how long each step took."""

    emulator: Emulator
    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)

    def outputs(self, installation: str) -> Mapping[str, Any]:
        """What the module tells of an installation, from the state, as ``terraform output`` would."""
        told: Mapping[str, Any] = self._state()["outputs"][installation]["value"]
        return told

    def resources(self) -> int:
        return sum(len(one["instances"]) for one in self._state()["resources"] if one["mode"] == "managed")

    def build(self, archive: Path) -> None:
        """Build the package for the interpreter that runs functions in the emulator: this one."""
        command = [sys.executable, "-m", "scripts.package", "--native", "--output", str(archive)]
        self._timed("package", lambda: _run(command))

    def apply(self, variables: Mapping[str, object]) -> None:
        (self.folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
        self._timed("init", lambda: self._terraform("init", "-backend=false", "-lockfile=readonly"))
        self._timed("apply", lambda: self._change("apply"))

    def destroy(self) -> None:
        self._timed("destroy", lambda: self._change("destroy"))

    def _change(self, verb: str) -> None:
        files = [f"-state={self.folder / 'state'}", f"-var-file={self.folder / 'variables.json'}"]
        self._terraform(verb, "-auto-approve", "-lock=false", f"-parallelism={PARALLEL}", *files)

    def _terraform(self, verb: str, *options: str) -> None:
        command = [str(SCRIPT), f"-chdir={FOLDER}", verb, "-input=false", "-no-color", *options]
        _run(
            command,
            TF_DATA_DIR=str(self.folder / "data"),
            TF_IN_AUTOMATION="1",
            **self.emulator.trust(),
        )

    def _state(self) -> Mapping[str, Any]:
        state: Mapping[str, Any] = json.loads((self.folder / "state").read_text(encoding="utf-8"))
        return state

    def _timed(self, name: str, step: Callable[[], None]) -> None:
        begun = time.monotonic()
        step()
        self.seconds[name] = time.monotonic() - begun


@contextmanager
def deployed(
    emulator: Emulator, admin: Credentials, tools_url: str, issuer_url: str, folder: Path
) -> Iterator[Deployment]:
    """Apply, and destroy in the end, whatever became of the tests."""
    deployment = Deployment(emulator, folder)
    deployment.build(folder / "package.zip")
    variables = {
        "endpoint_url": emulator.endpoint_url,
        "access_key": admin.access_key,
        "secret_key": admin.secret_key,
        "package_path": str(folder / "package.zip"),
        "runtime": f"python3.{sys.version_info.minor}",
        "architecture": "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
        "connectors": {
            "crm": {"kind": "mcp", "url": tools_url, "tools": TOOLS_WITH_TOKEN, "token_secret": TOKEN_SECRET},
            "office": {"kind": "mcp", "url": tools_url, "tools": OTHER_TOOLS},
            "ours": {"kind": "internal"},
        },
        "api_jwt_issuer": issuer_url if emulator.has_api else None,
        "api_jwt_audience": [AUDIENCE] if emulator.has_api else [],
        "step_call_timeout_s": STEP_CALL_TIMEOUT_S,
    }
    try:
        deployment.apply(variables)
        yield deployment
    finally:
        if (folder / "state").exists():
            deployment.destroy()


def _run(command: list[str], **environment: str) -> None:
    """Run a command; what it printed is shown where it fails."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, f"{done.stdout[-4_000:]}\n{done.stderr[-4_000:]}"
