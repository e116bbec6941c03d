"""How rates, counts and sizes become parts; nothing is timed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from benchmarks import growth, memory, startup, throughput
from benchmarks.assembly import Embedded
from benchmarks.bare import Bare
from benchmarks.copies import Copies
from benchmarks.dbos_steps import intent, invoke, map_tool, record, tell, validate
from benchmarks.growth import Grown, key_of
from benchmarks.part import Verdict

RATES = {
    throughput.FLOOR: [1_000.0, 2_000.0],
    throughput.GROUPED: [10_000.0, 10_000.0],
    "actonce, 1 worker": [600.0, 1_000.0],
    "actonce, 8 workers": [900.0, 1_500.0],
    "actonce, 32 workers": [1_800.0, 3_000.0],
}
PEERS = {
    "DBOS, default, 1 worker": [50.0, 100.0],
    "DBOS, default, 8 workers": [50.0, 100.0],
    "DBOS, WAL, 1 worker": [100.0, 200.0],
    "DBOS, WAL, 8 workers": [200.0, 500.0],
}


def test_each_contender_is_next_to_its_floor_and_the_peer_of_the_same_round() -> None:
    parts = {(it.name, it.of): it for it in throughput.parts(RATES | PEERS)}
    assert parts["actonce, 1 worker", throughput.FLOOR].ratios == [0.6, 0.5]
    assert parts["actonce, 1 worker", "DBOS, default, 1 worker"].verdict(is_short=False) is Verdict.MET
    assert parts["actonce, 8 workers", "DBOS, WAL, 8 workers"].ratios == [4.5, 3.0]
    assert parts["actonce, 8 workers", "DBOS, WAL, 8 workers"].verdict(is_short=False) is Verdict.MISSED


def test_without_the_peer_its_lines_say_what_to_install() -> None:
    missing = [it for it in throughput.parts(RATES) if it.missing]
    assert [it.name for it in missing] == list(PEERS)
    assert {it.missing for it in missing} == {throughput.PEER_MISSING}


def test_the_peers_five_steps_make_the_outcome_of_an_action() -> None:
    told = tell(record(invoke(map_tool(validate(intent("intent-1"))))))
    assert '"external_object_refs": ["intent-1"]' in told
    with pytest.raises(LookupError, match="title"):
        validate({"intent_id": "intent-1", "parameters": {}})


def test_a_start_is_next_to_the_baseline_and_so_is_what_is_built_with_the_same_goal() -> None:
    counts = {
        startup.BASELINE: 1_000_000_000,
        "entrypoints.relay": 1_900_000_000,
        "entrypoints.relay, built": 2 * 10**9,
    }
    base, imported, built = startup.parts(counts)
    assert base.values == (1_000.0,)
    assert (imported.ratio, imported.verdict(is_short=False)) == (1.9, Verdict.MISSED)
    assert (built.ratio, built.goal) == (2.0, startup.GOAL)


def test_each_size_is_next_to_the_smallest_of_the_same_round() -> None:
    seen = {("a status", growth.SMALLEST): [1.0, 2.0], ("a status", 10_000): [1.2, 4.0]}
    smallest, larger = growth.parts(seen)
    assert smallest.ratio is None
    assert (larger.ratios, larger.size) == ([1.2, 2.0], 10_000)
    assert larger.verdict(is_short=False) is Verdict.MISSED


def test_memory_is_flat_within_a_tenth() -> None:
    assert memory.parts((10, 100), 60.0, 66.0)[1].verdict(is_short=False) is Verdict.MET
    assert memory.parts((10, 100), 60.0, 67.0)[1].verdict(is_short=False) is Verdict.MISSED


def test_a_worker_carries_all_of_them_out_and_says_what_it_holds_at_both_points(tmp_path: Path) -> None:
    first, last = memory.worker((3, 7), tmp_path)
    assert min(first, last) > 1


def test_copies_are_executions_that_load_list_and_verify_as_any_other(tmp_path: Path) -> None:
    grown = Grown(tmp_path, 100)
    assert grown.statuses(10) > 0
    assert len({key_of(number) for number in range(10_000)}) == 10_000
    grown.close()
    connection = sqlite3.connect(tmp_path / "store.db")
    counts = {it: connection.execute(f"SELECT count(*) FROM {it}").fetchone()[0] for it in growth_tables()}
    ((fingerprints,),) = connection.execute("SELECT count(DISTINCT fingerprint) FROM intents")
    connection.close()
    assert counts == dict.fromkeys(growth_tables(), 100 + growth.WARM_UP) | {"ledger": 4 * (100 + growth.WARM_UP)}
    assert fingerprints == 100 + growth.WARM_UP


def growth_tables() -> tuple[str, ...]:
    return ("intents", "attempts", "effects", "outcomes", "ledger")


def test_a_copy_names_nothing_of_its_sample(tmp_path: Path) -> None:
    sample = tmp_path / "sample"
    sample.mkdir()
    embedded = Embedded(sample)
    embedded.fill(1)
    embedded.work(1)
    embedded.close()
    connection = sqlite3.connect(sample / "store.db")
    ((intent_id, fingerprint),) = connection.execute("SELECT intent_id, fingerprint FROM intents")
    connection.close()
    text = str(Copies(sample / "store.db").of(key_of(7), 7))
    assert intent_id not in text
    assert fingerprint not in text
    assert key_of(7).intent_id in text


@pytest.mark.parametrize("group", [1, 3, 32])
def test_the_floor_writes_every_row_however_its_commits_are_grouped(tmp_path: Path, group: int) -> None:
    bare = Bare(tmp_path)
    bare.work(7, group)
    bare.close()
    connection = sqlite3.connect(tmp_path / "bare.db")
    ((ended,),) = connection.execute("SELECT count(*) FROM attempts WHERE status = 'SUCCEEDED'")
    ((told,),) = connection.execute("SELECT count(*) FROM outbox")
    connection.close()
    assert (ended, told) == (7, 7)
