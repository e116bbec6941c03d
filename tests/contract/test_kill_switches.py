import pytest

from core.domain.ledger import Chain, LedgerEvent, verify
from core.domain.switches import Switch
from tests.contract.backends import Backend

EVERYTHING = Switch()
TENANT = Switch("acme")
TYPE = Switch("acme", "CREATE_TASK")


def turn(backend: Backend, switch: Switch, *, closed: bool) -> None:
    act = backend.kill_switches.close if closed else backend.kill_switches.open
    act(switch, operator="ada", reason="a drill", at_ms=backend.clock.now_ms())


def test_an_unknown_tenant_is_closed(backend: Backend) -> None:
    assert backend.kill_switches.read("acme").stops("CREATE_TASK") == "the tenant's switch"


def test_an_unknown_tenant_is_open_only_where_the_installation_says_so(backend: Backend) -> None:
    assert backend.trusting_switches.read("acme").stops("CREATE_TASK") is None


def test_opening_a_tenant_makes_it_known(backend: Backend) -> None:
    turn(backend, TENANT, closed=False)
    assert backend.kill_switches.read("acme").stops("CREATE_TASK") is None
    assert backend.kill_switches.read("other").stops("CREATE_TASK") is not None


@pytest.mark.parametrize("switch", [EVERYTHING, TENANT, TYPE], ids=lambda it: it.scope.value)
def test_a_closed_switch_stops_until_it_is_opened(backend: Backend, switch: Switch) -> None:
    turn(backend, TENANT, closed=False)
    turn(backend, switch, closed=True)
    assert backend.kill_switches.read("acme").stops("CREATE_TASK") is not None
    assert backend.kill_switches.closed() == [switch]
    turn(backend, switch, closed=False)
    assert backend.kill_switches.read("acme").stops("CREATE_TASK") is None
    assert backend.kill_switches.closed() == []


def test_a_type_is_stopped_for_its_tenant_alone(backend: Backend) -> None:
    for switch in (TENANT, Switch("other")):
        turn(backend, switch, closed=False)
    turn(backend, TYPE, closed=True)
    assert backend.kill_switches.read("acme").stops("DELETE_TASK") is None
    assert backend.kill_switches.read("other").stops("CREATE_TASK") is None


def test_a_tenant_that_is_closed_explicitly_is_closed_where_unknown_ones_are_open(backend: Backend) -> None:
    backend.trusting_switches.close(TENANT, operator="ada", reason="a drill", at_ms=1)
    assert backend.trusting_switches.read("acme").stops("CREATE_TASK") is not None


@pytest.mark.parametrize(
    ("switch", "chain"),
    [(EVERYTHING, Chain("*", "switches")), (TENANT, Chain("acme", "switches")), (TYPE, Chain("acme", "switches"))],
    ids=["global", "tenant", "type"],
)
def test_every_turn_of_a_switch_is_in_the_ledger(backend: Backend, switch: Switch, chain: Chain) -> None:
    turn(backend, switch, closed=True)
    turn(backend, switch, closed=False)
    entries = backend.ledger.entries(chain)
    assert [it.event for it in entries] == [LedgerEvent.KILL_SWITCH_CHANGED] * 2
    assert "ada" in entries[0].body
    assert "a drill" in entries[0].body
    assert verify(entries, None) is None
