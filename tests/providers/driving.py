"""Starts a fake as a process and works its controls."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 10


@dataclass(frozen=True, slots=True)
class Driven:
    """A running fake. ``url`` is that of its API, without a path."""

    port: int
    control: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def log(self) -> list[dict[str, Any]]:
        """Return all that was written, people's writes too."""
        lines: list[dict[str, Any]] = self._ask("GET", "/log")
        return lines

    def asked(self) -> int:
        return int(self._ask("GET", "/counts")["asked"])

    def strays(self) -> int:
        return int(self._ask("GET", "/counts")["strays"])

    def fail(self, fault: str, *, reads: bool = False, seconds: float = 0.0) -> None:
        self._ask("POST", "/faults", {"on": "read" if reads else "write", "fault": fault, "seconds": seconds})

    def lag(self, seconds: float) -> None:
        self._ask("POST", "/lag", {"seconds": seconds})

    def calm(self) -> None:
        self._ask("POST", "/calm", {})

    def people(self, **wish: object) -> dict[str, Any]:
        said: dict[str, Any] = self._ask("POST", "/people", wish)
        return said

    def _ask(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401 - parsed JSON
        connection = http.client.HTTPConnection(HOST, self.control, timeout=WAIT_S)
        try:
            # A body that the other side does not read would have its answer reset.
            body = None if document is None else json.dumps(document)
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            said = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(f"{path}: {said}")
        return said


@contextmanager
def driven(module: str, log: Path, *options: str) -> Iterator[Driven]:
    """Run ``python -m module --port 0 --log log``, and kill it at the end as a power cut would."""
    command = [sys.executable, "-m", module, "--port", "0", "--log", str(log), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the fake has no stdout")
            yield Driven(**json.loads(process.stdout.readline()))
        finally:
            process.kill()
