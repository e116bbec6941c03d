"""The script that runs terraform finds its provider, says what is missing, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.infra.terraform import SCRIPT

TELLS_ITS_CONFIGURATION = """#!/bin/sh
echo "arguments: $*"
[ -z "${TF_CLI_CONFIG_FILE:-}" ] || cat "$TF_CLI_CONFIG_FILE"
exit 3
"""
TOOLS = ("bash", "cat", "dirname", "find", "mktemp", "rm", "sh", "timeout")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Give a folder of the programs that the script needs, and no terraform."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = next(Path(it, name) for it in os.environ["PATH"].split(":") if Path(it, name).exists())
        (folder / name).symlink_to(found)
    return folder


def run(programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", SCRIPT, "plan", "-out", "a file"],
        env={"PATH": str(programs), "TMPDIR": str(programs.parent)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def with_terraform(programs: Path) -> Path:
    (programs / "terraform").write_text(TELLS_ITS_CONFIGURATION)
    (programs / "terraform").chmod(0o755)
    return programs


def test_without_terraform_it_says_in_a_line_what_to_install(programs: Path) -> None:
    done = run(programs)

    assert done.returncode == 127
    assert done.stderr.startswith("terraform is missing. Install Terraform 1.11 or newer")
    assert done.stderr.count("\n") == 1


def test_a_folder_that_is_named_wins_and_the_exit_code_is_terraforms_own(programs: Path, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()

    done = run(with_terraform(programs), TF_PLUGIN_DIR=str(mirror))

    assert done.returncode == 3
    assert "arguments: plan -out a file" in done.stdout
    assert f'path    = "{mirror}"' in done.stdout


def test_a_folder_that_is_named_and_not_there_is_a_fault(programs: Path, tmp_path: Path) -> None:
    done = run(with_terraform(programs), TF_PLUGIN_DIR=str(tmp_path / "nowhere"))

    assert done.returncode == 2
    assert "TF_PLUGIN_DIR is no folder" in done.stderr


def test_its_configuration_is_gone_afterwards(programs: Path, tmp_path: Path) -> None:
    run(with_terraform(programs), TF_PLUGIN_DIR=str(tmp_path))

    assert list(tmp_path.glob("actonce-terraform.*")) == []
