"""Bytecode and archive: the same bytes from the same sources, whenever and in whichever folder they are made."""

import hashlib
import os
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

from scripts.package.target import PackageError

WHERE = "/var/task"
"""Where Lambda unpacks a function; tracebacks name it."""

# 1980 is where the dates of zip begin.
MOMENT = (1980, 1, 1, 0, 0, 0)
UNIX = 3
FILE, LIBRARY = 0o100644, 0o100755
LEVEL = 9

# By the target's own interpreter, in one process and one order: bytecode knows which of its parts were shared.
COMPILE = """
import py_compile, sys
folder, where = sys.argv[1:]
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for name in sys.stdin.read().splitlines():
    py_compile.compile(f"{folder}/{name}", dfile=f"{where}/{name}", doraise=True, invalidation_mode=mode)
"""


def compile_all(interpreter: str, folder: Path, names: Iterable[str]) -> None:
    """Compile every source; its bytecode is taken for good, without a look at the source.

    Raises:
        PackageError: a source does not compile.
    """
    done = subprocess.run(
        [interpreter, "-I", "-S", "-c", COMPILE, str(folder), WHERE],
        input="\n".join(name for name in names if name.endswith(".py")),
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PackageError(f"A source does not compile: {done.stderr.strip().splitlines()[-1]}")


def write(archive: Path, folder: Path, names: Iterable[str]) -> None:
    """Write the files in this order, without anything of this machine; it is there whole or not at all."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    unfinished = archive.with_suffix(".unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as made:
        for name in names:
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = UNIX
            entry.external_attr = (LIBRARY if name.endswith(".so") else FILE) << 16
            made.writestr(entry, (folder / name).read_bytes())
    unfinished.replace(archive)


def digest(archive: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(archive.read_bytes()).hexdigest()
