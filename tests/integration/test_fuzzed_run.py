"""Five thousand fuzzed lines among good ones: none crashes the run, each bad one is dead-lettered with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from adapters.memory.clock import FakeClock
from adapters.sqlite.database import Database
from adapters.sqlite.dead_letters import SqliteDeadLetters
from core.domain.errors import InvalidEventError
from ports.wire.messages import parse_message
from tests.integration.desk import NAMED, Desk, an_open_desk, event, many

LINES = 5_400
GOOD = 60


def mutilated(dice: Random, line: str) -> str:
    """Change, cut, repeat or insert something, somewhere; never a line break, which would end the line."""
    at = dice.randrange(len(line))
    far = min(len(line), at + dice.randrange(1, 40))
    odd = dice.choice(["\x00", "\u2028x", "é€", '"', "}", "[" * 50, "9" * 400, "null", "\\ud800", ":", "{", " "])
    changed = dice.choice([line[:at] + odd + line[far:], line[:at], line[at:far], line[:at] + line[at:far] * 2])
    return changed.replace("\n", " ").replace("\r", " ")


def is_good(line: str) -> bool:
    try:
        parse_message(line)
    except InvalidEventError:
        return False
    return True


def test_fuzzed_lines_are_dead_lettered_by_name_and_their_neighbours_are_executed(tmp_path: Path) -> None:
    desk: Desk = an_open_desk(tmp_path)
    dice = Random(20_261_122)
    good = [event(number) for number in range(GOOD)]
    fuzzed = [mutilated(dice, dice.choice(good)) for _ in range(LINES)]
    bad = [line for line in fuzzed if line.strip() and not is_good(line)]
    assert len(bad) >= 5_000
    lines = bad + good
    dice.shuffle(lines)

    done = desk("run", desk.events(*lines), "--json", "--workers", "4", "--max-wait", "60")

    assert done.exit_code == 6, done.output
    rows = many(done.stdout)
    executed = {row["action_intent_id"] for row in rows if row.get("status") == "SUCCEEDED"}
    assert executed == {f"intent-{number}" for number in range(GOOD)}
    database = Database(tmp_path / "actonce.db")
    letters = SqliteDeadLetters(database, FakeClock()).newest(2 * LINES)
    database.close()
    assert sorted(letter.body.strip() for letter in letters) == sorted(line.strip() for line in bad)
    assert all(letter.reason.startswith("INVALID_EVENT") for letter in letters)
    assert json.loads(desk.ok("status", "intent-0", *NAMED, "--json"))["status"] == "SUCCEEDED"
