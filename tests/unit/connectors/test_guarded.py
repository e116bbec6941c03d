"""A connector that raises leaves doubt, never a crash, a lie or a message of its own."""

from __future__ import annotations

from adapters.connectors.guarded import GuardedConnector
from adapters.connectors.routing import ConnectorTable, Route
from core.domain.answer import Answer, CannotTell, Finding, NotSent, Unknown
from core.domain.contract import EffectContract
from core.domain.request import Request, frozen, map_action
from ports.connector import Gate
from tests.unit.making import an_entry, an_intent, terms_of

SECRET = "token-4711-secret"


class Open:
    def closed(self) -> NotSent | None:
        return None


class Raising:
    """Writes, perhaps, and raises with a secret in its message."""

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        gate.closed()
        raise KeyError(SECRET)

    def look_up(self, request: Request, before: str | None) -> Finding:
        raise ValueError(SECRET)

    def before_image(self, request: Request) -> str | None:
        raise RuntimeError(SECRET)


def a_request() -> Request:
    return frozen(map_action(an_intent(), an_entry(terms=terms_of(EffectContract.OPAQUE))), "action", 1)


def test_a_raise_in_a_call_is_unknown_and_keeps_its_message_to_itself() -> None:
    answer = GuardedConnector(Raising()).call(a_request(), Open(), None)

    assert answer == Unknown("The connector raised KeyError.")


def test_a_raise_in_a_read_tells_nothing() -> None:
    guarded = GuardedConnector(Raising())

    assert guarded.look_up(a_request(), None) == CannotTell("The connector raised ValueError.")
    assert guarded.before_image(a_request()) is None


def test_every_routed_connector_is_guarded() -> None:
    table = ConnectorTable([Route("sim.", Raising())])

    connector = table.offering("sim.write", "acme")

    assert isinstance(connector, GuardedConnector)
