"""What a fake holds, and the log of what it really wrote.

The log is JSON Lines, appended and flushed before a call is answered, and replayed at start. A line cut short by a
kill is dropped at replay: its call was never answered.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Fields = Mapping[str, Any]
Name = tuple[str, str]
"""A type and an id."""

API, PEOPLE = "api", "people"
CREATE, UPDATE, DELETE = "create", "update", "delete"


class Shelf:
    """Objects by type and id, each with its history, so that reads can lag behind."""

    def __init__(self, log: Path) -> None:
        self.lag_s = 0.0
        self.lines: list[dict[str, Any]] = []
        self._lock = threading.RLock()
        self._history: dict[Name, list[tuple[float, Fields | None]]] = {}
        for line in _whole_lines(log):
            self._keep(line)
        self._file = log.open("a", encoding="utf-8")

    def write(self, op: str, name: Name, fields: Fields | None, by: str = API) -> None:
        """Log a write, then hold it; fields None removes the object."""
        with self._lock:
            line = {
                "seq": len(self.lines) + 1,
                "at": time.time(),
                "by": by,
                "op": op,
                "object_type": name[0],
                "object_id": name[1],
                "fields": None if fields is None else dict(fields),
            }
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            self._keep(line)

    def now(self, name: Name) -> Fields | None:
        """Return an object as it is."""
        with self._lock:
            history = self._history.get(name)
            return history[-1][1] if history else None

    def seen(self, name: Name) -> Fields | None:
        """Return an object as reads see it."""
        with self._lock:
            return self._seen(name, time.time() - self.lag_s)

    def all_seen(self, object_type: str) -> dict[str, Fields]:
        """Return every object of a type as searches see them."""
        with self._lock:
            horizon = time.time() - self.lag_s
            found = {name: self._seen(name, horizon) for name in self._history if name[0] == object_type}
            return {name[1]: fields for name, fields in found.items() if fields is not None}

    def _seen(self, name: Name, horizon: float) -> Fields | None:
        states = [fields for at, fields in self._history.get(name, []) if at <= horizon]
        return states[-1] if states else None

    def _keep(self, line: dict[str, Any]) -> None:
        self.lines.append(line)
        name = (line["object_type"], line["object_id"])
        self._history.setdefault(name, []).append((line["at"], line["fields"]))


def _whole_lines(log: Path) -> list[dict[str, Any]]:
    if not log.exists():
        return []
    raw = log.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) != len(raw):
        log.write_bytes(whole)
    return [json.loads(row) for row in whole.splitlines()]
