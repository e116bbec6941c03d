"""ministack over TLS and with IAM enforced, for policies of ours refuse what comes in the clear."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.deployed.certificate import write
from tests.emulators.clients import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from tests.emulators.ministack import WITHOUT_THIS_FOLDER, settings
from tests.emulators.server import (
    HOST,
    LEASH,
    POLL_S,
    START_LIMIT_S,
    STOP_LIMIT_S,
    DidNotStart,
    environment,
    free_port,
    tail,
)

REGION = "us-east-1"
LAUNCHER = Path(__file__).with_name("enforcing_launch.py")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key; the emulator's own root is ``test``."""

    access_key: str = "test"
    secret_key: str = "test"

    def environment(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator.

    ``functions``: words that the command line of every process of a function has, beside the function's name; none
    where functions run elsewhere. ``certificate`` is what a client must trust, where it speaks TLS. ``record``: where
    checks of rights are written down, None where nobody checks any. ``wakes_early``: a Wait ends up to a second before
    its timestamp. ``has_api``: it knows an HTTP API with an authorizer.
    """

    name: str
    endpoint_url: str
    functions: tuple[str, ...]
    certificate: Path | None = None
    record: Path | None = None
    wakes_early: bool = False
    has_api: bool = True
    _clients: dict[tuple[str, Credentials], Any] = field(default_factory=dict)

    def client(self, service: str, credentials: Credentials = Credentials()) -> Any:  # noqa: ANN401 - no stubs of iam and lambda
        """Return the client of a service, which takes longer to make than to use."""
        if (service, credentials) not in self._clients:
            self._clients[service, credentials] = self._made(service, credentials)
        return self._clients[service, credentials]

    def _made(self, service: str, credentials: Credentials) -> Any:  # noqa: ANN401 - as above
        session = boto3.session.Session(credentials.access_key, credentials.secret_key, region_name=REGION)
        return session.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint_url,
            verify=str(self.certificate) if self.certificate else None,
            config=Config(
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
                retries={"total_max_attempts": 3},
                s3={"addressing_style": "path"},
            ),
        )

    def trust(self) -> dict[str, str]:
        """The environment of a program that is to trust it."""
        return {"AWS_CA_BUNDLE": str(self.certificate)} if self.certificate else {}

    def words_of(self, function: str) -> tuple[str, str]:
        """Return what the command line of each process of a function says; skip where they are not of this machine."""
        if not self.functions:
            pytest.skip(f"kills: the functions of this {self.name} are no processes of this machine")
        prefix, place = self.functions
        return f"{prefix}{function}-", place

    @property
    def is_enforcing(self) -> bool:
        """Whether it refuses what nobody allowed."""
        return self.record is not None

    def need_enforcement(self) -> Path:
        """Skip a test that rests on refusals, where nobody is refused anything; return the record."""
        if self.record is None:
            pytest.skip(f"rights: {self.name} refuses nobody anything")
        return self.record

    def checks(self) -> Sequence[Row]:
        """What was asked for so far, oldest first."""
        whole = self.need_enforcement().read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def calls_of(self, role: str, since: int = 0) -> Counter[str]:
        """Calls by action that were made under a role, whose name ends so."""
        rows = [row for row in self.checks()[since:] if row["is_call"] and f"{role}/" in row["caller"]]
        return Counter(row["action"] for row in rows)


@contextmanager
def serve() -> Iterator[Emulator]:
    """Start it in a folder of its own, and yield it once it answers."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="emulator-") as place:
        folder = Path(place)
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        write(certificate, key)
        own = {
            "AUTH": "true",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(certificate),
            "MINISTACK_SSL_KEY": str(key),
            "CALL_RECORD": str(folder / "calls.jsonl"),
        }
        with (folder / "log").open("w+b") as log:
            process = subprocess.Popen(
                [*LEASH, sys.executable, WITHOUT_THIS_FOLDER, str(LAUNCHER)],
                cwd=folder,
                env=environment(place) | settings(port) | own,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                emulator = Emulator(
                    "ministack",
                    f"https://{HOST}:{port}",
                    ("ministack-lambda-", place),
                    certificate,
                    folder / "calls.jsonl",
                )
                if not _answers_in_time(process, emulator):
                    raise DidNotStart(f"within {START_LIMIT_S} s:\n{tail(folder / 'log')}")
                yield emulator
            finally:
                process.communicate(timeout=STOP_LIMIT_S)


def _answers_in_time(process: subprocess.Popen[bytes], emulator: Emulator) -> bool:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            emulator.client("dynamodb").list_tables()
        except (BotoCoreError, ClientError):
            time.sleep(POLL_S)
        else:
            return True
    return False
