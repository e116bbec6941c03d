"""SIGKILL, at every boundary, of the real process on a real database against somebody else's server."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from core.domain.intent import ExecutionPolicy, Target
from core.domain.keys import IntentKey
from examples.mcp_server.probe import Probe, running
from ports.wire.messages import approved_event
from tests.architecture.sources import ROOT
from tests.e2e.barriers import APPLIED, PREPARED, SENT, SETTLED, WINDOWS
from tests.unit.making import an_intent

KILLS = max(100, int(os.environ.get("ACTONCE_KILLS", "100")))
LEAST_IN_EACH = {PREPARED: 10, APPLIED: 10, SETTLED: 10}
ANYWHERE = "anywhere"
PLACES = (PREPARED, APPLIED, SETTLED, SENT, ANYWHERE)
PER_RUN = 6
SETTLE_DELAY_S = 0.1
PAUSE_S = 20.0
NOT_SETTLED = 6
ENTRIES = (
    "infra/terraform/registry/CREATE_CRM_TASK.v1.json",
    "infra/terraform/registry/REQUEST_RENEWAL_MEETING.v1.json",
    "infra/terraform/registry/UPDATE_OPPORTUNITY_STAGE.v1.json",
    "examples/registry/CREATE_INVOICE.v1.json",
    "examples/registry/SEND_LETTER.v1.json",
)
CONFIG = """
[paths]
database = "actonce.db"
signals = "signals.jsonl"
registry = ["registry"]
[run]
workers = 4
visibility_s = 1.0
sweep_every_s = 0.3
max_wait_s = 20
[timing]
max_skew_ms = 20
lease_ms = 1000
call_slack_ms = 500
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
    """One installation that is killed again and again, and the server beside it that is not."""

    folder: Path
    probe: Probe
    intents: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def record(self) -> Path:
        return self.folder / "barriers.jsonl"

    def events(self) -> Path:
        """A file with new intents, the action types in turn."""
        types = list(PARAMETERS)
        new = {f"intent-{n}": types[n % len(types)] for n in islice(self.numbers, PER_RUN)}
        self.intents |= new
        lines = [event_of(intent_id, action_type) for intent_id, action_type in new.items()]
        path = self.folder / f"events-{len(self.intents)}.jsonl"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def start(self, *arguments: str, pause: str | None = None, skip: int = 0) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "tests.e2e.barriers",
            "--config",
            str(self.folder / "actonce.toml"),
            *arguments,
        ]
        environment = {**os.environ, "BARRIER_RECORD": str(self.record), "BARRIER_SKIP": str(skip)}
        if pause is not None:
            environment["BARRIER_PAUSE"] = pause
        with (self.folder / "output.txt").open("ab") as output:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)

    def rows(self, pid: int) -> list[dict[str, Any]]:
        return [row for row in self.rows_of_all() if row["pid"] == pid]

    def rows_of_all(self) -> list[dict[str, Any]]:
        if not self.record.exists():
            return []
        whole = self.record.read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def actonce(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / "actonce"), "--config", str(self.folder / "actonce.toml")]
        return subprocess.run(
            [*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
        )


def event_of(intent_id: str, action_type: str) -> str:
    intent = an_intent(
        key=IntentKey("tenant", "account", intent_id),
        action_type=action_type,
        parameters=PARAMETERS[action_type],
        target=Target("opportunity", f"006-{intent_id}"),
        policy=ExecutionPolicy(retry_count=10, timeout_seconds=1),
    )
    return approved_event(intent, embed=True)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    registry = tmp_path / "registry"
    registry.mkdir()
    for name in ENTRIES:
        entry = json.loads((ROOT / name).read_text(encoding="utf-8"))
        for effect in (entry["effect"], entry["compensation"].get("effect", {})):
            if "settle_delay_s" in effect:
                effect["settle_delay_s"] = SETTLE_DELAY_S
        (registry / Path(name).name).write_text(json.dumps(entry), encoding="utf-8")
    with running(tmp_path / "writes.jsonl") as probe:
        (tmp_path / "actonce.toml").write_text(CONFIG.format(port=probe.port), encoding="utf-8")
        yield Yard(tmp_path, probe)


def kill(yard: Yard, place: str, chance: random.Random) -> set[tuple[str, str]] | None:
    """Kill a run at a place; return the windows and intents it fell upon, None when the run ended before."""
    pause = None if place == ANYWHERE else place
    process = yard.start("run", str(yard.events()), pause=pause, skip=chance.randrange(3))
    delay_s = chance.uniform(0.3, 1.2)
    end = time.monotonic() + (PAUSE_S if pause else delay_s)
    while time.monotonic() < end and process.poll() is None:
        paused = [row["intent"] for row in yard.rows(process.pid) if row["what"] == "pause"]
        if paused:
            check_place(yard, place, paused[0])
            break
        time.sleep(0.01)
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


def recover(yard: Yard) -> list[dict[str, Any]]:
    """Run until nothing is running; return every intent's outcome."""
    for _ in range(10):
        done = yard.actonce("run")
        assert done.returncode in {0, NOT_SETTLED}, done.stderr
        outcomes = every_outcome(yard)
        if all(it["status"] != "RUNNING" for it in outcomes):
            return outcomes
    raise AssertionError("ten runs did not settle what ten runs must settle")


def every_outcome(yard: Yard) -> list[dict[str, Any]]:
    outcomes: list[dict[str, Any]] = []
    place: list[str] = []
    while True:
        page = yard.actonce("list", "-t", "tenant", "--limit", "100", "--json", *place)
        assert page.returncode == 0, page.stderr
        outcomes += [json.loads(line) for line in page.stdout.splitlines()]
        if "--place" not in page.stderr:
            return outcomes
        place = ["--place", page.stderr.partition("--place '")[2].partition("'")[0]]


@pytest.mark.timeout(1_800)
def test_a_hundred_kills_write_nothing_twice_and_leave_no_untrue_outcome(yard: Yard) -> None:
    chance = random.Random(20_261)
    fell: Counter[str] = Counter()
    struck: set[str] = set()
    done = missed = 0
    while done < KILLS:
        inside = kill(yard, PLACES[done % len(PLACES)], chance)
        if inside is None:
            missed += 1
            assert missed <= KILLS, (yard.folder / "output.txt").read_text(encoding="utf-8")[-2_000:]
            continue
        done += 1
        fell.update({window for window, _ in inside})
        struck |= {intent for window, intent in inside if window != SETTLED}
    print(f"\n{done} kills; in each window: {dict(fell)}; {missed} runs ended before")
    outcomes = recover(yard)
    assert {window: n for window, n in fell.items() if n < LEAST_IN_EACH.get(window, 0)} == {}
    assert set(WINDOWS) <= set(fell)
    assert {it["action_intent_id"] for it in outcomes} <= set(yard.intents)
    check_truth(yard, outcomes, struck)
    check_signals(yard, outcomes)
    verified = yard.actonce("ledger", "verify")
    assert verified.returncode == 0, verified.stdout


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


def check_signals(yard: Yard, outcomes: list[dict[str, Any]]) -> None:
    wanted = {"SUCCEEDED": "ACTION_EXECUTED", "IN_DOUBT": "ACTION_IN_DOUBT"}
    lines = (yard.folder / "signals.jsonl").read_text(encoding="utf-8").splitlines()
    told = set()
    for line in lines:
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            # A kill in the middle of a line; the signal came again, whole.
            continue
        told.add((event["detail"]["data"]["action_intent_id"], event["detail-type"]))
    assert [it for it in outcomes if (it["action_intent_id"], wanted[it["status"]]) not in told] == []
