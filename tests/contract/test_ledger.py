from core.domain.ledger import Chain, verify
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
