"""Dry runs from the command line."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.integration.desk import NAMED, Desk, an_open_desk, event


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = an_open_desk(tmp_path)
    desk.ok("run", desk.events(event(1)))
    return desk


def rows(desk: Desk) -> list[str]:
    with sqlite3.connect(desk.folder / "actonce.db") as connection:
        return list(connection.iterdump())


def test_a_dry_run_that_would_be_allowed_says_so_and_writes_nothing(desk: Desk) -> None:
    before = rows(desk)
    told = desk.ok("undo", "intent-1", *NAMED, "--reason", "wrong customer", "--dry-run")
    assert "allowed" in told
    assert "Nothing was written." in told
    assert rows(desk) == before
    assert "The undo is asked for." in desk.ok("undo", "intent-1", *NAMED, "--reason", "wrong customer")


@pytest.mark.parametrize(
    ("command", "repeats"),
    [(("cancel",), "no"), (("retry",), "yes"), (("resolve", "--happened", "-e", "seen"), "no")],
)
def test_a_dry_run_that_would_be_refused_says_why_and_ends_as_the_refusal_does(
    desk: Desk, command: tuple[str, ...], repeats: str
) -> None:
    verb, *options = command
    before = rows(desk)
    rehearsed = desk(verb, "intent-1", *NAMED, *options, "--dry-run")
    refused = desk(verb, "intent-1", *NAMED, *options)
    assert (rehearsed.exit_code, refused.exit_code) == (4, 4)
    assert refused.stderr.removeprefix("actonce: ").strip() in " ".join(rehearsed.stdout.split())
    (line,) = [it for it in rehearsed.stdout.splitlines() if it.startswith("would repeat a write")]
    assert line.split("would repeat a write")[1].split()[0].rstrip(",") == repeats
    assert rows(desk) == before


def test_a_dry_run_of_what_is_not_there_ends_as_the_act_does(desk: Desk) -> None:
    for verb in ("cancel", "retry", "undo"):
        assert desk(verb, "no-such-intent", *NAMED, "--dry-run").exit_code == 3


def test_the_timeline_begins_with_where_the_intent_stands(desk: Desk) -> None:
    told = json.loads(desk.ok("timeline", "intent-1", *NAMED, "--json"))
    assert told["status"] == desk.status(1)
    assert told["account_id"] == "account-1"
    assert [it["verified"] for it in told["chains"]] == [True]
