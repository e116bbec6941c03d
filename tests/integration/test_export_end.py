"""An export that ends between two clocks is whole, and what was deleted shows there as anywhere else."""

from __future__ import annotations

import hashlib
import io
import json
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
from tests.contract.head_backends import Vault
from tests.contract.samples import claimed, intent, key, settled
from tests.integration.desk import Desk
from tests.unit.sealing import START_MS, Archive

SKEW_MS = 2_000
MIDNIGHT_MS = START_MS + 2 * DAY_MS
CHAIN = "account-1/intent-7"
COUNTED = {"entries": "entry", "heads": "head", "outcomes": "outcome"}
Lines = list[dict[str, Any]]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Two days that are sealed; on the second an action ended that began on the third, by its worker's fast clock."""
    (tmp_path / "actonce.toml").write_text("", encoding="utf-8")
    database = Database(tmp_path / "actonce.db")
    vault = Vault(
        FileLedgerHeads(tmp_path / "heads"),
        FileLedgerRolls(tmp_path / "heads"),
        FileHeadSigner(tmp_path / "sealing-key.pem"),
    )
    archive = Archive(SqliteExecutions(database), SqliteLedger(database), vault, FakeClock(START_MS))
    archive.write(1, START_MS)
    began = claimed(intent(key("intent-7", tenant="acme")), now_ms=MIDNIGHT_MS + SKEW_MS - 1)
    archive.executions.commit(began)
    archive.executions.commit(settled(began.execution, now_ms=MIDNIGHT_MS - 1))
    archive.write(9, MIDNIGHT_MS + 1)
    assert archive.seal_all(2) == 2
    yield Desk(tmp_path)
    database.close()


def exported(desk: Desk) -> Lines:
    told = desk.ok("export", "-t", "acme", "--to", "2026-11-21")
    return [json.loads(line) for line in told.splitlines()]


def faults(lines: Lines) -> list[str]:
    """What is found in a file of these lines, under a trailer that fits them."""
    kept = [it for it in lines if it["kind"] != "trailer"]
    counts = {name: sum(it["kind"] == kind for it in kept) for name, kind in COUNTED.items()}
    text = "".join(compact(it) + "\n" for it in kept)
    trailer = {"kind": "trailer", **counts, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    found: list[str] = []
    check_export(io.BytesIO(f"{text}{compact(trailer)}\n".encode()), [], found.append)
    return found


def test_what_an_entry_follows_is_in_the_file_though_its_clock_was_past_the_end(desk: Desk) -> None:
    lines = exported(desk)
    assert faults(lines) == []
    assert [it["sequence"] for it in lines if it.get("subject") == CHAIN] == [3, 4, 1, 2]
    assert not any("intent-9" in it.get("subject", "") for it in lines)


def test_whatever_is_taken_out_shows_but_the_last_entries_of_what_is_not_sealed(desk: Desk) -> None:
    lines = exported(desk)
    for place, line in enumerate(lines):
        if line["kind"] == "entry":
            assert faults(lines[:place] + lines[place + 1 :]) != [], place
    for sequence in (1, 2):
        without = [it for it in lines if (it.get("subject"), it.get("sequence")) != (CHAIN, sequence)]
        assert f"{CHAIN}: entry {sequence} is missing" in faults(without)


@pytest.mark.parametrize("named", [{"through": "2026-11-20"}, {"through": None}, {"made_at_ms": MIDNIGHT_MS}])
def test_nothing_that_a_file_says_of_its_end_excuses_what_is_missing(desk: Desk, named: dict[str, Any]) -> None:
    header, *rest = exported(desk)
    assert faults([header | named, *(it for it in rest if it.get("sequence") != 2)]) != []
    of_the_end = [it for it in rest if (it.get("subject"), it.get("sequence")) != (CHAIN, 1)]
    assert faults([header | named, *of_the_end]) == [f"{CHAIN}: entry 1 is missing"]


def test_a_sealed_entry_that_is_moved_behind_the_end_shows(desk: Desk) -> None:
    lines = exported(desk)
    last = max(place for place, it in enumerate(lines) if it["kind"] == "entry")
    for place in (place for place, it in enumerate(lines[: last - 1]) if it["kind"] == "entry"):
        moved = [*lines[:place], *lines[place + 1 : last + 1], lines[place], *lines[last + 1 :]]
        found = faults(moved)
        assert any("comes after the head of its day" in it for it in found), place
        assert any("are here, but" in it for it in found), place


def test_what_was_deleted_from_the_ledger_itself_is_missing_at_the_end_too(desk: Desk) -> None:
    with sqlite3.connect(desk.folder / "actonce.db") as connection:
        gone = connection.execute("DELETE FROM ledger WHERE subject = ? AND sequence = 2", (CHAIN,)).rowcount
    connection.close()
    assert gone == 1
    assert faults(exported(desk)) == [f"{CHAIN}: entry 2 is missing"]
