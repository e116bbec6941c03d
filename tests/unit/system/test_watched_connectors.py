from __future__ import annotations

from adapters.memory.clock import FakeClock
from adapters.system.watched_connectors import WatchedConnectors
from core.domain.answer import Answer, Applied, Finding, Happened, Hold, NotSent
from core.domain.request import Request, frozen
from ports.connector import Connector, Gate
from tests.unit.making import a_call

REQUEST = frozen(a_call(), "action", 1)


class Open:
    def closed(self) -> NotSent | None:
        return None


class Slow:
    """Takes its time, then asks the gate."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        self.clock.advance(120)
        return gate.closed() or Applied()

    def look_up(self, request: Request, before: str | None) -> Finding:
        self.clock.advance(30)
        return Happened()

    def before_image(self, request: Request) -> str | None:
        return "before"


class One:
    def __init__(self, connector: Connector) -> None:
        self.connector = connector

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        return self.connector if tenant_id == "tenant-1" else None


class Notes:
    def __init__(self) -> None:
        self.seen: list[tuple[str, object, int]] = []

    def called(self, tool: str, answer: Answer, took_ms: int) -> None:
        self.seen.append((tool, answer, took_ms))

    def looked_up(self, tool: str, finding: Finding, took_ms: int) -> None:
        self.seen.append((tool, finding, took_ms))


def watched(clock: FakeClock, notes: Notes, *, is_over: bool = False) -> Connector:
    connectors = WatchedConnectors(One(Slow(clock)), clock, notes, lambda: is_over)
    assert connectors.offering(REQUEST.tool, "tenant-2") is None
    found = connectors.offering(REQUEST.tool, "tenant-1")
    assert found is not None
    return found


def test_what_is_answered_passes_and_the_time_that_it_took_is_told() -> None:
    clock, notes = FakeClock(), Notes()
    connector = watched(clock, notes)
    assert connector.call(REQUEST, Open(), None) == Applied()
    assert connector.look_up(REQUEST, None) == Happened()
    assert connector.before_image(REQUEST) == "before"
    assert notes.seen == [(REQUEST.tool, Applied(), 120), (REQUEST.tool, Happened(), 30)]


def test_when_it_is_over_the_gate_is_closed_but_look_ups_go_on() -> None:
    clock, notes = FakeClock(), Notes()
    connector = watched(clock, notes, is_over=True)
    answer = connector.call(REQUEST, Open(), None)
    assert isinstance(answer, NotSent)
    assert answer.hold is Hold.TOO_LATE
    assert connector.look_up(REQUEST, None) == Happened()


def test_a_closed_gate_stays_closed() -> None:
    class Closed:
        def closed(self) -> NotSent | None:
            return NotSent(Hold.SWITCH_CLOSED)

    assert watched(FakeClock(), Notes()).call(REQUEST, Closed(), None) == NotSent(Hold.SWITCH_CLOSED)
