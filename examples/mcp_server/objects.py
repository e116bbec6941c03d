"""What the provider holds, and the write log that says what it really did.

The log is JSON Lines, appended and flushed before a call is answered, and replayed at start, so that a
restart keeps objects, versions and idempotency keys. A line cut short by a kill is dropped at replay.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Fields = dict[str, Any]
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for which intent, under which key; every tool takes these four as declared arguments."""

    idempotency_key: str
    action_intent_id: str
    tenant_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of the provider. `version` starts at 1 and rises by one with each write."""

    object_type: str
    object_id: str
    external_id: str | None
    fields: Fields
    version: int


class WriteLog:
    """Append-only file of what was done. `at` is ISO 8601 in UTC; `seq` starts at 1 and has no gaps."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self.lines = _read_whole_lines(path)
        self._file = path.open("a", encoding="utf-8")

    @property
    def next_seq(self) -> int:
        return len(self.lines) + 1

    def append(self, op: str, tool: str, caller: Caller, stored: StoredObject) -> None:
        """Write and flush one line; OSError when the disk refuses, and then nothing was applied."""
        line: Line = {
            "seq": self.next_seq,
            "at": self._now().isoformat(),
            "op": op,
            "tool": tool,
            "tenant_id": caller.tenant_id,
            "account_id": caller.account_id,
            "action_intent_id": caller.action_intent_id,
            "idempotency_key": caller.idempotency_key,
            "object_id": stored.object_id,
            "object_type": stored.object_type,
            "external_id": stored.external_id,
            "version": stored.version,
            "fields": stored.fields,
        }
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._file.flush()
        self.lines.append(line)

    def close(self) -> None:
        self._file.close()


def _read_whole_lines(path: Path) -> list[Line]:
    """The log's lines; a tail without its newline is cut off the file, since its call was never answered."""
    if not path.exists():
        return []
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) != len(raw):
        path.write_bytes(whole)
    return [json.loads(row) for row in whole.splitlines()]


class Provider:
    """The objects by tenant, account, type and id, with an index by external id. One event loop, no locks."""

    def __init__(self, log: WriteLog) -> None:
        self._log = log
        self._objects: dict[tuple[str, str, str, str], StoredObject] = {}
        self._ids: dict[tuple[str, str, str, str], str] = {}
        for line in log.lines:
            self._replay(line)

    def new_id(self, object_type: str) -> str:
        return f"{object_type}-{self._log.next_seq}"

    def get(self, caller: Caller, object_type: str, object_id: str) -> StoredObject | None:
        return self._objects.get((caller.tenant_id, caller.account_id, object_type, object_id))

    def by_external_id(self, caller: Caller, object_type: str, external_id: str) -> StoredObject | None:
        object_id = self._ids.get((caller.tenant_id, caller.account_id, object_type, external_id))
        return None if object_id is None else self.get(caller, object_type, object_id)

    def write(self, tool: str, caller: Caller, stored: StoredObject) -> None:
        """Log, then hold the object."""
        self._log.append("WRITE", tool, caller, stored)
        self._hold(caller.tenant_id, caller.account_id, stored)

    def delete(self, tool: str, caller: Caller, stored: StoredObject) -> None:
        """Log, then forget the object."""
        self._log.append("DELETE", tool, caller, stored)
        self._forget(caller.tenant_id, caller.account_id, stored)

    def nothing_changed(self, tool: str, caller: Caller, stored: StoredObject) -> None:
        """Log an answer that changed nothing."""
        self._log.append("REPLAY", tool, caller, stored)

    def _hold(self, tenant_id: str, account_id: str, stored: StoredObject) -> None:
        self._objects[(tenant_id, account_id, stored.object_type, stored.object_id)] = stored
        if stored.external_id is not None:
            self._ids[(tenant_id, account_id, stored.object_type, stored.external_id)] = stored.object_id

    def _forget(self, tenant_id: str, account_id: str, stored: StoredObject) -> None:
        self._objects.pop((tenant_id, account_id, stored.object_type, stored.object_id), None)
        if stored.external_id is not None:
            self._ids.pop((tenant_id, account_id, stored.object_type, stored.external_id), None)

    def _replay(self, line: Line) -> None:
        stored = StoredObject(
            object_type=line["object_type"],
            object_id=line["object_id"],
            external_id=line["external_id"],
            fields=line["fields"],
            version=line["version"],
        )
        if line["op"] == "WRITE":
            self._hold(line["tenant_id"], line["account_id"], stored)
        elif line["op"] == "DELETE":
            self._forget(line["tenant_id"], line["account_id"], stored)
