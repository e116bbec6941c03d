"""A seeded installation on SQLite, and `actonce serve` on it as a process."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from core.domain.keys import IntentKey
from entrypoints.cli.main import app
from ports.wire.messages import approved_event
from tests.npm_packages import ROOT
from tests.unit.making import an_intent

ACTONCE = Path(sys.executable).parent / "actonce"
SHIPPED = ROOT / "infra" / "terraform" / "registry"
REGISTRY = (
    SHIPPED / "CREATE_INTERNAL_NOTE.v1.json",
    # The longest name there is; nobody offers its tool here.
    SHIPPED / "REQUEST_STAKEHOLDER_INTRO.v1.json",
    ROOT / "examples" / "registry" / "SEND_LETTER.v1.json",
)
TENANT, ACCOUNTS = "acme", ("emea", "apac")
START_LIMIT_S = 30.0
STOP_LIMIT_S = 10.0
SERVING = "Serving "
NOTES = 30
CONFIG = """
[paths]
registry = ["registry"]
[run]
workers = 4
max_wait_s = 20
visibility_s = 4
sweep_every_s = 0.2
# Short, so that doubt is parked in a second and can be resolved at once.
[timing]
max_skew_ms = 50
lease_ms = 2000
call_slack_ms = 500
settle_slack_ms = 300
backoff_ms = 100
max_backoff_ms = 500
[connectors.office]
kind = "mcp"
url = "{url}"
tools = ["mail."]
protocol_version = "2026-07-28"
# Lines are cut here on purpose, one after the other.
breaker_failures = 1000
"""


@dataclass(frozen=True)
class Scene:
    """A folder with an installation; intents are named for what becomes of them."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "actonce.toml"

    @property
    def database(self) -> Path:
        return self.folder / "actonce.db"

    def command(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        done = CliRunner().invoke(app, ["--config", str(self.config), "--operator", "ada", *arguments])
        assert done.exit_code in codes, done.output
        return done.stdout

    def run(self, *intents: str) -> None:
        """Carry out what is queued, these events first; doubt is no failure here."""
        self.command("run", str(self._file(*intents)), codes=(0, 6))

    def publish(self, *intents: str) -> None:
        """Store approved actions that nobody works on yet."""
        self.command("publish", str(self._file(*intents)))

    def work(self) -> None:
        """Carry out what was asked for meanwhile."""
        self.command("run", codes=(0, 6))

    def status(self, intent: str, account: str = "emea") -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.command("status", intent, "-t", TENANT, "-a", account, "--json"))
        return document

    def sql(self, statement: str, *values: object) -> None:
        """Change the file behind the program's back."""
        with closing(sqlite3.connect(self.database, timeout=10)) as connection, connection:
            assert connection.execute(statement, values).rowcount > 0, statement

    def _file(self, *intents: str) -> Path:
        path = self.folder / "events.jsonl"
        path.write_text("".join(f"{it}\n" for it in intents), encoding="utf-8")
        return path


def letter(name: str, body: str, account: str = "emea", **changes: object) -> str:
    """An approved letter; its body says how the office answers, and nothing can look a letter up."""
    parameters = {"recipient": "Ada", "body": body}
    return event(name, account, action_type="SEND_LETTER", parameters=parameters, **changes)


def note(name: str, content: str = "Call them", account: str = "emea", **changes: object) -> str:
    return event(name, account, action_type="CREATE_INTERNAL_NOTE", parameters={"content": content}, **changes)


def event(name: str, account: str, **changes: object) -> str:
    return approved_event(an_intent(key=IntentKey(TENANT, account, name), target=None, **changes), embed=True)


def seed(folder: Path, office: str) -> Scene:
    """Begin an installation whose tenant is open; its registry holds what the office and the notes take."""
    (folder / "registry").mkdir()
    for entry in REGISTRY:
        shutil.copy(entry, folder / "registry")
    scene = Scene(folder)
    scene.config.write_text(CONFIG.format(url=office), encoding="utf-8")
    scene.command("resume", "--tenant", TENANT)
    return scene


@dataclass(frozen=True)
class Service:
    """A process that serves; ``address`` bears a token in its fragment."""

    process: subprocess.Popen[str]
    address: str

    @property
    def origin(self) -> str:
        return self.address.partition("/console")[0]

    @property
    def token(self) -> str:
        return self.address.partition("#token=")[2]


@contextmanager
def serving(
    scene: Scene, *, role: str, tenant: str = TENANT, port: int = 0, config: Path | None = None
) -> Iterator[Service]:
    """Start `actonce serve`, and stop it as a service manager does."""
    accounts = [it for account in ACCOUNTS for it in ("-a", account)]
    command = [str(ACTONCE), "--config", str(config or scene.config), "--operator", "ada", "serve"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "-t", tenant, *accounts, "--role", role],
        cwd=ROOT,
        env={**_environment(), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Service(process, _address(process))
    finally:
        process.terminate()
        process.communicate(timeout=STOP_LIMIT_S)


def _environment() -> Mapping[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    started = time.monotonic()
    for line in process.stdout:
        if line.startswith(SERVING):
            return line.removeprefix(SERVING).strip()
        assert time.monotonic() - started < START_LIMIT_S
    raise AssertionError(f"actonce serve ended with {process.wait()}")
