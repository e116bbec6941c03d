"""SIGKILL, at every boundary, of the real process on a real database against somebody else's server."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ports.wire.messages import approved_event
from tests.e2e.barriers import SETTLED, WINDOWS
from tests.e2e.yard import (
    ANYWHERE,
    LEAST_IN_EACH,
    PLACES,
    Yard,
    check_signals,
    check_truth,
    every_outcome,
    laid_out,
    struck_down,
)

KILLS = max(100, int(os.environ.get("ACTONCE_KILLS", "100")))
NOT_SETTLED = 6
HEADING = """
[paths]
database = "actonce.db"
signals = "signals.jsonl"
registry = ["registry"]
"""


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    with laid_out(tmp_path, heading=HEADING, visibility_s=1.0, call_slack_ms=500) as made:
        yield made


def events(yard: Yard) -> Path:
    """A file with new intents."""
    lines = [approved_event(intent, embed=True) for intent in yard.fresh()]
    path = yard.folder / f"events-{len(yard.intents)}.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def kill(yard: Yard, place: str, chance: random.Random) -> set[tuple[str, str]] | None:
    """Kill a run at a place; return the windows and intents it fell upon, None when the run ended before."""
    pause = None if place == ANYWHERE else place
    process = yard.start("run", str(events(yard)), pause=pause, skip=chance.randrange(3))
    return struck_down(yard, process, place, chance)


def recover(yard: Yard) -> list[dict[str, Any]]:
    """Run until nothing is running; return every intent's outcome."""
    for _ in range(10):
        done = yard.actonce("run")
        assert done.returncode in {0, NOT_SETTLED}, done.stderr
        outcomes = every_outcome(yard)
        if all(it["status"] != "RUNNING" for it in outcomes):
            return outcomes
    raise AssertionError("ten runs did not settle what ten runs must settle")


@pytest.mark.xdist_group("stores")
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
            assert missed <= KILLS, yard.output()
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
    check_signals(outcomes, signals(yard))
    verified = yard.actonce("ledger", "verify")
    assert verified.returncode == 0, verified.stdout


def signals(yard: Yard) -> list[dict[str, Any]]:
    """Every signal that was written whole: a kill in the middle of a line is followed by the line again."""
    told: list[dict[str, Any]] = []
    for line in (yard.folder / "signals.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            told.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return told
