"""A ledger of two hundred entries, sealed; every change of it is found and located."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.aws import items
from adapters.aws.tables import ATTEMPTS, LEDGER
from adapters.sqlite.chains import ledger_rows
from adapters.sqlite.database import Database
from adapters.sqlite.executions import SqliteExecutions
from adapters.sqlite.ledger import SqliteLedger
from core.domain.attempt import ChainHead
from core.domain.ledger import Chain, LedgerEntry, LedgerEvent, seal
from core.domain.sealing import DAY_MS
from tests.contract.dynamo import Stores, made, stores
from tests.emulators import clients
from tests.unit.sealing import FIRST_DAY, START_MS, Archive, filled
from tests.unit.tampering import Tampering, all_of, is_named

INTENTS = (5, 0, 5)
"""On each of three days; four entries of each, and for the rest refusals on the first."""
ENTRIES = 200
DELETE = "DELETE FROM ledger WHERE tenant_id = ? AND subject = ? AND sequence = ?"
INSERT = "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
SAMPLED = 37
"""Every so many of the ways, a prime, so that each kind comes up."""


def whole(archive: Archive, count: int = ENTRIES) -> list[LedgerEntry]:
    """Fill and seal; return what there is, chain by chain."""
    filled(archive, INTENTS)
    for number in range(count - 4 * sum(INTENTS)):
        archive.refuse(number % 6, START_MS + number * 1_000, body=str(number))
    archive.seal_all(3)
    assert archive.told() == []
    entries = [it for chain, _ in archive.ledger.chains(None) for it in archive.ledger.entries(chain)]
    assert len(entries) == count
    return entries


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "store.db")
    yield opened
    opened.close()


@pytest.fixture
def archive(database: Database) -> Archive:
    return Archive(SqliteExecutions(database), SqliteLedger(database))


@pytest.fixture
def file(database: Database, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file as somebody who has it in his hands."""
    connection = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    yield connection
    connection.close()


def written(connection: sqlite3.Connection, out: tuple[LedgerEntry, ...], into: tuple[LedgerEntry, ...]) -> None:
    connection.execute("BEGIN")
    for entry in out:
        connection.execute(DELETE, (entry.chain.tenant_id, entry.chain.subject, entry.sequence))
    connection.executemany(INSERT, ledger_rows(into))
    connection.execute("COMMIT")


@pytest.mark.timeout(600)
def test_every_change_deletion_insertion_and_swap_is_found_and_located(
    archive: Archive, file: sqlite3.Connection
) -> None:
    entries = whole(archive)
    ways = list(all_of(entries))
    assert len(ways) > 12 * ENTRIES
    unseen: list[str] = []
    for way in ways:
        written(file, way.out, way.into)
        told = archive.told("acme")
        written(file, way.into, way.out)
        if not is_named(way.named, told):
            unseen.append(f"{way.name}: {told}")
    assert unseen == []
    assert archive.told() == []


@pytest.mark.parametrize(
    ("column", "value"), [("event", "BOGUS"), ("at_ms", "noon"), ("body", b"\xff"), ("sha256", 7.5), ("previous", 0)]
)
def test_what_is_no_entry_any_more_is_located_too(
    archive: Archive, file: sqlite3.Connection, column: str, value: object
) -> None:
    entry = whole(archive)[9]
    file.execute(
        f"UPDATE ledger SET {column} = ? WHERE subject = ? AND sequence = ?",
        (value, entry.chain.subject, entry.sequence),
    )
    told = archive.told()
    assert any(f"acme {entry.chain.subject}: " in it and f"entry {entry.sequence} " in it for it in told), told


def test_an_entry_of_no_sequence_is_located(archive: Archive, file: sqlite3.Connection) -> None:
    entry = whole(archive)[0]
    file.execute(
        "UPDATE ledger SET sequence = 'first' WHERE subject = ? AND sequence = ?",
        (entry.chain.subject, entry.sequence),
    )
    assert is_named(((entry.chain.subject, entry.sequence),), archive.told())


def test_a_chain_that_is_gone_with_its_row_and_a_chain_that_was_made_up_are_located(
    archive: Archive, file: sqlite3.Connection
) -> None:
    entries = whole(archive)
    gone = entries[0].chain
    account, intent = gone.subject.split("/")
    file.execute("DELETE FROM ledger WHERE tenant_id = ? AND subject = ?", (gone.tenant_id, gone.subject))
    file.execute("DELETE FROM attempts WHERE account_id = ? AND intent_id = ?", (account, intent))
    archive.refuse(77, START_MS + DAY_MS)
    told = archive.told()
    assert all(is_named(((gone.subject, number),), told) for number in (1, 2, 3, 4))
    assert is_named((("account-1/intent-77#refused", 1),), told)
    assert len(told) == 5


@pytest.fixture
def on_dynamo(request: pytest.FixtureRequest) -> Iterator[Stores]:
    request.getfixturevalue("moto")
    with made(clients.dynamodb(None)) as tables:
        yield stores(tables)


@pytest.mark.timeout(600)
def test_a_sample_of_the_ways_is_found_and_located_on_dynamodb(on_dynamo: Stores) -> None:
    archive = Archive(on_dynamo.executions, on_dynamo.ledger)
    entries = whole(archive, 64)
    ways = list(all_of(entries))[::SAMPLED]
    unseen: list[str] = []
    for way in ways:
        changed = replaced(on_dynamo, entries, way)
        told = archive.told("acme")
        restore(on_dynamo, changed)
        if not is_named(way.named, told):
            unseen.append(f"{way.name}: {told}")
    assert len(ways) > 20
    assert unseen == []
    assert archive.told() == []


Rows = dict[tuple[str, str], Any]


def replaced(on: Stores, entries: list[LedgerEntry], way: Tampering) -> Rows:
    """Write each entry into an item of its own where something is changed; return what stood there before."""
    client, table = on.tables.client, on.tables.name(LEDGER)
    touched = {it.chain for it in (*way.out, *way.into)}
    before: Rows = {}
    kept = [it for it in entries if it.chain in touched and it not in way.out]
    for item in client.scan(TableName=table)["Items"]:
        if item["pk"]["S"] in {f"TENANT#{it.tenant_id}#INTENT#{it.subject}" for it in touched}:
            before[item["pk"]["S"], item["sk"]["S"]] = item
            client.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
    for entry in (*kept, *way.into):
        (item,) = items.ledger_items([entry])
        before.setdefault((item["pk"]["S"], item["sk"]["S"]), None)
        client.put_item(TableName=table, Item=item)
    return before


def restore(on: Stores, before: Rows) -> None:
    client, table = on.tables.client, on.tables.name(LEDGER)
    for (pk, sk), item in before.items():
        client.delete_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})
        if item is not None:
            client.put_item(TableName=table, Item=item)


def test_a_body_that_was_changed_is_found_even_where_its_chain_is_hidden_from_the_reading_of_chains(
    archive: Archive, file: sqlite3.Connection
) -> None:
    """The row of its attempt says that it is another, whose entries are as many of the same day."""
    whole(archive)
    rows = file.execute("SELECT intent_id, body FROM attempts ORDER BY started_at_ms").fetchall()
    (victim, _), (_, other) = rows[0], rows[1]
    file.execute("UPDATE attempts SET body = ? WHERE intent_id = ?", (other, victim))
    subject = f"account-1/{victim}"
    assert any(f"acme {subject}: " in it for it in archive.told())
    file.execute("UPDATE ledger SET body = '{\"forged\":true}' WHERE subject = ?", (subject,))
    assert is_named(tuple((subject, it) for it in (1, 2, 3, 4)), archive.told())


def made_up(at_ms: int) -> LedgerEntry:
    chain = Chain("acme", "account-1/made-up")
    return seal(chain, ChainHead(), LedgerEvent.ACTION_EXECUTED, at_ms, {"forged": True})


def test_a_chain_that_was_made_up_before_all_time_is_counted(archive: Archive, file: sqlite3.Connection) -> None:
    whole(archive)
    file.executemany(INSERT, ledger_rows([made_up(-(2**60))]))
    assert archive.told() == [f"acme heads: the chains hold 1 entries before {FIRST_DAY}, the first sealed day"]


def test_a_chain_that_was_made_up_before_the_first_sealed_day_and_is_in_no_index_is_counted(
    on_dynamo: Stores,
) -> None:
    archive = Archive(on_dynamo.executions, on_dynamo.ledger)
    whole(archive, 64)
    (item,) = items.ledger_items([made_up(START_MS - 5 * DAY_MS)])
    del item["tenant_shard"]
    on_dynamo.tables.client.put_item(TableName=on_dynamo.tables.name(LEDGER), Item=item)
    assert archive.told() == [f"acme heads: the chains hold 1 entries before {FIRST_DAY}, the first sealed day"]


def test_a_chain_that_is_left_out_is_found_where_as_many_forged_entries_stand_for_it(on_dynamo: Stores) -> None:
    archive = Archive(on_dynamo.executions, on_dynamo.ledger)
    entries = whole(archive, 64)
    client, attempts, ledger = on_dynamo.tables.client, on_dynamo.tables.name(ATTEMPTS), on_dynamo.tables.name(LEDGER)
    victim = next(it.chain for it in entries if "#" not in it.chain.subject)
    mine = [it for it in entries if it.chain == victim]
    for row in client.scan(TableName=attempts)["Items"]:
        if row["sk"]["S"].endswith(victim.subject.split("/")[1]):
            del row["tenant_shard"]
            client.put_item(TableName=attempts, Item=row)
    last = [it for it in entries if it.chain.subject.endswith("#refused")][-1]
    head = ChainHead(last.sequence, last.sha256)
    for entry in mine:
        forged = seal(last.chain, head, LedgerEvent.PAYLOAD_CONFLICT, entry.at_ms, {"forged": True})
        head = ChainHead(forged.sequence, forged.sha256)
        (item,) = items.ledger_items([forged])
        del item["tenant_shard"]
        client.put_item(TableName=ledger, Item=item)
    assert archive.told("acme") == [
        f"acme heads: the chains hold as many entries of {FIRST_DAY} as were sealed, but others"
    ]
    changed = [it for it in client.scan(TableName=ledger)["Items"] if it["pk"]["S"].endswith("#" + victim.subject)]
    for row in changed:
        for one in row["entries"]["L"]:
            one["M"]["body"] = {"S": '{"forged":true}'}
        client.put_item(TableName=ledger, Item=row)
    assert is_named(tuple((victim.subject, it.sequence) for it in mine), archive.told("acme"))
