"""Builds the package of the Lambda functions: python -m scripts.package --help.

It lies under scripts, for it runs before anything is deployed; under infra is what is deployed.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.package import checking, contents, writing
from scripts.package.target import MACHINES, PackageError, Target, interpreter_for, native

ARCHIVE = contents.ROOT / "build" / "actonce-lambda.zip"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Built:
    """A package that was checked; sizes in bytes."""

    archive: Path
    sha256: str
    zipped: int
    unpacked: int
    was_imported: bool


def build(target: Target, archive: Path, *, interpreter: str | None = None, is_compiled: bool = True) -> Built:
    """Build and check the package.

    Raises:
        PackageError: it cannot be built, or is not what it should be.
    """
    handlers = checking.handlers_of_terraform()
    compiler = interpreter_for(target, interpreter) if is_compiled else None
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        contents.install(target, folder)
        contents.trim(folder)
        contents.copy_ours(folder)
        if compiler is not None:
            writing.compile_all(compiler, folder, list(contents.kept(folder)))
        writing.write(archive, folder, contents.kept(folder))
    zipped, unpacked = checking.check_sizes(archive)
    checking.check_presence(archive, handlers)
    is_runnable = compiler is not None and target.runs_here()
    if compiler is not None and is_runnable:
        checking.check_imports(archive, handlers, compiler)
    return Built(archive, writing.digest(archive), zipped, unpacked, is_runnable)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build as the options say; return the exit code."""
    given = _parser().parse_args(arguments)
    target = native() if given.native else Target(given.python, given.architecture)
    try:
        built = build(target, given.output, interpreter=given.interpreter, is_compiled=not given.source_only)
    except PackageError as fault:
        print(f"package: {fault}", file=sys.stderr)
        return 1
    how = "every handler imports" if built.was_imported else "every handler is there; nothing of it runs here"
    sizes = f"{built.zipped / MEGABYTE:.1f} MB, {built.unpacked / MEGABYTE:.1f} MB unpacked"
    print(f"{built.archive.name}: python{target.python} on {target.architecture}, {sizes}; {how}")
    print(f"sha256 {built.sha256}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.package", description="Build the package of the functions."
    )
    parser.add_argument("--python", default="3.13", metavar="X.Y", help="version of the runtime (3.13)")
    parser.add_argument("--architecture", default="arm64", choices=sorted(MACHINES), help="its machine (arm64)")
    parser.add_argument("--native", action="store_true", help="for the interpreter and machine that run this")
    parser.add_argument("--interpreter", metavar="PATH", help="the Python of that version which compiles")
    parser.add_argument("--source-only", action="store_true", help="leave bytecode out; a cold start takes longer")
    parser.add_argument("--output", type=Path, default=ARCHIVE, metavar="FILE", help="build/actonce-lambda.zip")
    return parser


if __name__ == "__main__":
    sys.exit(main())
