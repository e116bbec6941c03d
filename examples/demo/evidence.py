"""What was told, and what really happened: read from the outside, from files, commands and the provider itself."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from examples.demo.actions import Action, Script
from examples.demo.stage import HERE, Stage
from examples.mcp_server.faults import APPLIED_FIRST
from examples.mcp_server.probe import Probe

Row = dict[str, Any]
Key = tuple[str, str, str]

RUNS = 3
READS = "news."


@dataclass
class Evidence:
    """``told`` are the outcomes by intent; ``writes`` is the provider's own log, ``calls`` what it was asked."""

    script: Script
    told: dict[Key, Row]
    writes: list[Row]
    calls: list[Row]
    objects: list[Row]
    signals: list[Row]
    signal_lines: int
    dead_letters: list[Row]
    parked: list[Row]
    timeline: Row
    ledger_holds: bool
    ledger_said: str

    @cached_property
    def written(self) -> dict[Key, list[Row]]:
        """The provider's writes by intent."""
        return _by_intent(it for it in self.writes if it["op"] == "WRITE")

    @cached_property
    def deleted(self) -> dict[Key, list[Row]]:
        """The provider's deletions by intent."""
        return _by_intent(it for it in self.writes if it["op"] == "DELETE")

    @cached_property
    def kept(self) -> dict[Key, list[Row]]:
        """Our own notes and tasks by intent."""
        return _by_intent(self.objects)

    @cached_property
    def sends(self) -> Counter[Key]:
        """How many calls that may write reached the provider, by intent."""
        return Counter(key_of(it) for it in self.calls if kind_of(it) == "write")

    @cached_property
    def contracts(self) -> dict[str, str]:
        """The effect contract of each action type, from the demo's registry."""
        entries = [json.loads(it.read_text(encoding="utf-8")) for it in (HERE / "registry").glob("*.json")]
        return {it["action_type"]: it["effect"]["contract"] for it in entries}

    @cached_property
    def signalled(self) -> set[tuple[Key, str]]:
        """Which signals there are, by intent and type."""
        return {(key_of(it["detail"]["data"]), it["detail-type"]) for it in self.signals}

    @cached_property
    def unread(self) -> set[Key]:
        """The intents whose write the provider did and then gave no readable answer, by its own list of calls."""
        return {key_of(it) for it in self.calls if kind_of(it) == "write" and it["fault"] in APPLIED_FIRST}

    def standing(self, key: Key) -> int:
        """How many objects or changes of an intent are there, anywhere."""
        outside = len(self.written.get(key, ())) - len(self.deleted.get(key, ()))
        return outside + len(self.kept.get(key, ()))

    def status(self, action: Action) -> str:
        """What was told of an action."""
        return str(self.told[action.key]["status"]) if action.key in self.told else "NEVER TOLD"

    def contract(self, action: Action) -> str:
        """The effect contract of an action, empty for an unknown type."""
        return self.contracts.get(action.intent["action_type"], "")


def key_of(row: Row) -> Key:
    """Tenant, account and intent of a row."""
    return (row["tenant_id"], row["account_id"], row["action_intent_id"])


def kind_of(call: Row) -> str:
    """write, lookup, image or read."""
    return "read" if call["tool"].startswith(READS) else str(call["kind"])


def gather(stage: Stage, script: Script, probe: Probe, told: list[Row]) -> Evidence:
    """Ask everybody."""
    tenant, account, intent_id = script.killed.key
    inbox, letters, timeline, ledger = stage.together(
        ("inbox", "--json", "--limit", "100"),
        ("dead-letters", "--json", "--limit", "100"),
        ("timeline", intent_id, "-t", tenant, "-a", account, "--json"),
        ("ledger", "verify"),
    )
    signals, signal_lines = _signals(stage.signals)
    return Evidence(
        script=script,
        told={key_of(it): it for it in told if it["status"] != "REFUSED"},
        writes=_whole_rows(stage.write_log),
        calls=probe.calls(),
        objects=_objects(stage.database),
        signals=signals,
        signal_lines=signal_lines,
        dead_letters=letters.rows,
        parked=inbox.rows,
        timeline=timeline.rows[0],
        ledger_holds=ledger.code == 0,
        ledger_said=ledger.stdout.strip(),
    )


def run_until_settled(stage: Stage) -> list[Row]:
    """Run the worker, again where something goes on later; return what it told of every intent."""
    told: list[Row] = []
    for _ in range(RUNS):
        told = stage.run().rows
        if all(it["status"] != "RUNNING" for it in told):
            break
    return told


def _by_intent(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    found: defaultdict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[key_of(row)].append(row)
    return dict(found)


def _whole_rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _signals(path: Path) -> tuple[list[Row], int]:
    """Return the signals as a reader must take them, and how many lines there were.

    A line that a kill cut short came again, whole. Repeats are dropped by tenant, account and id, newest revision kept.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    found: dict[Key, Row] = {}
    for line in lines:
        try:
            signal = json.loads(line)
        except json.JSONDecodeError:
            continue
        metadata = signal["detail"]["metadata"]
        place = (metadata["tenant_id"], metadata["account_id"], metadata["id"])
        known = found.get(place)
        if known is None or known["detail"]["metadata"]["revision"] < metadata["revision"]:
            found[place] = signal
    return list(found.values()), len(lines)


def _objects(database: Path) -> list[Row]:
    """The notes and tasks that we keep ourselves, straight from the file."""
    query = "SELECT tenant_id, account_id, kind, object_id, fields FROM internal_objects"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(query).fetchall()
    names = ("tenant_id", "account_id", "kind", "object_id")
    found = []
    for row in rows:
        fields = json.loads(row[4])
        named = dict(zip(names, row[:4], strict=True))
        found.append({**named, "action_intent_id": fields["action_intent_id"], "fields": fields})
    return found
