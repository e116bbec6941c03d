from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import rfc8785

from tests.architecture.sources import ROOT, imported_names, is_within, name_of, python_files

STANDARD_LIBRARY = frozenset(sys.stdlib_module_names)
IMPURE = frozenset(
    {
        "asyncio",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "secrets",
        "socket",
        "sqlite3",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib.request",
    }
)

IMPORT_EVERY_MODULE = """
import importlib, pkgutil, sys
sys.path += sys.argv[1:]
import core.domain
for module in pkgutil.walk_packages(core.domain.__path__, "core.domain."):
    importlib.import_module(module.name)
    print(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names), file=sys.stderr)
"""


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def imports_outside(folder: str, allowed: frozenset[str]) -> list[str]:
    return [
        f"{name_of(file)}:{line} {name}"
        for file in python_files(folder)
        for line, name in imported_names(file)
        if not is_within(name, allowed)
    ]


def test_the_domain_imports_with_nothing_but_rfc8785(tmp_path: Path) -> None:
    shutil.copytree(Path(rfc8785.__file__).parent, tmp_path / "rfc8785")

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORT_EVERY_MODULE, str(ROOT), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    modules = [file for file in python_files("core/domain") if file.name != "__init__.py"]
    assert set(done.stdout.split()) == {module_name(file) for file in modules}
    assert set(done.stderr.split()) <= {"__main__", "core", "rfc8785"}


def test_the_domain_names_only_itself_the_standard_library_and_rfc8785() -> None:
    assert imports_outside("core/domain", STANDARD_LIBRARY | {"core.domain", "rfc8785"}) == []


def test_the_domain_does_no_io_and_reads_no_clock() -> None:
    assert [
        f"{name_of(file)}:{line} {name}"
        for file in python_files("core/domain")
        for line, name in imported_names(file)
        if is_within(name, IMPURE)
    ] == []


def test_use_cases_name_only_the_core_the_ports_and_the_standard_library() -> None:
    assert imports_outside("core/usecases", STANDARD_LIBRARY | {"core", "ports"}) == []


def test_ports_outside_the_wire_name_only_the_domain_and_the_standard_library() -> None:
    allowed = STANDARD_LIBRARY | {"core.domain", "ports"}
    assert [line for line in imports_outside("ports", allowed) if not line.startswith("ports/wire/")] == []
