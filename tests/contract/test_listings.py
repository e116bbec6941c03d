from collections.abc import Callable

from core.domain.keys import IntentKey
from ports.listings import Page
from tests.contract.backends import Backend
from tests.contract.samples import NOW_MS, claimed, intent, key, parked, settled


def start(backend: Backend, of: IntentKey, *, at_ms: int = NOW_MS) -> None:
    backend.executions.commit(claimed(intent(of), now_ms=at_ms))


def walk(page_at: Callable[[str | None], Page]) -> list[str]:
    """Read page after page, and return the ids in the order shown."""
    shown: list[str] = []
    place: str | None = None
    for _ in range(20):
        page = page_at(place)
        shown += [it.attempt.key.intent_id for it in page.executions]
        place = page.next_place
        if place is None:
            return shown
    raise AssertionError("the listing does not end")


def test_an_account_is_listed_newest_first_page_by_page(backend: Backend) -> None:
    for number in range(7):
        start(backend, key(f"intent-{number}"), at_ms=NOW_MS + number)
    start(backend, key("stranger", account="account-2"))
    start(backend, key("stranger", tenant="other"))
    ids = walk(lambda place: backend.listings.by_account("acme", "account-1", limit=3, place=place))
    assert ids == [f"intent-{number}" for number in reversed(range(7))]


def test_a_tenant_is_listed_over_its_accounts_page_by_page(backend: Backend) -> None:
    for number in range(7):
        start(backend, key(f"intent-{number}", account=f"account-{number % 2}"), at_ms=NOW_MS + number)
    start(backend, key("stranger", tenant="other"))
    ids = walk(lambda place: backend.listings.by_tenant("acme", limit=2, place=place))
    assert ids == [f"intent-{number}" for number in reversed(range(7))]


def test_executions_of_one_moment_are_each_shown_once(backend: Backend) -> None:
    for number in range(4):
        start(backend, key(f"intent-{number}", account="account-1"))
        start(backend, key(f"intent-{number}", account="account-2"))
    of_account = walk(lambda place: backend.listings.by_account("acme", "account-1", limit=1, place=place))
    of_tenant = walk(lambda place: backend.listings.by_tenant("acme", limit=3, place=place))
    assert sorted(of_account) == [f"intent-{number}" for number in range(4)]
    assert len(of_tenant) == 8


def test_a_last_page_that_is_full_has_no_next_place(backend: Backend) -> None:
    for number in range(4):
        start(backend, key(f"intent-{number}"), at_ms=NOW_MS + number)
    assert backend.listings.by_account("acme", "account-1", limit=4, place=None).next_place is None


def test_an_empty_account_is_an_empty_page(backend: Backend) -> None:
    page = backend.listings.by_account("acme", "nobody", limit=10, place=None)
    assert (list(page.executions), page.next_place) == ([], None)


def test_a_listed_execution_is_whole(backend: Backend) -> None:
    first = claimed()
    second = settled(first.execution)
    backend.executions.commit(first)
    backend.executions.commit(second)
    assert backend.listings.by_tenant("acme", limit=1, place=None).executions == [second.execution]


def test_what_is_parked_is_found_by_tenant_and_for_the_installation(backend: Backend) -> None:
    for tenant in ("acme", "other"):
        first = claimed(intent(key(tenant=tenant)))
        backend.executions.commit(first)
        backend.executions.commit(parked(first.execution))
    start(backend, key("running"))
    assert [it.attempt.key.tenant_id for it in backend.listings.parked("acme", limit=10)] == ["acme"]
    assert len(backend.listings.parked(None, limit=10)) == 2
    assert len(backend.listings.parked(None, limit=1)) == 1


def test_what_is_parked_anywhere_is_shown_newest_first_whatever_the_tenants_name(backend: Backend) -> None:
    for number, tenant in enumerate(("zeta", "mid", "acme")):
        first = claimed(intent(key(tenant=tenant)), now_ms=NOW_MS + number)
        backend.executions.commit(first)
        backend.executions.commit(parked(first.execution, now_ms=NOW_MS + 100 + number))
    shown = [it.attempt.key.tenant_id for it in backend.listings.parked(None, limit=2)]
    assert shown == ["acme", "mid"]


def test_executions_are_counted_by_status(backend: Backend) -> None:
    for number in range(3):
        first = claimed(intent(key(f"intent-{number}")))
        backend.executions.commit(first)
        if number > 0:
            backend.executions.commit(settled(first.execution))
    assert backend.listings.counts() == {"RUNNING": 1, "SUCCEEDED": 2}


def test_tenants_with_executions_or_intents_are_known(backend: Backend) -> None:
    assert backend.listings.tenants() == []
    start(backend, key(tenant="zeta"))
    start(backend, key("intent-2", tenant="zeta"))
    backend.intents.put(intent(key(tenant="acme")))
    assert backend.listings.tenants() == ["acme", "zeta"]


def test_finding_14_30_executions_are_found_by_intent_and_by_account_of_one_tenant_newest_first(
    backend: Backend,
) -> None:
    """Ids are only unique within their tenant and account; a tenant whose name begins like another's is another."""
    for number, tenant in enumerate(("acme", "acme2", "acme.eu")):
        for account in ("account-1", "account-2"):
            start(backend, key("intent-1", tenant=tenant, account=account), at_ms=NOW_MS + number)
            start(backend, key("intent-2", tenant=tenant, account=account), at_ms=NOW_MS + 10 + number)
    found = backend.executions.load(key("intent-1", tenant="acme2", account="account-2"))
    assert found is not None
    assert found.attempt.key == key("intent-1", tenant="acme2", account="account-2")
    page = backend.listings.by_account("acme", "account-1", limit=10, place=None)
    assert [it.attempt.key for it in page.executions] == [key("intent-2"), key("intent-1")]
    of_tenant = backend.listings.by_tenant("acme", limit=10, place=None)
    assert {it.attempt.key.tenant_id for it in of_tenant.executions} == {"acme"}
    assert len(of_tenant.executions) == 4


def test_finding_14_30_a_place_of_one_tenant_shows_nothing_of_another(backend: Backend) -> None:
    for tenant in ("acme", "acme2"):
        for number in range(3):
            start(backend, key(f"intent-{number}", tenant=tenant), at_ms=NOW_MS + number)
    place = backend.listings.by_tenant("acme2", limit=1, place=None).next_place
    page = backend.listings.by_tenant("acme", limit=10, place=place)
    assert {it.attempt.key.tenant_id for it in page.executions} == {"acme"}
