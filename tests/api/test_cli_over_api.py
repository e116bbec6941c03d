"""The same commands against an installation's own stores and through its API say the same."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.memory.clock import FakeClock
from entrypoints.cli.main import COMMANDS, app
from entrypoints.container.building import close
from tests.api.afar import NAMED, Afar
from tests.api.service import Service, serving
from tests.api.stand import LATER_MS, seed
from tests.architecture.sources import ROOT
from tests.integration.desk import Desk, many, place_in
from tests.unit.entrypoints.installing import an_installation

DOUBT, DONE, PENDING = "doubt-acme-emea", "done-acme-emea", "pending-acme-emea"
WHY = ("--reason", "asked by a test")
FOUND = ("--did-not-happen", "-e", "there is no such letter")

READS: tuple[tuple[str, ...], ...] = (
    *((command, intent, *NAMED) for command in ("status", "timeline") for intent in (DOUBT, DONE, PENDING)),
    *((command, "no-such-intent", *NAMED) for command in ("status", "timeline")),
    ("list", "-t", "acme"),
    ("list", *NAMED),
    ("list", "-t", "acme", "--status", "IN_DOUBT"),
    ("list", *NAMED, "--status", "RUNNING"),
    ("list", "-t", "acme", "--limit", "1"),
    ("list", "-t", "acme", "--status", "SUCCEEDED", "--limit", "2"),
    ("counts", "-t", "acme"),
    ("inbox", "-t", "acme"),
    ("switches", "-t", "acme"),
    ("registry", "list"),
)
ACTS: tuple[tuple[str, ...], ...] = (
    ("cancel", PENDING, *NAMED, *WHY),
    ("cancel", DONE, *NAMED, *WHY),
    ("retry", DOUBT, *NAMED, *WHY),
    ("retry", DONE, *NAMED, *WHY),
    ("undo", DOUBT, *NAMED, *WHY),
    ("resolve", DONE, *NAMED, *FOUND),
    ("resolve", DOUBT, *NAMED, *FOUND),
    ("retry", DOUBT, *NAMED, *WHY),
    ("undo", DONE, *NAMED, *WHY),
    ("undo", DONE, *NAMED, *WHY),
    *((verb, "no-such-intent", *NAMED, *WHY) for verb in ("cancel", "retry", "undo")),
    ("resolve", "no-such-intent", *NAMED, *FOUND),
    *((verb, "doubt-acme-apac", "-t", "acme", "-a", "apac", *WHY) for verb in ("cancel", "retry", "undo")),
    ("resolve", "doubt-acme-apac", "-t", "acme", "-a", "apac", "--happened", "-e", "it is in the outbox"),
)
THROWS: tuple[tuple[str, ...], ...] = (
    ("stop", "-t", "acme", "--action-type", "CREATE_TASK", *WHY),
    ("stop", "-t", "acme", *WHY),
    ("stop", "--global", *WHY),
    ("switches", "-t", "acme"),
    ("undo", "done-acme-apac", "-t", "acme", "-a", "apac", *WHY),
    ("undo", "done-acme-apac", "-t", "acme", "-a", "apac", "--while-stopped", *WHY),
    ("resume", "--global", *WHY),
    ("resume", "-t", "acme", *WHY),
    ("resume", "-t", "acme", "--action-type", "CREATE_TASK", *WHY),
    ("switches", "-t", "acme"),
    ("stop", "--global", "--action-type", "CREATE_TASK", *WHY),
    ("stop", *WHY),
    ("stop", "-t", "a/b", *WHY),
)
SWITCH_AGE_S = 1.1
"""A service may go by what it read of a switch for a second; a command reads it anew."""

DRY = {"cancel", "retry", "resolve", "undo"}
WITH_JSON = {"status", "timeline", "list", "counts", "inbox", "switches", "registry"}

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
HASH = re.compile(r"[0-9a-f]{64}|[0-9a-f]{12}…|[0-9a-f]{32}")
ADVICE = re.compile(r"^Where no worker runs.*\n", re.MULTILINE)
SEEN = re.compile(r" (of acme|that this token may see)(?=[ .\n])")
"""Stores tell of a tenant; the API tells of what the token lets it, and the commands say so."""
PADDING = re.compile(r" +$", re.MULTILINE)
PLACE = re.compile(r"--place \S+")


@dataclass(frozen=True)
class Pair:
    """Two installations that begin alike; one is asked as it is, the other through its API."""

    here: Desk
    afar: Afar

    def both(self, *arguments: str) -> tuple[Result, Result]:
        return self.here(*arguments), self.afar(*arguments)

    def agree(self, *arguments: str, timeless: bool = False) -> Result:
        """Ask both, and compare all that people and scripts get."""
        here, afar = self.both(*arguments)
        assert (afar.exit_code, told(afar.stdout, timeless)) == (here.exit_code, told(here.stdout, timeless)), arguments
        assert told(afar.stderr, timeless) == told(ADVICE.sub("", here.stderr), timeless), arguments
        return here


def told(text: str, timeless: bool) -> str:
    """Without the place of a next page, which is sealed by the one alone, without whose it is, and without moments."""
    plain = PADDING.sub("", SEEN.sub("", PLACE.sub("--place P", text)))
    if not timeless:
        return plain
    named = HASH.sub("HASH", MOMENT.sub("MOMENT", plain))
    return re.sub(r'"at_ms": \d+', '"at_ms": 0', named)


def a_pair(folder: Path, service: Service, here: Desk) -> Pair:
    return Pair(here, Afar(folder, f"http://127.0.0.1:{service.port}", {"ACTONCE_API_TOKEN": service.token or ""}))


def seeded(folder: Path) -> tuple[Desk, Desk]:
    """Two folders with the same installation, to the byte."""
    (folder / "here").mkdir()
    container = an_installation(folder / "here", FakeClock(LATER_MS))
    seed(container)
    close(container)
    shutil.copytree(folder / "here", folder / "there")
    return Desk(folder / "here"), Desk(folder / "there")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    here, there = seeded(tmp_path)
    role = ("--role", "installation-operator")
    with serving(there, "-t", "acme", "-a", "emea", "-a", "apac", *role) as service:
        yield a_pair(tmp_path, service, here)


def test_every_verb_says_the_same_here_and_through_the_api(pair: Pair) -> None:
    for read in READS:
        pair.agree(*read)
        if read[0] in WITH_JSON:
            pair.agree(*read, "--json", timeless=read[0] == "counts")
    for act in (*ACTS, *THROWS):
        if act[0] in DRY and "no-such-intent" not in act:
            pair.agree(*act, "--dry-run")
        if "no-such-intent" in act:
            # What says that nothing is there is the use case's own here, and the same for all of them there.
            here, afar = pair.both(*act)
            assert (here.exit_code, afar.exit_code, afar.stdout) == (3, 3, ""), act
        else:
            pair.agree(*act)
        if act[0] in {"stop", "resume"}:
            time.sleep(SWITCH_AGE_S)
    for read in READS:
        pair.agree(*read, timeless=True)
        if read[0] in WITH_JSON:
            pair.agree(*read, "--json", timeless=True)
    entries = [json.loads(line) for line in pair.here.ok("ledger", "export").splitlines()]
    assert {it["event"] for it in entries} >= {"OPERATOR_RESOLVED", "OPERATOR_RETRIED", "EXECUTION_CANCELLED"}


def test_every_verb_that_the_api_has_was_compared() -> None:
    compared = {it[0] for it in (*READS, *ACTS, *THROWS)}
    assert compared - {"registry"} == {name for name, _, _ in COMMANDS} - LACKING.keys() - {"doctor"}


def test_what_is_allowed_and_what_is_refused_are_both_among_what_was_compared(pair: Pair) -> None:
    codes = [(act[0], pair.agree(*act).exit_code) for act in ACTS if "no-such-intent" not in act]
    assert {code for _, code in codes} == {0, 4}
    assert {verb for verb, code in codes if code == 0} == DRY


def test_a_listing_goes_on_from_page_to_page_by_the_place_that_the_api_gave(pair: Pair) -> None:
    names: list[str] = []
    going_on: tuple[str, ...] | None = ()
    while going_on is not None:
        done = pair.afar("list", "-t", "acme", "--limit", "1", "--json", *going_on)
        names += [it["action_intent_id"] for it in many(done.stdout)]
        going_on = ("--place", place_in(done.stderr)) if "--place" in done.stderr else None
    assert names == [it["action_intent_id"] for it in many(pair.here.ok("list", "-t", "acme", "--json"))]
    for odd in ("made-up", "x" * 2_000):
        refused = pair.afar("list", "-t", "acme", "--place", odd)
        assert (refused.exit_code, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)


def test_the_tenant_is_the_tokens_and_no_other_one_is_asked_for(pair: Pair) -> None:
    assert pair.afar("list").stdout == pair.here.ok("list", "-t", "acme")
    for command in (("list",), ("inbox",), ("switches",), ("stop", *WHY), ("status", DONE, "-a", "emea")):
        refused = pair.afar(*command, "-t", "other")
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "The token is for the tenant acme" in refused.stderr
    assert pair.afar("switches").stdout == "No switch is closed.\n"


def test_the_doctor_looks_at_the_api_and_at_what_the_token_lets_it_tell(pair: Pair) -> None:
    done = pair.afar("doctor")
    assert done.exit_code == 0, done.output
    for said in ("127.0.0.1 is reached", "for acme, until", "none is closed", "2 in doubt"):
        assert said in done.stdout
    made_up = Afar(pair.afar.folder, pair.afar.url)
    done = made_up("doctor")
    assert done.exit_code == 5
    assert [line.split()[:2] for line in done.stdout.splitlines() if line.startswith("fail")] == [
        ["fail", "kill"],
        ["fail", "inbox"],
    ]


def test_a_reader_looks_and_does_not_act(tmp_path: Path) -> None:
    here, there = seeded(tmp_path)
    with serving(there, "-t", "acme", "-a", "emea", "--role", "reader") as service:
        pair = a_pair(tmp_path, service, here)
        pair.agree("status", DONE, *NAMED)
        for act in (("cancel", PENDING, *NAMED, *WHY), ("stop", "-t", "acme", *WHY)):
            refused = pair.afar(*act)
            assert (refused.exit_code, refused.stdout) == (2, "")
            assert "The API forbids it" in refused.stderr
        elsewhere = pair.afar("status", "done-acme-apac", "-t", "acme", "-a", "apac")
        assert (elsewhere.exit_code, "The API forbids it" in elsewhere.stderr) == (2, True)


LACKING: dict[str, Sequence[str]] = {
    "run": (),
    "publish": ("{file}",),
    "worker": (),
    "sweep": (),
    "serve": (),
    "dead-letters": (),
    "redrive": (),
    "replay": ("--from", "2026-11-24", "--to", "2026-11-25"),
    "export": ("-t", "acme"),
    "registry check": (),
    "registry apply": (),
    "ledger verify": (),
    "ledger seal": (),
    "ledger export": (),
}
"""Commands that work on an installation's own stores, with what they need to be understood."""


@pytest.mark.parametrize("command", LACKING)
def test_what_works_on_stores_is_not_there_and_says_so_in_one_line(command: str, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("", encoding="utf-8")
    given = [it.format(file=events) for it in LACKING[command]]
    done = Afar(tmp_path, "http://127.0.0.1:9")(*command.split(), *given)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"actonce: The target api does not have `actonce {command}`")
    assert len(done.stderr.splitlines()) == 1
    assert {it.name for it in tmp_path.iterdir()} == {"api.toml", "events.jsonl"}


def test_what_is_not_there_is_written_down() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    section = page.split("## From the command line\n")[1].split("\n## ")[0]
    assert {name for name in LACKING if f"`{name}`" not in section} == {"ledger verify", "ledger seal", "ledger export"}
    assert "all of `ledger`" in section


def test_an_export_is_checked_wherever_it_is(tmp_path: Path) -> None:
    done = Afar(tmp_path, "http://127.0.0.1:9")("export", "--verify", str(tmp_path / "acme.jsonl"))
    assert (done.exit_code, "acme.jsonl cannot be read" in done.stderr) == (2, True)


def test_every_command_is_there_or_says_that_it_is_not() -> None:
    groups = {
        f"{group.name} {it.name}"
        for group in app.registered_groups
        if group.typer_instance is not None
        for it in group.typer_instance.registered_commands
    }
    everything = {name for name, _, _ in COMMANDS} | groups
    there = {it[0] for it in (*READS, *ACTS, *THROWS)} - {"registry"} | {"registry list", "doctor"}
    assert everything == there | LACKING.keys()
    assert there & LACKING.keys() == set()


def test_the_help_says_where_the_token_is_not() -> None:
    shown = " ".join(CliRunner().invoke(app, ["--help"]).stdout.split())
    assert "--url" in shown
    assert "--token" not in shown
