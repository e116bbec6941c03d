"""One installation that is killed again and again, and the server beside it that is not."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

from core.domain.intent import ExecutionPolicy, Intent, Target
from core.domain.keys import IntentKey
from examples.mcp_server.probe import Probe, running
from tests.architecture.sources import ROOT
from tests.e2e.barriers import APPLIED, PREPARED, SENT, SETTLED
from tests.integration.desk import place_in
from tests.unit.making import an_intent

LEAST_IN_EACH = {PREPARED: 10, APPLIED: 10, SETTLED: 10}
ANYWHERE = "anywhere"
PLACES = (PREPARED, APPLIED, SETTLED, SENT, ANYWHERE)
PER_RUN = 6
SETTLE_DELAY_S = 0.1
PAUSE_S = 20.0
FEED_S = 1.0
ENTRIES = (
    "infra/terraform/registry/CREATE_CRM_TASK.v1.json",
    "infra/terraform/registry/REQUEST_RENEWAL_MEETING.v1.json",
    "infra/terraform/registry/UPDATE_OPPORTUNITY_STAGE.v1.json",
    "examples/registry/CREATE_INVOICE.v1.json",
    "examples/registry/SEND_LETTER.v1.json",
)
CONFIG = """
[run]
workers = 4
visibility_s = {visibility_s}
sweep_every_s = 0.3
max_wait_s = 20
[timing]
max_skew_ms = 20
lease_ms = {lease_ms}
call_slack_ms = {call_slack_ms}
settle_slack_ms = 200
backoff_ms = 50
max_backoff_ms = 1000
[tenants]
unknown = "enabled"
[connectors.example]
kind = "mcp"
url = "http://127.0.0.1:{port}/mcp"
tools = ["crm.", "calendar.", "payments.", "mail."]
"""
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "CREATE_CRM_TASK": {"title": "Call them"},
    "REQUEST_RENEWAL_MEETING": {"title": "Renewal", "start": "2031-12-01T09:00:00Z", "end": "2031-12-01T10:00:00Z"},
    "UPDATE_OPPORTUNITY_STAGE": {"stage": "WON"},
    "CREATE_INVOICE": {"amount": 100, "currency": "eur"},
    "SEND_LETTER": {"recipient": "Ada", "body": "Dear Ada"},
}

# Nothing tells whether a letter left; and the seed of the update declares no bound on late application.
MAY_BE_IN_DOUBT = frozenset({"SEND_LETTER", "UPDATE_OPPORTUNITY_STAGE"})


@dataclass
class Yard:
    """The folder of an installation, its intents, and the server's probe."""

    folder: Path
    probe: Probe
    timeout_s: int = 1
    intents: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def record(self) -> Path:
        return self.folder / "barriers.jsonl"

    def fresh(self, number: int = PER_RUN) -> list[Intent]:
        """New intents, the action types in turn."""
        types = list(PARAMETERS)
        new = {f"intent-{n}": types[n % len(types)] for n in islice(self.numbers, number)}
        self.intents |= new
        return [intent_of(intent_id, action_type, self.timeout_s) for intent_id, action_type in new.items()]

    def start(
        self, *arguments: str, pause: str | None = None, skip: int = 0, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        config = str(self.folder / "actonce.toml")
        command = [sys.executable, "-m", "tests.e2e.barriers", "--config", config, *arguments]
        settings = {**os.environ, **(environment or {}), "BARRIER_RECORD": str(self.record), "BARRIER_SKIP": str(skip)}
        if pause is not None:
            settings["BARRIER_PAUSE"] = pause
        with (self.folder / "output.txt").open("ab") as output:
            process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=output, stderr=output)
        self.started.append(process)
        return process

    def clear(self) -> None:
        """Leave no process behind, whatever became of the test."""
        for process in self.started:
            process.kill()
            process.wait()

    def output(self) -> str:
        return (self.folder / "output.txt").read_text(encoding="utf-8")[-2_000:]

    def rows(self, pid: int) -> list[dict[str, Any]]:
        return [row for row in self.rows_of_all() if row["pid"] == pid]

    def rows_of_all(self) -> list[dict[str, Any]]:
        if not self.record.exists():
            return []
        whole = self.record.read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def actonce(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / "actonce"), "--config", str(self.folder / "actonce.toml")]
        return subprocess.run(
            [*command, *arguments],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def intent_of(intent_id: str, action_type: str, timeout_s: int) -> Intent:
    return an_intent(
        key=IntentKey("tenant", "account", intent_id),
        action_type=action_type,
        parameters=PARAMETERS[action_type],
        target=Target("opportunity", f"006-{intent_id}"),
        policy=ExecutionPolicy(retry_count=10, timeout_seconds=timeout_s),
    )


@contextmanager
def laid_out(
    folder: Path, *, heading: str, visibility_s: float, call_slack_ms: int, lease_ms: int = 1_000
) -> Iterator[Yard]:
    """Start the server, and write the configuration under a heading of the target's own."""
    registry = folder / "registry"
    registry.mkdir()
    for name in ENTRIES:
        entry = json.loads((ROOT / name).read_text(encoding="utf-8"))
        for effect in (entry["effect"], entry["compensation"].get("effect", {})):
            if "settle_delay_s" in effect:
                effect["settle_delay_s"] = SETTLE_DELAY_S
        (registry / Path(name).name).write_text(json.dumps(entry), encoding="utf-8")
    with running(folder / "writes.jsonl") as probe:
        config = CONFIG.format(
            port=probe.port, visibility_s=visibility_s, call_slack_ms=call_slack_ms, lease_ms=lease_ms
        )
        (folder / "actonce.toml").write_text(heading + config, encoding="utf-8")
        yard = Yard(folder, probe)
        try:
            yield yard
        finally:
            yard.clear()


def struck_down(
    yard: Yard,
    process: subprocess.Popen[bytes],
    place: str,
    chance: random.Random,
    feed: Callable[[], None] = lambda: None,
) -> set[tuple[str, str]] | None:
    """Kill a process at a place; return the windows and intents it fell upon, None when it ended before.

    ``feed`` is called every second, for a process that shares its work with others and may get none.
    """
    fed_at = 0.0
    end = time.monotonic() + (chance.uniform(0.3, 1.2) if place == ANYWHERE else PAUSE_S)
    while time.monotonic() < end and process.poll() is None:
        paused = [row["intent"] for row in yard.rows(process.pid) if row["what"] == "pause"]
        if paused:
            check_place(yard, place, paused[0])
            break
        if time.monotonic() >= fed_at:
            feed()
            fed_at = time.monotonic() + FEED_S
        time.sleep(0.02)
    if process.poll() is not None:
        return None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return open_windows(yard.rows(process.pid))


def check_place(yard: Yard, place: str, intent: str) -> None:
    """The server's own log says that the record means what it says."""
    has_write = any(row["action_intent_id"] == intent for row in yard.probe.log())
    if place == APPLIED:
        assert has_write, intent
    was_sent = any((row["window"], row["intent"]) == (SENT, intent) for row in yard.rows_of_all())
    if place == PREPARED and not was_sent:
        assert not has_write, intent


def open_windows(rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Which intents stood in which windows when the record ended."""
    inside: set[tuple[str, str]] = set()
    for row in rows:
        place = (row["window"], row["intent"])
        if row["what"] == "enter":
            inside.add(place)
        elif row["what"] == "leave":
            inside.discard(place)
    return inside


def every_outcome(yard: Yard, environment: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    outcomes: list[dict[str, Any]] = []
    place: list[str] = []
    while True:
        page = yard.actonce("list", "-t", "tenant", "--limit", "100", "--json", *place, environment=environment)
        assert page.returncode == 0, page.stderr
        outcomes += [json.loads(line) for line in page.stdout.splitlines()]
        if "--place" not in page.stderr:
            return outcomes
        place = ["--place", place_in(page.stderr)]


def check_truth(yard: Yard, outcomes: list[dict[str, Any]], struck: set[str]) -> None:
    """Success is exactly one write; doubt is only where a kill fell and nothing can tell; nothing has failed."""
    writes = Counter(row["action_intent_id"] for row in yard.probe.log() if row["op"] == "WRITE")
    assert {intent: n for intent, n in writes.items() if n > 1} == {}
    print(f"outcomes: {dict(Counter(it['status'] for it in outcomes))}")
    for outcome in outcomes:
        intent = outcome["action_intent_id"]
        if outcome["status"] == "IN_DOUBT":
            assert yard.intents[intent] in MAY_BE_IN_DOUBT, outcome
            assert intent in struck, outcome
        else:
            assert (outcome["status"], writes[intent]) == ("SUCCEEDED", 1), outcome
    assert set(writes) <= {it["action_intent_id"] for it in outcomes}


def check_signals(outcomes: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    """Every outcome was signalled."""
    wanted = {"SUCCEEDED": "ACTION_EXECUTED", "IN_DOUBT": "ACTION_IN_DOUBT"}
    told = {(event["detail"]["data"]["action_intent_id"], event["detail-type"]) for event in events}
    assert [it for it in outcomes if (it["action_intent_id"], wanted[it["status"]]) not in told] == []
