"""An export proves itself: offline, on its own, and every line of it that is changed, missing or put in shows."""

from __future__ import annotations

import hashlib
import io
import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.files.head_signer import FileHeadSigner
from adapters.files.ledger_heads import FileLedgerHeads, FileLedgerRolls
from adapters.memory.clock import FakeClock
from adapters.sqlite.database import Database
from adapters.sqlite.executions import SqliteExecutions
from adapters.sqlite.ledger import SqliteLedger
from core.domain.canonical import compact
from core.domain.sealing import DAY_MS
from entrypoints.container.checking import check_export
from tests.contract.head_backends import Vault, memory
from tests.integration.aws_desk import an_aws_desk
from tests.integration.desk import Desk, event
from tests.unit.sealing import START_MS, Archive, filled

Lines = list[dict[str, Any]]
COUNTED = {"entries": "entry", "heads": "head", "outcomes": "outcome"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Three sealed days with a gap in the middle, and something that is not sealed yet."""
    (tmp_path / "actonce.toml").write_text("", encoding="utf-8")
    desk = Desk(tmp_path)
    database = Database(tmp_path / "actonce.db")
    vault = Vault(
        FileLedgerHeads(tmp_path / "heads"),
        FileLedgerRolls(tmp_path / "heads"),
        FileHeadSigner(tmp_path / "sealing-key.pem"),
    )
    archive = Archive(SqliteExecutions(database), SqliteLedger(database), vault, FakeClock(START_MS))
    filled(archive, [2, 0, 2])
    archive.refuse(1, START_MS + 5_000)
    archive.seal_all(3)
    archive.write(9, START_MS + 3 * DAY_MS)
    yield desk
    database.close()


def lines_of(desk: Desk, *arguments: str) -> Lines:
    return [json.loads(line) for line in desk.ok("export", "-t", "acme", *arguments).splitlines()]


def faults(lines: Lines) -> list[str]:
    """What is found in a file of these lines."""
    text = "".join(json.dumps(it, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n" for it in lines)
    found: list[str] = []
    checked = check_export(io.BytesIO(text.encode()), [], found.append)
    assert checked.faults == len(found)
    return found


def anew(lines: Lines) -> Lines:
    """Return these lines with a trailer that fits them."""
    kept = [it for it in lines if it["kind"] != "trailer"]
    counts = {name: sum(it["kind"] == kind for it in kept) for name, kind in COUNTED.items()}
    text = "".join(compact(it) + "\n" for it in kept)
    return [*kept, {"kind": "trailer", **counts, "sha256": hashlib.sha256(text.encode()).hexdigest()}]


def test_an_export_says_what_it_holds_and_is_verified_with_nothing_else(desk: Desk, tmp_path: Path) -> None:
    done = desk("export", "-t", "acme")
    assert (done.exit_code, done.stderr.strip()) == (0, "21 entries, 3 sealed days, 5 outcomes.")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [it["kind"] for it in lines] == [
        "header",
        *["entry"] * 9,
        *["head"] * 2,
        *["entry"] * 8,
        "head",
        *["entry"] * 4,
        *["outcome"] * 5,
        "trailer",
    ]
    file = tmp_path / "elsewhere.jsonl"
    file.write_text(done.stdout, encoding="utf-8")
    for path in (desk.folder / "actonce.db", desk.folder / "sealing-key.pem"):
        path.rename(f"{path}.away")
    told = desk.ok("export", "--verify", str(file))
    assert "Verified: 21 entries of acme. 5 outcomes stand beside them; nobody signs those." in told
    assert "Sealed: 3 days, from 2026-11-20 through 2026-11-22." in told
    assert "compare it, or give --public-key" in told


def test_only_the_key_that_is_given_is_trusted(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "file.jsonl"
    file.write_text(desk.ok("export", "-t", "acme"), encoding="utf-8")
    ours, other = tmp_path / "ours.pem", tmp_path / "other.pem"
    ours.write_text(FileHeadSigner(tmp_path / "sealing-key.pem").public_key().pem, encoding="ascii")
    other.write_text(memory().signer.public_key().pem, encoding="ascii")
    assert "Signed by" not in desk.ok("export", "--verify", str(file), "--public-key", str(ours))
    done = desk("export", "--verify", str(file), "--public-key", str(other))
    assert (done.exit_code, done.stdout.count("a key that is not trusted")) == (5, 3)


def test_an_export_of_some_days_verifies_too(desk: Desk) -> None:
    lines = lines_of(desk, "--from", "2026-11-21", "--to", "2026-11-22")
    assert [it["kind"] for it in lines] == ["header", "head", *["entry"] * 8, "head", *["outcome"] * 2, "trailer"]
    assert faults(lines) == []
    assert faults(lines_of(desk, "--to", "2026-11-20")) == []
    assert len(faults([it for it in lines if it.get("sequence") != 3])) > 1
    assert desk("export", "-t", "acme", "--from", "2026-11-22", "--to", "2026-11-20").exit_code == 2


def test_every_line_that_is_missing_twice_there_or_elsewhere_shows(desk: Desk) -> None:
    lines = lines_of(desk)
    assert faults(lines) == []
    for place in range(len(lines)):
        assert faults(lines[:place] + lines[place + 1 :]) != [], place
        assert faults(lines[: place + 1] + lines[place:]) != [], place
        if place:
            assert faults([*lines[: place - 1], lines[place], lines[place - 1], *lines[place + 1 :]]) != [], place


def test_every_changed_field_of_every_line_shows(desk: Desk) -> None:
    lines = lines_of(desk)
    for place, line in enumerate(lines):
        for name, value in line.items():
            other: Any = value + 1 if isinstance(value, int) else "x" if isinstance(value, str | None) else {}
            assert faults([*lines[:place], {**line, name: other}, *lines[place + 1 :]]) != [], (place, name)


def test_a_fault_is_located_even_where_the_trailer_is_made_anew(desk: Desk) -> None:
    lines = lines_of(desk)
    sealed, open_ = lines[3], lines[-7]
    assert open_["kind"] == "entry"
    for line in (sealed, open_):
        body = line["body"].replace("{", "{ ", 1)
        found = faults([{**it, "body": body} if it is line else it for it in lines])
        assert f"{line['subject']}: entry {line['sequence']} was changed" in found
    without = faults([it for it in lines if it is not sealed])
    assert any(f"entry {sealed['sequence']} is missing" in it for it in without)
    assert any("entries of 2026-11-20 are here, but 9 were sealed" in it for it in without)


@pytest.mark.parametrize("since", [None, "2026-11-20", "2026-11-22", "soon"])
def test_an_export_whose_first_days_are_cut_off_shows_it(desk: Desk, since: str | None) -> None:
    lines = lines_of(desk)
    first = next(place for place, it in enumerate(lines) if it["kind"] == "head")
    found = faults(anew([{**lines[0], "since": since}, *lines[first + 1 :]]))
    assert "the heads before 2026-11-21 are missing" in found


def test_an_entry_of_a_day_before_that_on_which_the_export_begins_shows(desk: Desk) -> None:
    lines = lines_of(desk)
    before = next(it for it in lines if it["kind"] == "entry")
    later = lines_of(desk, "--from", "2026-11-21")
    found = faults(anew([later[0], before, *later[1:]]))
    assert f"{before['subject']}: entry {before['sequence']} is of a day before 2026-11-21" in found


def test_an_outcome_of_another_tenant_shows(desk: Desk) -> None:
    lines = lines_of(desk)
    place = next(place for place, it in enumerate(lines) if it["kind"] == "outcome")
    lines[place]["outcome"]["tenant_id"] = "other"
    assert faults(anew(lines)) == [f"line {place + 1} is an outcome of another tenant"]


def test_entries_under_no_head_at_all_are_nothing_that_a_given_key_stands_for(desk: Desk, tmp_path: Path) -> None:
    lines = anew([it for it in lines_of(desk) if it["kind"] != "head"])
    assert faults(lines) == []
    ours = tmp_path / "ours.pem"
    ours.write_text(FileHeadSigner(tmp_path / "sealing-key.pem").public_key().pem, encoding="ascii")
    file = tmp_path / "file.jsonl"
    file.write_text("".join(compact(it) + "\n" for it in lines), encoding="utf-8")
    done = desk("export", "--verify", str(file), "--public-key", str(ours))
    assert (done.exit_code, "no day is sealed" in done.stdout) == (5, True)


@pytest.mark.parametrize("at_ms", [10**30, -(10**30), 2**53 + 1])
def test_a_stamp_that_no_clock_shows_is_named_by_its_line(desk: Desk, at_ms: int) -> None:
    lines = lines_of(desk)
    place = max(place for place, it in enumerate(lines) if it["kind"] == "entry")
    lines[place]["at_ms"] = at_ms
    assert f"line {place + 1} is none of an export" in faults(lines)


def test_half_a_character_is_named_by_its_line(desk: Desk) -> None:
    text = desk.ok("export", "-t", "acme").replace('"body":"{', '"body":"\\ud800{', 1)
    found: list[str] = []
    check_export(io.BytesIO(text.encode()), [], found.append)
    assert "line 2 is none of an export" in found


@pytest.mark.parametrize("octets", [b"", b"\n", b"{}\n", b"\xff\xfe", b"[" * 10_000, b'{"kind":"header"}\n'])
def test_what_is_no_export_is_said_and_nothing_worse(octets: bytes) -> None:
    found: list[str] = []
    assert check_export(io.BytesIO(octets), [], found.append).faults == len(found) > 0


def test_octets_that_are_damaged_anywhere_show(desk: Desk) -> None:
    whole = desk.ok("export", "-t", "acme").encode()
    dice = random.Random(7)
    for _ in range(150):
        place = dice.randrange(len(whole))
        damaged = whole[:place] + bytes([whole[place] ^ (1 << dice.randrange(8))]) + whole[place + 1 :]
        found: list[str] = []
        check_export(io.BytesIO(damaged), [], found.append)
        assert found, place


def test_a_tenant_of_whom_there_is_nothing_has_an_export_of_nothing(desk: Desk) -> None:
    assert [json.loads(it)["kind"] for it in desk.ok("export", "-t", "nobody").splitlines()] == ["header", "trailer"]


def test_on_aws_the_ledger_is_sealed_verified_and_exported_by_the_same_words(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("moto")
    desk = an_aws_desk(tmp_path, None)
    desk.ok("publish", desk.events(event(1)))
    desk.ok("cancel", "intent-1", "-t", "tenant-1", "-a", "account-1")
    assert desk.ok("ledger", "seal").strip() == "0 days sealed."
    assert "No day is sealed" in desk.ok("ledger", "verify")
    file = tmp_path / "file.jsonl"
    file.write_text(desk.ok("export", "-t", "tenant-1"), encoding="utf-8")
    assert "Verified: 2 entries of tenant-1. 1 outcomes stand beside them" in desk.ok("export", "--verify", str(file))


def test_the_command_line_seals_and_names_what_was_taken_away_since(tmp_path: Path) -> None:
    (tmp_path / "actonce.toml").write_text("[timing]\nseal_margin_ms = 1\n", encoding="utf-8")
    desk = Desk(tmp_path)
    database = Database(tmp_path / "actonce.db")
    archive = Archive(SqliteExecutions(database), SqliteLedger(database))
    filled(archive, [1])
    database.close()
    assert "No day is sealed" in desk.ok("ledger", "verify")
    assert not (tmp_path / "sealing-key.pem").exists()
    assert desk.ok("ledger", "seal", "--limit", "1").startswith("1 days sealed.")
    assert "Sealed: 1 days of 1 tenants, of all of them through 2026-11-20." in desk.ok("ledger", "verify")
    assert "through 2026-11-20" in desk.ok("ledger", "verify", "--heads", str(tmp_path / "heads"))
    assert "No day is sealed" in desk.ok("ledger", "verify", "--heads", str(tmp_path / "other"))
    connection = sqlite3.connect(tmp_path / "actonce.db")
    connection.executescript("DELETE FROM ledger; DELETE FROM attempts;")
    connection.close()
    done = desk("ledger", "verify", "-t", "acme")
    assert (done.exit_code, done.stdout.count("which was sealed, is missing")) == (5, 4)
