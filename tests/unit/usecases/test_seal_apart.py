"""Sealing many tenants: what is wrong with one, or old of one, is no matter of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.memory.store import MemoryExecutions, MemoryLedger, MemoryStore
from core.domain.errors import LedgerUnreadableError
from ports.wire.head_names import head_name
from tests.contract.head_backends import files
from tests.unit.sealing import FIRST_DAY, HOUR_MS, START_MS, Archive


@pytest.fixture
def archive() -> Archive:
    store = MemoryStore()
    return Archive(MemoryExecutions(store), MemoryLedger(store))


def test_one_old_stamp_keeps_nobody_else_waiting(archive: Archive) -> None:
    archive.write(1, 1_000, tenant="acme")
    archive.write(2, START_MS, tenant="beta")
    archive.at(2, 2 * HOUR_MS)
    done = archive.seal()(limit=20)
    assert (done.days, [it.head.day for it in archive.vault.heads.since("beta", None)]) == (
        20,
        [FIRST_DAY, FIRST_DAY + timedelta(days=1)],
    )


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(9000, 1, 1), date(9999, 12, 31)])
def test_a_head_of_a_day_that_is_not_over_is_trouble_of_its_tenant_alone(archive: Archive, day: date) -> None:
    for tenant in ("acme", "beta"):
        archive.write(1, START_MS, tenant=tenant)
    archive.seal_all(1)
    (standing,) = archive.vault.heads.since("acme", None)
    archive.vault.heads.keep(replace(standing, head=replace(standing.head, day=day)))
    archive.at(2, 2 * HOUR_MS)
    done = archive.seal()()
    assert [(tenant, type(trouble)) for tenant, trouble in done.troubles] == [("acme", LedgerUnreadableError)]
    assert (done.days, len(list(archive.vault.heads.since("beta", None)))) == (1, 2)
    assert any(it.startswith("acme heads: the heads between") for it in archive.told())


def test_a_head_of_another_tenant_is_nothing_to_seal_on_from(tmp_path: Path) -> None:
    store = MemoryStore()
    archive = Archive(MemoryExecutions(store), MemoryLedger(store), files(tmp_path))
    for tenant in ("acme", "beta"):
        archive.write(1, START_MS, tenant=tenant)
    archive.seal_all(1)
    mine, other = (tmp_path / "heads" / head_name(it, FIRST_DAY) for it in ("acme", "beta"))
    mine.unlink()
    mine.write_bytes(other.read_bytes())
    archive.at(2, 2 * HOUR_MS)
    done = archive.seal()()
    assert (done.days, [(it, str(trouble)) for it, trouble in done.troubles]) == (
        1,
        [("acme", "The newest head of acme is of another tenant.")],
    )
