from __future__ import annotations

import re
import subprocess
import tomllib

import pytest

from tests.architecture.sources import ROOT

LOCKS = ("functions", "runtime", "demo", "dev", "checkov", "localstack", "peers")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
SOURCE_OF_PACKAGES = re.compile(r"://|^\s*(?:-i|-f|-e|--(?!hash=))|\s@\s|^\s*[./]", re.MULTILINE)

MACHINE_FOLDERS = ("Users", "home", "root", "tmp", "work")
MACHINE_PATH = re.compile(rf"(?<![\w./~$}}*-])/(?:{'|'.join(MACHINE_FOLDERS)})/\w")


def text_of_lock(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")


def pins_of_lock(lock: str) -> dict[str, str]:
    return dict(PIN.findall(text_of_lock(lock)))


def tracked_files() -> list[str]:
    """List what git tracks or would add."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_index_or_path(lock: str) -> None:
    assert SOURCE_OF_PACKAGES.findall(text_of_lock(lock)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_is_pinned_with_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", text_of_lock(lock).strip())

    assert [entry for entry in entries if not PIN.match(entry) or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", ["functions", "runtime", "demo"])
def test_a_smaller_lock_is_part_of_the_dev_lock(lock: str) -> None:
    assert pins_of_lock(lock).items() <= pins_of_lock("dev").items()


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"]
    developer = [line for line in project["dependency-groups"]["dev"] if isinstance(line, str)]

    assert {re.split(r"[\[<>=]", line)[0] for line in wanted} <= pins_of_lock("runtime").keys()
    assert {re.split(r"[\[<>=]", line)[0] for line in developer} <= pins_of_lock("dev").keys()


def test_the_functions_need_what_the_distribution_needs_but_for_the_command_line_and_its_service() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    command_line = {
        line
        for line in project["project"]["dependencies"]
        if re.match(r"(jsonschema|referencing|rich|typer|waitress)\b", line)
    }

    assert len(command_line) == 5
    assert set(project["dependency-groups"]["functions"]) == set(project["project"]["dependencies"]) - command_line
    assert pins_of_lock("functions").keys() < pins_of_lock("runtime").keys()


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    found = []
    for name in tracked_files():
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {match[0]}" for match in MACHINE_PATH.finditer(text)]

    assert found == []


@pytest.mark.parametrize("folder", MACHINE_FOLDERS)
def test_a_path_of_one_machine_is_recognised(folder: str) -> None:
    path = f"/{folder}/someone"

    assert MACHINE_PATH.search(f'cache = "{path}"')
    assert not MACHINE_PATH.search(f"a url: host{path}")
