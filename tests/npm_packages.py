"""What npm fetches for tests: the packages that a lock file names by hash, once, under build."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INSTALL_LIMIT_S = 300
NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


@dataclass(frozen=True)
class NpmPackages:
    """A folder that holds package.json and package-lock.json; ``build`` is where they are installed."""

    wanted: Path
    build: Path

    @property
    def installed(self) -> Path:
        """Name the folder for its lock file, so that a new version is a new folder."""
        return self.build / hashlib.sha256((self.wanted / "package-lock.json").read_bytes()).hexdigest()[:16]

    def missing(self) -> str | None:
        """Install what is not there, and return a line on why that failed; one process does, others wait."""
        if self.installed.is_dir():
            return None
        if not said_by("npm", "--version"):
            return "npm is missing. On Debian: apt-get install npm"
        self.build.mkdir(parents=True, exist_ok=True)
        with (self.build / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return None if self.installed.is_dir() else self._fetch()

    def _fetch(self) -> str | None:
        """Put the folder in its place only when it is whole."""
        with tempfile.TemporaryDirectory(dir=self.build) as folder:
            fresh = Path(folder, "fresh")
            shutil.copytree(self.wanted, fresh)
            npm = subprocess.run(NPM, cwd=fresh, check=False, capture_output=True, text=True, timeout=INSTALL_LIMIT_S)
            if npm.returncode != 0:
                return f"npm could not install the packages of {self.wanted}: {npm.stderr.strip().splitlines()[:1]}"
            fresh.rename(self.installed)
        return None


def said_by(*program: str) -> str:
    """Try it: macOS has a java that only says that there is none."""
    if shutil.which(program[0]) is None:
        return ""
    ran = subprocess.run(program, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return ran.stdout if ran.returncode == 0 else ""
