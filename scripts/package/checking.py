"""Checks of a package: small enough for Lambda, and every handler that Terraform names is in it and imports."""

import ast
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from scripts.package.contents import ROOT
from scripts.package.target import PackageError

TERRAFORM = ROOT / "infra" / "terraform"
MAX_ZIPPED, MAX_UNPACKED = 50 * 1024 * 1024, 250 * 1024 * 1024
"""Bytes: Lambda's own bounds on a package that is uploaded directly."""

HANDLER = re.compile(r'^\s*handler\s*=\s*"([A-Za-z_][\w.]*)\.([A-Za-z_]\w*)"', re.MULTILINE)
KEPT_OUT = ("aws_xray_sdk", "jsonschema", "mcp", "pytest", "referencing", "rich", "typer")

# Nothing but the package and the standard library is on the path.
IMPORT = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for handler in sys.argv[3].split(","):
    module, _, function = handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function)), handler
unwanted = sorted(set(sys.argv[2].split(",")) & {name.partition(".")[0] for name in sys.modules})
assert not unwanted, f"imports {unwanted}"
"""


def handlers_of_terraform(folder: Path = TERRAFORM) -> list[str]:
    """Return the handlers that the Terraform files name.

    Raises:
        PackageError: they name none.
    """
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.tf"))]
    found = sorted({f"{module}.{function}" for text in texts for module, function in HANDLER.findall(text)})
    if not found:
        raise PackageError(f"No handler is named in {folder.relative_to(ROOT)}.")
    return found


def check_sizes(archive: Path) -> tuple[int, int]:
    """Return the bytes of the package, zipped and unpacked.

    Raises:
        PackageError: Lambda would refuse it.
    """
    with zipfile.ZipFile(archive) as opened:
        unpacked = sum(entry.file_size for entry in opened.infolist())
    zipped = archive.stat().st_size
    if zipped > MAX_ZIPPED or unpacked > MAX_UNPACKED:
        raise PackageError(f"The package is too large for Lambda: {zipped} bytes, {unpacked} unpacked.")
    return zipped, unpacked


def check_presence(archive: Path, handlers: Sequence[str]) -> None:
    """Check that the module of every handler is there, and defines it.

    Raises:
        PackageError: one is not.
    """
    with zipfile.ZipFile(archive) as opened:
        names = set(opened.namelist())
        for handler in handlers:
            module, _, function = handler.rpartition(".")
            file = f"{module.replace('.', '/')}.py"
            if file not in names or function not in _functions(opened.read(file)):
                raise PackageError(f"The handler {handler} is not in the package.")


def check_imports(archive: Path, handlers: Sequence[str], interpreter: str) -> None:
    """Import every handler in a new process from the unpacked package alone.

    Raises:
        PackageError: one does not import, or brings along what has no place in a function.
    """
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
        command = [interpreter, "-I", "-S", "-B", "-c", IMPORT, folder, ",".join(KEPT_OUT), ",".join(handlers)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PackageError(f"A handler does not import from the package: {done.stderr.strip().splitlines()[-1]}")


def _functions(source: bytes) -> set[str]:
    """Return the names of functions, and of what is assigned, which may be something that is called like one."""
    body = ast.parse(source).body
    assigned = {
        it.id for node in body if isinstance(node, ast.Assign) for it in node.targets if isinstance(it, ast.Name)
    }
    return assigned | {node.name for node in body if isinstance(node, ast.FunctionDef)}
