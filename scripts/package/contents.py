"""What the package holds: the locked requirements and our own packages, without what no function needs."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from scripts.package.target import PackageError, Target

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "functions.txt"
OURS = ("adapters", "core", "entrypoints", "ports")
NOT_OF_OURS = (
    "adapters/connectors/mcp_check.py",
    "adapters/connectors/mcp_schema.py",
    "adapters/memory",
    "adapters/sqlite",
    "entrypoints/cli",
    "entrypoints/container/embedded.py",
    "entrypoints/container/service.py",
    "entrypoints/draining.py",
    "entrypoints/schemas.py",
    "entrypoints/serving.py",
    "entrypoints/tokens.py",
)
"""The command line, and what stands behind it where there is no AWS."""

PAGE, PAGE_ENDINGS = "entrypoints/api/page", frozenset({".css", ".html", ".js", ".svg"})
SERVICES = frozenset({"dynamodb", "events", "kms", "s3", "secretsmanager", "sqs", "stepfunctions", "sts"})
DATA = ("boto3/data/", "botocore/data/")
UNUSED_FOLDERS = frozenset({"__pycache__", "bin", "examples", "test", "tests"})
UNUSED_ENDINGS = (".c", ".css", ".h", ".js", ".md", ".pxd", ".pyc", ".pyi", ".pyx", ".rst", "py.typed")
# Of what a distribution says of itself, its name, version and licence are kept; the rest names this machine.
UNUSED_RECORDS = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "top_level.txt", "zip-safe"})


def install(target: Target, folder: Path) -> None:
    """Put the locked requirements into a folder, each checked against its hash.

    Raises:
        PackageError: pip could not.
    """
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-compile"]
    command += ["--require-hashes", "--only-binary=:all:", "--no-deps", *target.pip_options()]
    command += ["--target", str(folder), "-r", str(LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise PackageError(f"pip could not install {LOCK.relative_to(ROOT)} for {target.tag}: {last}")


def copy_ours(folder: Path) -> None:
    """Put our own sources, and the files of the page, into a folder."""
    sources = [file for package in OURS for file in sorted((ROOT / package).rglob("*.py"))]
    page = [file for file in sorted((ROOT / PAGE).glob("*")) if file.suffix in PAGE_ENDINGS]
    for file in (*sources, *page):
        name = file.relative_to(ROOT)
        if not _is_not_of_ours(name.as_posix()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, folder / name)


def trim(folder: Path) -> None:
    """Remove what no function needs."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and is_unused(file.relative_to(folder).as_posix()):
            file.unlink()


def kept(folder: Path) -> Iterator[str]:
    """Yield the names of all files, sorted."""
    yield from sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def is_unused(name: str) -> bool:
    """Tell whether a file of an installed distribution is for other uses than ours."""
    path = PurePosixPath(name)
    if UNUSED_FOLDERS & set(path.parts[:-1]) or name.endswith(UNUSED_ENDINGS):
        return True
    if path.parts[0].endswith(".dist-info") and path.name in UNUSED_RECORDS:
        return True
    return any(name.startswith(data) and _is_of_another_service(name.removeprefix(data)) for data in DATA)


def _is_of_another_service(name: str) -> bool:
    service, is_in_folder, _ = name.partition("/")
    return bool(is_in_folder) and service not in SERVICES


def _is_not_of_ours(name: str) -> bool:
    return any(name == out or name.startswith(f"{out}/") for out in NOT_OF_OURS)
