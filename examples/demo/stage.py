"""The stage: a fresh folder, the provider's process beside it, and the real `actonce` in processes of its own."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.demo.actions import Script
from examples.demo.scenarios import ACCOUNTS, STOPPED_TENANT

Row = dict[str, Any]

HERE = Path(__file__).resolve().parent
MARK = "# Written by examples.demo; made anew by each run."
KILL_WITHIN_S = 60.0
RUN_WITHIN_S = 120.0
COMMAND_WITHIN_S = 30.0
POLL_S = 0.01
CONFIG = """{mark}

[paths]
database = "actonce.db"
signals = "signals.jsonl"
registry = [{registry}]

[run]
workers = 8
visibility_s = 4
sweep_every_s = 0.5
max_wait_s = 20

# Short, so that doubt is settled in seconds. The defaults suit real systems.
[timing]
max_skew_ms = 50
lease_ms = 2000
call_slack_ms = 1000
settle_slack_ms = 500
backoff_ms = 200
max_backoff_ms = 2000
look_up_limit = 4
intent_grace_ms = 2000

[connectors.provider]
kind = "mcp"
url = "{url}"
tools = ["crm.", "calendar.", "payments.", "mail.", "news."]
"""


class StageError(Exception):
    """The demo cannot go on; the text says why and where to look."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def rows(self) -> list[Row]:
        return [json.loads(line) for line in self.stdout.splitlines()]


@dataclass(frozen=True, slots=True)
class Kill:
    """Where the worker was killed. ``writes`` is what the provider had done by then, ``killed_s`` after its start."""

    pid: int
    writes: int
    killed_s: float


class Stage:
    """A folder with an installation. Every path of it is shown as it can be pasted."""

    def __init__(self, folder: Path, *, is_quiet: bool) -> None:
        self.folder = folder
        self._is_quiet = is_quiet

    @property
    def config(self) -> Path:
        return self.folder / "actonce.toml"

    @property
    def events(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def write_log(self) -> Path:
        return self.folder / "provider-writes.jsonl"

    @property
    def faults(self) -> Path:
        return self.folder / "provider-faults.json"

    @property
    def signals(self) -> Path:
        return self.folder / "signals.jsonl"

    @property
    def database(self) -> Path:
        return self.folder / "actonce.db"

    def clear(self) -> None:
        """Make the folder anew, if it is ours or empty."""
        if self.folder.exists() and any(self.folder.iterdir()):
            if not self.config.is_file() or not self.config.read_text(encoding="utf-8").startswith(MARK):
                raise StageError(f"{self.folder} holds something else. Name another folder with --out.")
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(f"{MARK}\n", encoding="utf-8")

    def write(self, script: Script) -> None:
        """Write the events and the provider's fault plan."""
        self.events.write_text("".join(f"{line}\n" for line in script.lines), encoding="utf-8")
        self.faults.write_text(json.dumps(script.faults, indent=1) + "\n", encoding="utf-8")

    def configure(self, port: int) -> None:
        """Write the configuration, now that it is known where the provider listens."""
        url, registry = f"http://127.0.0.1:{port}/mcp", json.dumps(str(HERE / "registry"))
        self.config.write_text(CONFIG.format(mark=MARK, url=url, registry=registry), encoding="utf-8")

    def shown(self, *arguments: str) -> str:
        """Return a command of `actonce` as it can be pasted in this folder."""
        return shlex.join(self._command(*arguments))

    def actonce(self, *arguments: str, accept: tuple[int, ...] = (0,)) -> Done:
        """Run a command to its end."""
        return self._ended(self._started(*arguments), arguments, COMMAND_WITHIN_S, accept)

    def together(self, *commands: tuple[str, ...]) -> list[Done]:
        """Run commands beside each other."""
        started = [(self._started(*it), it) for it in commands]
        return [self._ended(process, it, COMMAND_WITHIN_S, (0, 5)) for process, it in started]

    def open_tenants(self) -> list[tuple[str, ...]]:
        """Return the commands that admit the tenants; nobody is admitted otherwise."""
        return [("resume", "--tenant", tenant) for tenant in (*ACCOUNTS, STOPPED_TENANT)]

    def run(self) -> Done:
        """Run the worker to its end. 6 says that something was refused or is in doubt, as it must here."""
        arguments = ("run", str(self.events), "--json")
        return self._ended(self._started(*arguments, is_worker=True), arguments, RUN_WITHIN_S, (0, 6))

    def run_and_kill(self, intent_id: str) -> Kill:
        """Start the worker; kill it when the provider has written for this intent, which it does not tell of."""
        begun = time.monotonic()
        worker = self._started("run", str(self.events), is_worker=True)
        needle = f'"action_intent_id":"{intent_id}"'
        while time.monotonic() < begun + KILL_WITHIN_S and worker.poll() is None:
            log = self.write_log.read_text(encoding="utf-8")
            if needle in log:
                worker.send_signal(signal.SIGKILL)
                worker.wait()
                self._mend_terminal()
                return Kill(worker.pid, log.count("\n"), time.monotonic() - begun)
            time.sleep(POLL_S)
        worker.kill()
        _, stderr = worker.communicate()
        raise StageError(f"The worker never came to {intent_id}: exit {worker.returncode}, {stderr or 'no message'}")

    def _command(self, *arguments: str) -> list[str]:
        return [str(_pasted(Path(sys.executable).with_name("actonce"))), "--config", str(self.config), *arguments]

    def _started(self, *arguments: str, is_worker: bool = False) -> subprocess.Popen[str]:
        """Start a command; a worker draws its own progress bar on stderr where that is a terminal."""
        has_bar = is_worker and not self._is_quiet and sys.stderr.isatty()
        stderr = None if has_bar else subprocess.PIPE
        return subprocess.Popen(
            self._command(*arguments), stdout=subprocess.PIPE, stderr=stderr, text=True, env=_environment()
        )

    def _ended(
        self, process: subprocess.Popen[str], arguments: tuple[str, ...], within_s: float, accept: tuple[int, ...]
    ) -> Done:
        try:
            stdout, stderr = process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired as late:
            process.kill()
            process.communicate()
            raise StageError(f"Not done after {within_s:g} s: {self.shown(*arguments)}") from late
        if process.returncode not in accept:
            raise StageError(f"Exit {process.returncode}: {self.shown(*arguments)}\n{stderr or ''}")
        return Done(process.returncode, stdout, stderr or "")

    def _mend_terminal(self) -> None:
        """Clear the line and show the cursor, which a killed progress bar cannot."""
        if not self._is_quiet and sys.stderr.isatty():
            sys.stderr.write("\r\x1b[2K\x1b[?25h")
            sys.stderr.flush()


def _environment() -> dict[str, str]:
    """Return ours, without settings of another installation; they would outrank the demo's configuration."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ACTONCE_")}


def _pasted(path: Path) -> Path:
    """Return a path as short as it can be pasted here."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
