from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from scripts.package import checking
from scripts.package.__main__ import main
from scripts.package.contents import is_unused
from scripts.package.target import PackageError, Target, interpreter_for, native, version_of
from scripts.package.writing import compile_all, digest, write

HERE = ".".join(map(str, sys.version_info[:2]))


@pytest.mark.parametrize(
    "name",
    [
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "boto3/data/ec2/2016-11-15/resources-1.json",
        "certifi/tests/test_certifi.py",
        "bin/jp.py",
        "dependency_injector/providers.c",
        "pydantic/py.typed",
        "six-1.17.0.dist-info/RECORD",
    ],
)
def test_what_no_function_needs_is_left_out(name: str) -> None:
    assert is_unused(name)


@pytest.mark.parametrize(
    "name",
    [
        "botocore/data/endpoints.json",
        "botocore/data/dynamodb/2012-08-10/service-2.json.gz",
        "botocore/cacert.pem",
        "dependency_injector/providers.abi3.so",
        "six-1.17.0.dist-info/METADATA",
        "six-1.17.0.dist-info/LICENSE",
        "aws_lambda_powertools/utilities/batch/base.py",
    ],
)
def test_what_functions_and_lawyers_need_stays(name: str) -> None:
    assert not is_unused(name)


def test_wheels_are_asked_for_by_interpreter_and_machine_unless_they_are_for_here() -> None:
    options = Target("3.13", "arm64").pip_options()
    assert options[:4] == ["--implementation", "cp", "--python-version", "3.13"]
    assert {"cp313", "abi3", "manylinux2014_aarch64", "manylinux_2_34_aarch64"} <= set(options)
    assert native().pip_options() == []
    assert native().runs_here()


def test_the_interpreter_that_compiles_is_one_of_that_version_or_it_is_said_what_to_do(tmp_path: Path) -> None:
    assert interpreter_for(native(), None) == sys.executable
    shim = tmp_path / "python0.1"
    shim.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    assert version_of(str(shim)) is None
    assert version_of(sys.executable) == HERE
    with pytest.raises(PackageError, match=r"a Python 0\.1, and none runs here.*INTERPRETER"):
        interpreter_for(Target("0.1", "arm64"), None)
    with pytest.raises(PackageError, match=r"is no Python 0\.1"):
        interpreter_for(Target("0.1", "arm64"), sys.executable)


def test_a_fault_is_said_in_a_line_and_by_the_exit_code(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--python", "0.1", "--output", str(tmp_path / "a.zip")]) == 1
    assert capsys.readouterr().err.startswith("package: Compiling the package takes a Python 0.1")
    assert list(tmp_path.iterdir()) == []


def sources(folder: Path, text: str = "WORDS = frozenset({'a', 'b', 'c'})\n") -> list[str]:
    (folder / "pack").mkdir(parents=True)
    (folder / "pack" / "it.py").write_text(text, encoding="utf-8")
    compile_all(sys.executable, folder, ["pack/it.py"])
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def test_the_same_sources_in_two_folders_give_the_same_archive(tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "another"):
        folder = tmp_path / name
        write(tmp_path / f"{name}.zip", folder, sources(folder))
        digests.add(digest(tmp_path / f"{name}.zip"))
    assert len(digests) == 1


def test_a_source_that_does_not_compile_is_told(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="does not compile"):
        sources(tmp_path / "broken", "def broken(:\n")


def an_archive(folder: Path, text: str) -> Path:
    archive = folder / "a.zip"
    write(archive, folder / "made", sources(folder / "made", text))
    return archive


def test_a_handler_that_is_not_there_is_told(tmp_path: Path) -> None:
    archive = an_archive(tmp_path, "def handler(event, context):\n    return event\n")
    checking.check_presence(archive, ["pack.it.handler"])
    for missing in ("pack.it.other", "pack.other.handler"):
        with pytest.raises(PackageError, match=missing):
            checking.check_presence(archive, [missing])


@pytest.mark.parametrize("fault", ["import boto3", "import no_such_module", "raise ValueError('words')"])
def test_a_handler_that_does_not_import_from_the_package_alone_is_told(tmp_path: Path, fault: str) -> None:
    archive = an_archive(tmp_path, f"{fault}\ndef handler(event, context):\n    return event\n")
    with pytest.raises(PackageError, match="does not import"):
        checking.check_imports(archive, ["pack.it.handler"], sys.executable)


def test_a_handler_that_brings_along_the_command_line_is_told(tmp_path: Path) -> None:
    archive = an_archive(tmp_path, "import sys\nsys.modules['typer'] = sys\ndef handler(event, context): ...\n")
    with pytest.raises(PackageError, match="typer"):
        checking.check_imports(archive, ["pack.it.handler"], sys.executable)


def test_the_handlers_are_those_that_terraform_names(tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_text('  handler = "one.two.three"\n  handler = var.handler\n', encoding="utf-8")
    assert checking.handlers_of_terraform(tmp_path) == ["one.two.three"]


def test_a_package_that_is_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "large.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros", bytes(checking.MAX_UNPACKED + 1))
    with pytest.raises(PackageError, match="too large"):
        checking.check_sizes(archive)
