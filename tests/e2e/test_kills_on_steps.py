"""SIGKILL of the Lambda functions of the state machine, at every boundary, on ministack."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.aws.intents import DynamoIntents
from adapters.aws.tables import Tables
from core.domain.claiming import Order
from core.domain.keys import IntentKey
from core.domain.orchestration import orchestration
from ports.wire.messages import approved_event
from tests.e2e.barriers import APPLIED, LOOKED_UP, PREPARED, SENT, SETTLED, WINDOWS, WRITING
from tests.e2e.deaths import Deaths
from tests.e2e.doomed import AFTER, AT_WORK, FROM_OUTSIDE, HANDLERS, STARTED, STEPS, Plans
from tests.e2e.machine import Machine, cloud, machine
from tests.e2e.yard import (
    LEAST_IN_EACH,
    Yard,
    check_place,
    check_signals,
    check_truth,
    every_outcome,
    laid_out,
)
from tests.emulators import ministack as ministack_server
from tests.emulators.server import need

KILLS = max(50, int(os.environ.get("ACTONCE_STEPS_KILLS", "50")))
MOST = 2 * KILLS
"""Executions that may be needed for them: on a machine that is held up the sweeper is there before some may die."""

AT_ONCE = 10
POLL_S, PAUSE_S = 0.2, 2.0
SWEEP_EVERY_S, HURRY_S = 30.0, 5.0
SETTLED_S = 300.0
TIMEOUT_S = 2
LEASE_MS = 60_000
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "test"}
STOPPED = "machine:stopped"
PLANS = (
    (f"invoke:{PREPARED}",),
    (f"invoke:{APPLIED}", f"reconcile:{LOOKED_UP}"),
    (f"invoke:{SETTLED}",),
    (f"invoke:{SENT}",),
    (FROM_OUTSIDE,),
    (f"invoke:{PREPARED}", f"invoke:{APPLIED}"),
    (f"invoke:{APPLIED}", f"reconcile:{WRITING}", f"ended:{AT_WORK}"),
    (f"invoke:{APPLIED}", f"reconcile:{SETTLED}"),
    (f"invoke:{PREPARED}", STOPPED),
    (f"record:{AT_WORK}",),
    (f"start:{WRITING}", f"invoke:{APPLIED}"),
    (f"validate:{AT_WORK}", f"map_tool:{AT_WORK}"),
    (f"starter:{STARTED}", f"invoke:{SETTLED}"),
    (f"invoke:{SETTLED}", f"relay:{AT_WORK}"),
    (f"invoke:{APPLIED}", f"relay:{AFTER}{SETTLED}"),
    (f"invoke:{APPLIED}", STOPPED),
)
ENDED = frozenset({"SUCCEEDED", "FAILED", "ABORTED"})


@dataclass
class Site:
    """The yard, the machine over it, and who dies there."""

    yard: Yard
    machine: Machine
    plans: Plans
    deaths: Deaths
    sweep_every_s: float = SWEEP_EVERY_S
    swept_at: float = field(default_factory=time.monotonic)

    def publish(self, number: int) -> None:
        """Send new intents, each with its plan: half of them inside their events, half by id alone."""
        at = self.machine.cloud
        for intent in self.yard.fresh(number):
            place = int(intent.key.intent_id.rpartition("-")[2])
            self.plans.write(intent.key.intent_id, PLANS[place % len(PLANS)])
            if place % 4 < 2:
                DynamoIntents(Tables(at.client("dynamodb"), at.prefix)).put(intent)
            at.send("work", approved_event(intent, embed=place % 4 >= 2))

    def look(self) -> int:
        """Stop what is to be stopped, sweep now and then, and return how many executions have not ended."""
        for row in self.deaths.told():
            check_place(self.yard, row["window"], row["intent"])
            if self.plans.takes(row["intent"], STOPPED):
                self.machine.stop(name_of(row["intent"]))
        if time.monotonic() >= self.swept_at + self.sweep_every_s:
            self.swept_at = time.monotonic()
            self.machine.sweep()
        time.sleep(POLL_S)
        statuses = self.machine.statuses()
        wanted = {name_of(intent) for intent in self.yard.intents}
        return len(wanted - set(statuses)) + sum(status == "RUNNING" for status in statuses.values())

    def has_enough(self) -> bool:
        """Tell whether enough executions died, and enough in each window; those killed from outside come on top."""
        kills = self.deaths.ended_themselves(*STEPS)
        fell = Counter(row["window"] for row in kills)
        return len({row["intent"] for row in kills}) >= KILLS and all(fell[it] >= n for it, n in LEAST_IN_EACH.items())

    def settled(self) -> list[dict[str, Any]]:
        """Wait until every execution has ended and every intent with it, or is parked; return the outcomes."""
        self.sweep_every_s = HURRY_S
        outcomes: list[dict[str, Any]] = []

        def is_so() -> bool:
            if self.look() == 0:
                outcomes[:] = every_outcome(self.yard, CREDENTIALS)
            return len(outcomes) == len(self.yard.intents) and all(it["status"] != "RUNNING" for it in outcomes)

        self.until(is_so)
        return outcomes

    def signals(self) -> list[dict[str, Any]]:
        """Wait until there are signals of all intents; return them."""
        told: list[dict[str, Any]] = []

        def is_so() -> bool:
            told.extend(self.machine.cloud.received("signals"))
            return set(self.yard.intents) <= {it["detail"]["data"]["action_intent_id"] for it in told}

        self.until(is_so)
        return told

    def not_by_themselves(self) -> set[str]:
        """The intents whose executions did not end by themselves."""
        statuses = self.machine.statuses()
        return {intent for intent in self.yard.intents if statuses[name_of(intent)] != "SUCCEEDED"}

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait, and do meanwhile what is to be done."""
        end = time.monotonic() + SETTLED_S
        while not is_so():
            assert time.monotonic() < end, every_outcome(self.yard, CREDENTIALS)
            time.sleep(PAUSE_S)
            self.look()


def name_of(intent: str) -> str:
    """The name of the execution that carries out an intent's event."""
    return orchestration(Order(IntentKey("tenant", "account", intent), "")).name


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    need(ministack_server.missing())
    (tmp_path / "plans").mkdir()
    plans = Plans(tmp_path / "plans")
    with (
        cloud() as at,
        laid_out(tmp_path, heading=at.heading, visibility_s=2.0, call_slack_ms=1_500, lease_ms=LEASE_MS) as yard,
    ):
        yard.timeout_s = TIMEOUT_S
        applied = yard.actonce("registry", "apply", environment=CREDENTIALS)
        assert applied.returncode == 0, applied.stderr
        deaths = Deaths(yard.record, plans, random.Random(20_263))
        with deaths.watched():
            yield Site(yard, machine(at, tmp_path), plans, deaths)


@pytest.mark.xdist_group("stores")
@pytest.mark.service
@pytest.mark.timeout(1_800)
def test_fifty_kills_of_the_functions_of_a_state_machine_write_nothing_twice_and_lose_nothing(site: Site) -> None:
    begun = time.monotonic()
    while not site.has_enough() and len(site.yard.intents) < MOST:
        if site.look() < AT_ONCE:
            site.publish(1)
    print(f"\npublished: {time.monotonic() - begun:.0f} s")
    outcomes = site.settled()
    print(f"settled: {time.monotonic() - begun:.0f} s")
    dead, statuses = site.deaths.all(), site.machine.statuses()
    fell = Counter(window for death in dead for window, _ in death.inside)
    struck = {intent for death in dead for window, intent in death.inside if window not in {SETTLED, AT_WORK}}
    killed = {intent for death in dead if death.of in STEPS for window, intent in death.inside if window == AT_WORK}
    print(f"{len(dead)} kills of {dict(Counter(it.of for it in dead))}, {len(killed)} executions of {len(outcomes)}")
    print(f"in each window: {dict(fell)}; executions: {dict(Counter(statuses.values()))}")
    print(f"said by: { {of: len(site.deaths.moved_by(of, 'enter', SETTLED)) for of in HANDLERS} }")
    check_truth(site.yard, outcomes, struck)
    check_signals(outcomes, site.signals())
    site.until(lambda: site.not_by_themselves() <= site.deaths.moved_by("ended", "leave", AT_WORK))
    assert {window: n for window, n in fell.items() if n < LEAST_IN_EACH.get(window, 0)} == {}
    assert set(WINDOWS) <= set(fell)
    assert len(killed) >= KILLS
    assert set(statuses.values()) <= ENDED
    site.until(lambda: site.machine.cloud.waiting("work") + site.machine.cloud.waiting("ended") == 0)
    assert site.machine.cloud.received("dead") == []
    verified = site.yard.actonce("ledger", "verify", environment=CREDENTIALS)
    assert verified.returncode == 0, verified.stdout
    print(f"verified: {time.monotonic() - begun:.0f} s")
