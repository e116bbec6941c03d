"""An installation with canaries in it: what it writes and says is collected, and searched."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dependency_injector import providers

from core.domain.keys import IntentKey
from core.domain.switches import Switch
from entrypoints.container.building import build_embedded, close
from entrypoints.container.registering import apply_registry
from entrypoints.draining import Tally, drain
from entrypoints.publishing import publish
from entrypoints.settings.loading import Overrides, load
from ports.connector import Connectors
from tests.integration.desk import NAMED, Desk
from tests.unit.connectors.outward import CALLS
from tests.unit.entrypoints.installing import an_event
from tests.unit.making import an_intent

BRIEF = "[run]\nworkers = 2\nsweep_every_s = 0.1\n[timing]\nbackoff_ms = 10\nmax_skew_ms = 1\nlook_up_limit = 3\n"
PATHS = '[paths]\nregistry = ["registry"]\n'


class Everything(logging.Handler):
    """Keeps all of every record, arguments, extras and exceptions, whatever the level."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        self.lines.append(f"{record.getMessage()} {record.__dict__!r} {trace}")


@dataclass
class Ground:
    """A folder with an installation; ``said`` is what its commands and logs said."""

    folder: Path
    kind: str
    environment: Mapping[str, str]
    said: list[str] = field(default_factory=list)

    def lay(self, document: Mapping[str, Any]) -> None:
        """Write the configuration and a registry entry for the tool."""
        (self.folder / "registry").mkdir(parents=True)
        text = BRIEF + PATHS + "[connectors.it]\n" + "".join(f"{name} = {_toml(it)}\n" for name, it in document.items())
        (self.folder / "actonce.toml").write_text(text, encoding="utf-8")
        tool, arguments = CALLS[self.kind]
        entry = {
            "action_type": "CANARY",
            "version": 1,
            "tool": tool,
            "tool_schema_version": "1",
            "risk": "LOW",
            "effect": {"contract": "NATURAL_KEY", "look_up_tool": "crm.find"},
            "compensation": {"mode": "NONE"},
            "parameters": [{"parameter": name} for name in arguments],
            "timeout_s": 2,
        }
        (self.folder / "registry" / "CANARY.v1.json").write_text(json.dumps(entry), encoding="utf-8")

    def work(self, intents: range, connectors: Connectors | None = None) -> None:
        """Carry out actions of these numbers; what cannot be settled within a moment stays as it is."""
        settings = load(Overrides(config=self.folder / "actonce.toml"), self.environment)
        container = build_embedded(settings)
        try:
            if connectors is not None:
                container.connectors.override(providers.Object(connectors))
            apply_registry(container)
            now_ms = container.clock().now_ms()
            container.kill_switches().open(Switch("tenant-1"), operator="test", reason="", at_ms=now_ms)
            worker, tally = container.worker(), Tally(keep=True)
            worker.start(tally)
            publish(container.queue(), io.BytesIO(self._events(intents)), lambda _count: None)
            drain(container, worker, tally, max_wait_s=0.3, tick=lambda: None)
            assert worker.stop(10)
            assert worker.fault is None
        finally:
            close(container)

    def look(self, intents: range) -> None:
        """Ask everything that can be asked of the command line, some of it of these intents."""
        desk = Desk(self.folder)
        commands = [["list", *NAMED], ["inbox"], ["dead-letters"], ["ledger", "export"], ["ledger", "verify"]]
        for number in intents:
            commands += [[it, f"intent-{number}", *NAMED] for it in ("status", "timeline")]
        for command in [*commands, ["doctor"]]:
            done = desk("--verbose", *command)
            self.said.append(done.output + repr(done.exception))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield everything that was written and said, with its place."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                yield path.name, path.read_bytes().decode("latin-1")
        # Row by row as well: a text may lie on several pages of the file.
        with closing(sqlite3.connect(self.folder / "actonce.db")) as database:
            tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    cells = (it.decode("latin-1") if isinstance(it, bytes) else str(it) for it in row)
                    yield f"table {table}", " ".join(cells)
        yield from (("said", text) for text in self.said)

    def _events(self, intents: range) -> bytes:
        parameters = dict(CALLS[self.kind][1])
        lines = []
        for number in intents:
            key = IntentKey("tenant-1", "account-1", f"intent-{number}")
            lines.append(an_event(an_intent(key=key, action_type="CANARY", parameters=parameters, target=None)))
        return "".join(f"{line}\n" for line in lines).encode()


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """Collect every record of every logger, at every level."""
    handler, loggers = Everything(), [logging.getLogger(), logging.getLogger("actonce")]
    levels = [it.level for it in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


def leaks(texts: Iterator[tuple[str, str]], secrets: Sequence[str]) -> list[str]:
    """Return where which secret stands, however it is spelled."""
    spelled = {form: number for number, secret in enumerate(secrets) for form in _forms(secret)}
    found = []
    for place, text in texts:
        # What is JSON in JSON has its backslashes doubled, again and again.
        searched = (text, re.sub(r"\\\\+", r"\\", text))
        found += [f"secret {spelled[it]} in {place}" for it in spelled if any(it in one for one in searched)]
    return found


def _forms(secret: str) -> set[str]:
    wide = secret.encode("utf-16-le").decode("latin-1")
    escaped = "".join(f"\\u{ord(it):04x}" for it in secret)
    plain = {secret, secret.replace("/", "\\/"), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return plain | {quote(secret, safe=""), wide, escaped, base64.b64encode(secret.encode()).decode().rstrip("=")}


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(it)}" for name, it in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(it) for it in value) + "]"
    return json.dumps(value)
