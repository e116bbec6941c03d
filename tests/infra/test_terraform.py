"""The Terraform sources: format, validity, their own tests, and what a security scanner says."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.emulators.server import need
from tests.infra import terraform

MOST_LINES = 300
OWN_TESTS = sorted((terraform.MODULE / "tests").glob("*.tftest.hcl"))
RUN = re.compile(r'^run "(\w+)"', re.MULTILINE)
SOURCES = sorted(
    file
    for folder in (terraform.MODULE, terraform.EXAMPLES, ROOT / "tests" / "e2e" / "terraform")
    for pattern in ("*.tf", "*.hcl")
    for file in folder.rglob(pattern)
    if ".terraform" not in file.parts
)


def test_the_sources_are_formatted(data: Path) -> None:
    for root in terraform.ROOTS:
        terraform.run(root, "fmt", "-check", "-recursive", "-diff", data=data)


def test_a_source_has_at_most_300_lines() -> None:
    sizes = {file.relative_to(ROOT).as_posix(): len(file.read_text().splitlines()) for file in SOURCES}

    assert sizes
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_the_module_is_valid(data: Path) -> None:
    terraform.run(terraform.MODULE, "validate", "-no-color", data=data)


@pytest.mark.parametrize("root", terraform.ROOTS[1:], ids=lambda it: it.name)
def test_a_root_is_valid(root: Path, data: Path, tmp_path: Path) -> None:
    terraform.init(root, tmp_path)

    terraform.run(root, "validate", "-no-color", data=tmp_path)


@pytest.mark.parametrize("file", OWN_TESTS, ids=lambda it: it.name.partition(".")[0])
def test_the_modules_own_tests_pass(file: Path, data: Path) -> None:
    command = ("test", "-json", f"-filter={file.relative_to(terraform.MODULE)}")
    told = [json.loads(line) for line in terraform.run(terraform.MODULE, *command, data=data).splitlines()]
    passed = [
        it["test_run"]["run"] for it in told if it["type"] == "test_run" and it["test_run"].get("status") == "pass"
    ]

    assert passed == RUN.findall(file.read_text(encoding="utf-8"))
    assert passed


def test_the_module_has_tests_of_its_own() -> None:
    assert len(OWN_TESTS) >= 7


@pytest.mark.parametrize("folder", [terraform.MODULE, terraform.EXAMPLES], ids=lambda it: it.name)
def test_checkov_finds_nothing_that_is_not_explained(folder: Path) -> None:
    need(terraform.missing())
    need(None if terraform.CHECKOV.exists() else "checkov is missing. Run: make checkov")
    done = subprocess.run(
        [terraform.CHECKOV, "--config-file", "infra/checkov.yaml", "-d", folder, "-o", "json"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=False,
        timeout=terraform.LIMIT_S,
    )
    report = json.loads(done.stdout)

    assert report["summary"]["failed"] == 0, [it["check_id"] for it in report["results"]["failed_checks"]]
    assert report["summary"]["passed"] > 50
    assert report["summary"]["parsing_errors"] == 0
    assert all(it["check_result"]["suppress_comment"] for it in report["results"]["skipped_checks"])
    assert done.returncode == 0
