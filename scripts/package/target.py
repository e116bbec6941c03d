"""For which interpreter and machine a package is built, and who compiles for it."""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# Of the C library that a wheel asks for; Lambda's Amazon Linux 2023 has 2.34.
GLIBCS = ("2_34", "2_28", "2_17")
TRIAL_S = 30


class PackageError(Exception):
    """The package cannot be built, or is not what it should be; said in a line."""


@dataclass(frozen=True, slots=True)
class Target:
    """``python`` is a version such as 3.13; ``architecture`` is Lambda's word for the machine."""

    python: str
    architecture: str
    is_native: bool = False

    @property
    def tag(self) -> str:
        """Return the version as wheels and bytecode write it."""
        return f"cp{self.python.replace('.', '')}"

    def pip_options(self) -> list[str]:
        """Return what makes pip take wheels for another interpreter than its own."""
        if self.is_native:
            return []
        machine = MACHINES[self.architecture]
        platforms = [f"manylinux_{glibc}_{machine}" for glibc in GLIBCS] + [f"manylinux2014_{machine}"]
        options = ["--implementation", "cp", "--python-version", self.python]
        for abi in (self.tag, "abi3", "none"):
            options += ["--abi", abi]
        for one in platforms:
            options += ["--platform", one]
        return options

    def runs_here(self) -> bool:
        """Tell whether this machine can run what the package holds, given the interpreter."""
        return self.is_native or MACHINES[self.architecture] == platform.machine()


def native() -> Target:
    """Return the target that the running interpreter is."""
    version = ".".join(map(str, sys.version_info[:2]))
    return Target(version, "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64", is_native=True)


def interpreter_for(target: Target, named: str | None) -> str:
    """Return an interpreter of the target's version: the one named, the running one, or one that is found.

    Raises:
        PackageError: there is none.
    """
    candidates = [named] if named else [sys.executable, f"python{target.python}", *_of_uv(target.python)]
    for candidate in candidates:
        if version_of(candidate) == target.python:
            return candidate
    if named:
        raise PackageError(f"{named} is no Python {target.python}.")
    raise PackageError(
        f"Compiling the package takes a Python {target.python}, and none runs here. Install it (for example with "
        f"uv python install {target.python}), or name one: make package INTERPRETER=path. Without compiling "
        "(make package SOURCE_ONLY=1) a cold start takes about twice as long."
    )


def version_of(interpreter: str) -> str | None:
    """Return the version of an interpreter, None where it does not run: a shim may exist and fail."""
    found = shutil.which(interpreter)
    if found is None:
        return None
    asked = [found, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=TRIAL_S)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _of_uv(version: str) -> list[str]:
    """Return the interpreter that uv keeps, if it is here and keeps one."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        return []
    asked = [uv, "python", "find", "--no-config", "--offline", "--managed-python", version]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=TRIAL_S)
    return [done.stdout.strip()] if done.returncode == 0 else []
