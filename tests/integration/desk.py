"""A folder with an installation, and the command line in it."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from adapters.sqlite.database import Database
from entrypoints.cli.main import app
from tests.unit.entrypoints.installing import a_note, an_event

ACTONCE = Path(sys.executable).parent / "actonce"
# What another process holds comes back, or is done, within the wait.
CONFIG = "[run]\nmax_wait_s = 20\nvisibility_s = 5\nsweep_every_s = 0.2\n"
NAMED = ("-t", "tenant-1", "-a", "account-1")


@dataclass(frozen=True)
class Desk:
    """A folder with an installation, and the command line in it."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "actonce.toml"

    def __call__(self, *arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, ["--config", str(self.config), "--operator", "ada", *arguments], input=typed)

    def ok(self, *arguments: str, typed: str = "") -> str:
        done = self(*arguments, typed=typed)
        assert done.exit_code == 0, done.output
        return done.stdout

    def events(self, *lines: str, name: str = "events.jsonl") -> str:
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return str(path)

    def status(self, number: int = 1) -> dict[str, Any]:
        return one(self.ok("status", f"intent-{number}", *NAMED, "--json"))

    def signals(self) -> list[tuple[str, str]]:
        lines = (self.folder / "signals.jsonl").read_text(encoding="utf-8").splitlines()
        events = [json.loads(line) for line in lines]
        return [(it["detail"]["data"]["action_intent_id"], it["detail-type"]) for it in events]

    def objects(self) -> int:
        database = Database(self.folder / "actonce.db")
        try:
            query = "SELECT count(*) FROM internal_objects"
            return int(database.read(lambda connection: connection.execute(query).fetchone())[0])
        finally:
            database.close()


def many(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def one(text: str) -> dict[str, Any]:
    (document,) = many(text)
    return document


def place_in(stderr: str) -> str:
    """Return the place of the next page, as a shell would give it to the next command."""
    return shlex.split(stderr.partition("--place ")[2].partition("\n")[0])[0]


def event(number: int = 1, content: str = "Call them") -> str:
    return an_event(a_note(number, content))


def an_open_desk(folder: Path) -> Desk:
    """One whose tenant is open."""
    (folder / "actonce.toml").write_text(CONFIG, encoding="utf-8")
    desk = Desk(folder)
    desk.ok("resume", "--tenant", "tenant-1")
    return desk
