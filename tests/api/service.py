"""`actonce serve` as a process: where it is, and how it is asked."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.integration.desk import ACTONCE, Desk

ADDRESS = re.compile(r"Serving http://127\.0\.0\.1:(\d+)/console(?:#token=(\S+))?")


@dataclass
class Service:
    """The process and where it is."""

    process: subprocess.Popen[str]
    port: int
    token: str | None

    def ask(
        self, method: str, path: str, *, token: str | None = None, body: object = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, Mapping[str, str], str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = {"Authorization": f"Bearer {token}"} if token else {}
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {**sent, "Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()


@contextmanager
def serving(desk: Desk, *options: str, config: Path | None = None) -> Iterator[Service]:
    command = [
        str(ACTONCE),
        "--config",
        str(config or desk.config),
        "--operator",
        "ada",
        "serve",
        "--port",
        "0",
        *options,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = ADDRESS.match(line)
        assert found is not None, line + process.stdout.read()
        yield Service(process, int(found[1]), found[2])
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
