"""What a connector raises, takes and breaks ends at its guard."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.connectors.guarded import BUSY_MS, GRACE_MS, GuardedConnector
from adapters.connectors.shares import Bounds
from adapters.memory.clock import FakeClock
from core.domain.answer import Answer, Applied, CannotTell, Cause, Finding, Happened, Hold, NotSent, Refused, Unknown
from core.domain.contract import EffectContract
from core.domain.errors import ErrorClass
from core.domain.request import Request, frozen, map_action
from ports.connector import Gate
from tests.unit.connectors.peers import SHUT, OpenGate, ShutGate
from tests.unit.making import KEY, an_entry, an_intent, terms_of

SECRET = "token-4711-secret"
BOUNDS = Bounds(calls=2, look_ups=1, failures=3, open_ms=30_000)
FAILING: list[Answer] = [
    Unknown("reset", cause=Cause.TRANSPORT),
    Unknown("500", cause=Cause.SERVER),
    Unknown("late", timed_out=True),
    NotSent(Hold.UNREACHABLE),
    NotSent(Hold.THROTTLED, "503", 1_000, Cause.SERVER),
]
WELL: list[Answer] = [
    Applied(),
    Refused(ErrorClass.VALIDATION, "NO", "no"),
    Refused(ErrorClass.AUTH, "AUTH_FAILED", "401"),
    NotSent(Hold.THROTTLED, "429", 1_000),
]
UNTOLD: list[Answer] = [
    Unknown("malformed"),
    *(NotSent(it) for it in Hold if it not in {Hold.UNREACHABLE, Hold.THROTTLED}),
]


class Raising:
    """Writes, perhaps, and raises with a secret in its message."""

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        gate.closed()
        raise KeyError(SECRET)

    def look_up(self, request: Request, before: str | None) -> Finding:
        raise ValueError(SECRET)

    def before_image(self, request: Request) -> str | None:
        raise RuntimeError(SECRET)


class Scripted:
    """Answers what it is told to, after asking the gate; ``meanwhile`` is what happens during a verb."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asks = True
        self.calls = 0
        self.seen: list[Request] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        self.calls += 1
        closed = gate.closed() if self.asks else None
        self.meanwhile()
        return closed or self.answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        self.seen.append(request)
        self.meanwhile()
        return Happened(response=before or "")

    def before_image(self, request: Request) -> str | None:
        self.meanwhile()
        return "{}"


def a_request(tenant: str = KEY.tenant_id) -> Request:
    made = frozen(map_action(an_intent(), an_entry(terms=terms_of(EffectContract.OPAQUE))), "action", 1)
    return replace(made, key=replace(KEY, tenant_id=tenant))


class Bench:
    def __init__(self, inner: Scripted | Raising | None = None, bounds: Bounds = BOUNDS) -> None:
        self.clock = FakeClock()
        self.inner = Scripted(Applied()) if inner is None else inner
        self.guarded = GuardedConnector(self.inner, self.clock, bounds, "crm")

    @property
    def tool(self) -> Scripted:
        assert isinstance(self.inner, Scripted)
        return self.inner

    def call(self, answer: Answer | None = None, tenant: str = KEY.tenant_id, gate: Gate | None = None) -> Answer:
        self.tool.answer = answer or self.tool.answer
        return self.guarded.call(a_request(tenant), gate or OpenGate(), None)

    def opened(self) -> Bench:
        for _ in range(BOUNDS.failures):
            self.call(FAILING[0])
        return self


def holds(answer: Answer, hold: Hold) -> NotSent:
    assert isinstance(answer, NotSent), answer
    assert answer.hold is hold
    return answer


def test_a_raise_in_a_call_is_unknown_and_keeps_its_message_to_itself(caplog: pytest.LogCaptureFixture) -> None:
    answer = Bench(Raising()).guarded.call(a_request(), OpenGate(), None)

    assert answer == Unknown("The connector raised KeyError.")
    assert SECRET not in caplog.text
    assert caplog.records[0].fields == {  # type: ignore[attr-defined]
        "connector": "crm",
        "tool": "crm.create_task",
        "tenant_id": KEY.tenant_id,
        "fault": "KeyError",
    }


def test_a_raise_in_a_read_tells_nothing() -> None:
    guarded = Bench(Raising()).guarded

    assert guarded.look_up(a_request(), None) == CannotTell("The connector raised ValueError.")
    assert guarded.before_image(a_request()) is None


def test_a_place_is_free_again_after_a_raise() -> None:
    guarded = Bench(Raising()).guarded

    for _ in range(5):
        assert isinstance(guarded.call(a_request(), OpenGate(), None), Unknown)
        assert isinstance(guarded.look_up(a_request(), None), CannotTell)


def test_a_call_that_finds_no_place_is_not_sent_and_asks_no_gate() -> None:
    gate, held = OpenGate(), list[Answer]()
    bench = Bench()

    def another() -> None:
        held.append(bench.call(gate=gate))

    bench.tool.meanwhile = another
    assert bench.call(gate=gate) == Applied()

    busy, inner = held
    assert holds(busy, Hold.BUSY).retry_after_ms == BUSY_MS
    assert inner == Applied()
    assert (gate.asked, bench.tool.calls) == (2, 2)
    bench.tool.meanwhile = lambda: None
    assert bench.call() == Applied()


def test_one_tenant_that_takes_all_its_places_takes_none_of_another() -> None:
    bench, held = Bench(bounds=replace(BOUNDS, calls=1)), []

    def meanwhile() -> None:
        bench.tool.meanwhile = lambda: None
        held.extend([bench.call(), bench.call(tenant="other")])

    bench.tool.meanwhile = meanwhile
    bench.call()

    holds(held[0], Hold.BUSY)
    assert held[1] == Applied()


def test_look_ups_and_calls_take_no_place_of_each_other() -> None:
    bench, found = Bench(bounds=replace(BOUNDS, calls=1)), list[object]()

    def look() -> None:
        bench.tool.meanwhile = lambda: None
        found.append(bench.guarded.look_up(a_request(), "{}"))
        found.append(bench.guarded.before_image(a_request()))

    bench.tool.meanwhile = look
    bench.call()
    assert found == [Happened(response="{}"), "{}"]

    def call() -> None:
        bench.tool.meanwhile = lambda: None
        found.append(bench.call())

    bench.tool.meanwhile = call
    bench.guarded.look_up(a_request(), None)
    assert found[2:] == [Applied()]


def test_a_look_up_waits_for_a_place_and_cannot_tell_where_none_comes_free() -> None:
    bench, found = Bench(), []
    brief = replace(a_request(), timeout_ms=20)

    def another() -> None:
        bench.tool.meanwhile = lambda: None
        thread = threading.Thread(target=lambda: found.append(bench.guarded.look_up(brief, None)))
        thread.start()
        thread.join()

    bench.tool.meanwhile = another
    assert isinstance(bench.guarded.look_up(a_request(), None), Happened)
    assert isinstance(found[0], CannotTell)
    assert len(bench.tool.seen) == 1


@pytest.mark.parametrize("answer", FAILING, ids=str)
def test_faults_of_transport_and_server_in_a_row_open_the_breaker(answer: Answer) -> None:
    bench, gate = Bench(), OpenGate()
    for _ in range(BOUNDS.failures):
        assert bench.call(answer) == answer

    held = holds(bench.call(Applied(), gate=gate), Hold.BREAKER_OPEN)

    assert held.retry_after_ms == BOUNDS.open_ms
    assert (gate.asked, bench.tool.calls) == (0, BOUNDS.failures)
    bench.clock.advance(10_000)
    assert holds(bench.call(), Hold.BREAKER_OPEN).retry_after_ms == BOUNDS.open_ms - 10_000


@pytest.mark.parametrize("answer", [*WELL, *UNTOLD], ids=str)
def test_no_other_answer_opens_it_however_often_it_comes(answer: Answer) -> None:
    bench = Bench()
    for _ in range(BOUNDS.failures * 3):
        assert bench.call(answer) == answer
    assert bench.call(Applied()) == Applied()


def test_our_own_closed_gate_counts_for_nothing() -> None:
    bench = Bench()
    for _ in range(BOUNDS.failures * 3):
        assert bench.call(gate=ShutGate()) == SHUT
    assert bench.call(Applied()) == Applied()


@pytest.mark.parametrize("answer", WELL, ids=str)
def test_an_answer_of_a_system_that_works_ends_the_row(answer: Answer) -> None:
    bench = Bench()
    for said in [FAILING[0], FAILING[0], answer, FAILING[0], FAILING[0]]:
        bench.call(said)
    assert bench.call(Applied()) == Applied()


@pytest.mark.parametrize("answer", [*UNTOLD, Refused(ErrorClass.VALIDATION, "NO", "by itself")], ids=str)
def test_what_did_not_come_from_the_system_ends_no_row(answer: Answer) -> None:
    bench = Bench()
    for said in [FAILING[0], FAILING[0], answer, FAILING[0]]:
        bench.tool.asks = said is not answer
        bench.call(said)
    holds(bench.call(Applied()), Hold.BREAKER_OPEN)


def test_the_breaker_of_one_tenant_holds_no_other() -> None:
    bench = Bench().opened()
    assert bench.call(Applied(), tenant="other") == Applied()
    holds(bench.call(), Hold.BREAKER_OPEN)


def test_what_is_read_passes_an_open_breaker() -> None:
    bench = Bench().opened()
    assert bench.guarded.look_up(a_request(), "{}") == Happened(response="{}")
    assert bench.guarded.before_image(a_request()) == "{}"


def test_a_call_that_was_sent_is_never_held_by_what_opens_meanwhile() -> None:
    bench = Bench()

    def others_fail() -> None:
        bench.tool.meanwhile = lambda: None
        bench.opened()
        bench.tool.answer = Unknown("lost")

    bench.tool.meanwhile = others_fail
    assert bench.call(Applied()) == Unknown("lost")
    holds(bench.call(), Hold.BREAKER_OPEN)


def test_opening_and_closing_are_logged_once_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "actonce.connector")
    bench = Bench().opened()
    bench.call()
    bench.clock.advance(BOUNDS.open_ms)
    bench.call(Applied())
    assert [it.message for it in caplog.records] == ["breaker opened", "breaker closed"]


@pytest.mark.parametrize("over_ms", [0, 1])
def test_a_connector_that_overstays_is_told_of_and_its_answer_kept(
    over_ms: int, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench()
    bench.tool.meanwhile = lambda: bench.clock.advance(a_request().timeout_ms + GRACE_MS + over_ms)
    assert bench.call(Applied()) == Applied()
    assert [it.message for it in caplog.records] == ["connector overstayed"] * over_ms
