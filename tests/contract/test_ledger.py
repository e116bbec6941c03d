from collections.abc import Iterable

from core.domain.ledger import Chain, LedgerEntry, verify
from core.domain.switches import Switch
from tests.contract.backends import Backend
from tests.contract.samples import NOW_MS, claimed, intent, key, refusal, settled


def test_every_chain_is_found_and_verifies(backend: Backend) -> None:
    for tenant in ("acme", "other"):
        first = claimed(intent(key(tenant=tenant)))
        backend.executions.commit(first)
        backend.executions.commit(settled(first.execution))
        backend.executions.refuse(refusal(of=key(tenant=tenant)))
        backend.kill_switches.open(Switch(tenant), operator="ada", reason="new", at_ms=NOW_MS)
    found = dict(backend.ledger.chains(None))
    assert {it.subject for it in found if it.tenant_id == "acme"} == {
        "account-1/intent-1",
        "account-1/intent-1#refused",
        "switches",
    }
    assert len(found) == 6
    for chain, head in found.items():
        assert verify(backend.ledger.entries(chain), head) is None


def test_only_an_intents_own_chain_has_a_head(backend: Backend) -> None:
    change = claimed()
    backend.executions.commit(change)
    backend.executions.refuse(refusal())
    heads = dict(backend.ledger.chains("acme"))
    assert heads[Chain("acme", "account-1/intent-1")] == change.execution.attempt.head
    assert heads[Chain("acme", "account-1/intent-1#refused")] is None


def test_chains_are_found_by_tenant(backend: Backend) -> None:
    for tenant in ("acme", "acme2"):
        backend.executions.commit(claimed(intent(key(tenant=tenant))))
    assert [it.tenant_id for it, _ in backend.ledger.chains("acme")] == ["acme"]


def test_more_chains_than_one_read_returns_are_all_found(backend: Backend) -> None:
    for number in range(backend.many):
        backend.executions.refuse(refusal(of=key(f"intent-{number}")))
    assert len({chain for chain, _ in backend.ledger.chains("acme")}) == backend.many


def places(entries: Iterable[LedgerEntry]) -> list[tuple[int, str, int]]:
    return [(it.at_ms, it.chain.subject, it.sequence) for it in entries]


def test_entries_are_found_by_tenant_and_time_in_order(backend: Backend) -> None:
    for number, at_ms in enumerate((NOW_MS + 200, NOW_MS, NOW_MS + 200, NOW_MS + 100)):
        backend.executions.refuse(refusal(of=key(f"intent-{number}"), at_ms=at_ms))
    backend.executions.refuse(refusal("again", of=key("intent-1"), at_ms=NOW_MS + 200))
    backend.executions.refuse(refusal(of=key(tenant="acme2"), at_ms=NOW_MS + 100))
    found = list(backend.ledger.between("acme", NOW_MS, NOW_MS + 201))
    assert places(found) == [
        (NOW_MS, "account-1/intent-1#refused", 1),
        (NOW_MS + 100, "account-1/intent-3#refused", 1),
        (NOW_MS + 200, "account-1/intent-0#refused", 1),
        (NOW_MS + 200, "account-1/intent-1#refused", 2),
        (NOW_MS + 200, "account-1/intent-2#refused", 1),
    ]
    assert found[3] == backend.ledger.entries(found[3].chain)[1]
    assert places(backend.ledger.between("acme", NOW_MS + 1, NOW_MS + 200)) == places(found[1:2])
    assert places(backend.ledger.between("other", 0, 2**53)) == []


def test_entries_of_one_transaction_are_found_one_after_the_other(backend: Backend) -> None:
    change = claimed()
    backend.executions.commit(change)
    backend.executions.commit(settled(change.execution))
    chain = Chain("acme", "account-1/intent-1")
    assert list(backend.ledger.between("acme", 0, 2**53)) == list(backend.ledger.entries(chain))


def test_more_entries_than_one_read_returns_are_all_found_by_time(backend: Backend) -> None:
    for number in range(backend.many):
        backend.executions.refuse(refusal(of=key(f"intent-{number:04d}"), at_ms=NOW_MS + number // 7))
    found = places(backend.ledger.between("acme", NOW_MS, NOW_MS + backend.many))
    assert len(found) == backend.many
    assert found == sorted(found)


def test_every_tenant_that_has_entries_is_known(backend: Backend) -> None:
    assert list(backend.ledger.tenants()) == []
    backend.executions.refuse(refusal(of=key(tenant="refused")))
    backend.executions.commit(claimed(intent(key(tenant="acme"))))
    backend.kill_switches.close(Switch(), operator="ada", reason="incident", at_ms=NOW_MS)
    assert list(backend.ledger.tenants()) == ["*", "acme", "refused"]
