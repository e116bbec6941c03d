"""The short form of the proof, as CI runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import CELLS, Fault
from benchmarks.effect_correctness.matrix import PEERS
from tests.architecture.sources import ROOT

PEERS_PYTHON = Path(os.environ.get("ACTONCE_PEERS_PYTHON", ROOT / ".venv" / "peers" / "bin" / "python"))


@pytest.mark.timeout(400)
def test_every_cell_of_ours_meets_its_goal_beside_the_peers(tmp_path: Path) -> None:
    if os.environ.get("CI") == "true":
        assert PEERS_PYTHON.exists(), "make peers installs what the peers need"
    command = [sys.executable, "-m", "benchmarks.effect_correctness", "--short", "--folder", str(tmp_path)]
    done = subprocess.run(
        [*command, "--peers-python", str(PEERS_PYTHON), "--columns", "160"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]

    said = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    ours, *peers = said["arms"]
    assert said["passed"]
    assert len(ours["cells"]) == len(CELLS) == len(Fault) * len(Contract)
    assert ours["total"] == {"exact": 122, "surfaced": 10}
    assert {arm["contender"].partition(":")[0] for arm in peers} == (set(PEERS) if PEERS_PYTHON.exists() else set())
