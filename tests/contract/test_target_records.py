"""Target records: each change is judged by the version before it, and our own write is known again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.memory.target_records import MemoryTargetRecords
from core.domain.answer import Applied, ObjectRef, Unknown
from core.domain.canonical import text_digest
from core.domain.changing import changed
from core.domain.contract import EffectContract, Terms
from core.domain.keys import IntentKey
from core.domain.request import Request
from core.domain.serving import RecordMovedError, TargetRecord, opened, settled, with_next_send
from ports.target_records import TargetRecords
from tests.contract.conftest import DYNAMO
from tests.contract.dynamo import made, stores
from tests.emulators import clients

AT_MS = 1_900_000_000_000
KEY = IntentKey("acme", "account-1", "intent-1")


def a_record(key: IntentKey = KEY, tool: str = "crm.create_task", effect_key: str = "a" * 64) -> TargetRecord:
    arguments = '{"title":"Call them"}'
    terms = Terms(EffectContract.CLIENT_ID, settle_delay_ms=7, absence_proof_ms=9)
    request = Request(key, tool, "", 0, effect_key, arguments, text_digest(arguments), 5_000, terms)
    return TargetRecord(with_next_send(opened(request, '{"v":1}', AT_MS), AT_MS + 5_000, AT_MS), 1, "nonce-1")


def after(record: TargetRecord, nonce: str = "nonce-2") -> TargetRecord:
    answer = Applied((ObjectRef("crm", "task", "7", "https://crm.example/7"),), '{"id":"7"}')
    return TargetRecord(settled(record.effect, 1, answer, AT_MS + 1), record.version + 1, nonce)


@pytest.fixture(params=["memory", *(pytest.param(name, marks=pytest.mark.service) for name in DYNAMO)])
def records(request: pytest.FixtureRequest) -> Iterator[TargetRecords]:
    """A target runs as a function only, so SQLite keeps none of its records."""
    if request.param == "memory":
        yield MemoryTargetRecords()
        return
    with made(clients.dynamodb(request.getfixturevalue(request.param))) as tables:
        yield stores(tables).target_records


def test_a_record_comes_back_whole(records: TargetRecords) -> None:
    first = a_record()
    records.keep(first)
    assert records.read(first.place) == first
    records.keep(after(first))
    assert records.read(first.place) == after(first)


def test_there_is_none_before_it_is_kept_nor_elsewhere(records: TargetRecords) -> None:
    record = a_record()
    records.keep(record)
    others = [
        a_record(key=IntentKey("other", "account-1", "intent-1")),
        a_record(key=IntentKey("acme", "account-2", "intent-1")),
        a_record(tool="crm.delete_task"),
        a_record(effect_key="b" * 64),
    ]
    assert [records.read(it.place) for it in others] == [None] * 4


def test_the_second_first_record_is_told_who_was_faster(records: TargetRecords) -> None:
    records.keep(a_record())
    with pytest.raises(RecordMovedError) as moved:
        records.keep(changed(a_record(), nonce="nonce-of-another"))
    assert moved.value.existing == a_record()


def test_a_change_judged_on_an_older_version_is_refused(records: TargetRecords) -> None:
    first = a_record()
    records.keep(first)
    records.keep(after(first))
    late = TargetRecord(settled(first.effect, 1, Unknown("late"), AT_MS + 2), 2, "nonce-3")
    with pytest.raises(RecordMovedError) as moved:
        records.keep(late)
    assert moved.value.existing == after(first)
    assert records.read(first.place) == after(first)


def test_a_change_of_what_is_not_there_is_refused(records: TargetRecords) -> None:
    with pytest.raises(RecordMovedError) as moved:
        records.keep(after(a_record()))
    assert moved.value.existing is None


def test_our_own_write_once_more_is_no_conflict(records: TargetRecords) -> None:
    first = a_record()
    records.keep(first)
    records.keep(first)
    records.keep(after(first))
    records.keep(after(first))
    assert records.read(first.place) == after(first)


def test_of_many_at_once_exactly_one_is_first(records: TargetRecords) -> None:
    def keep(number: int) -> bool:
        try:
            records.keep(changed(a_record(), nonce=f"nonce-{number}"))
        except RecordMovedError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(keep, range(12)))
    assert won.count(True) == 1
    held = records.read(a_record().place)
    assert held is not None
    assert held.nonce == f"nonce-{won.index(True)}"
