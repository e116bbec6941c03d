from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from adapters.connectors.breaker import Breaker, Shut, Ticket
from adapters.connectors.health import Health
from adapters.connectors.shares import MOST_TENANTS, Bounds, Shares
from adapters.memory.clock import FakeClock

OPEN_MS, LEASE_MS = 30_000, 5_000


class Bench:
    def __init__(self, failures: int = 3) -> None:
        self.clock = FakeClock()
        self.breaker = Breaker(self.clock, failures=failures, open_ms=OPEN_MS)

    def admitted(self) -> Ticket:
        leave = self.breaker.admit(LEASE_MS)
        assert isinstance(leave, Ticket), leave
        return leave

    def wait_ms(self) -> int:
        leave = self.breaker.admit(LEASE_MS)
        assert isinstance(leave, Shut), leave
        return leave.wait_ms

    def find(self, *healths: Health) -> None:
        for health in healths:
            self.breaker.report(self.admitted(), health)

    def opened(self) -> Bench:
        self.find(*[Health.FAILING] * 3)
        return self


@pytest.fixture
def half_open() -> Bench:
    bench = Bench().opened()
    bench.clock.advance(OPEN_MS)
    return bench


def test_it_opens_at_the_last_of_a_row_and_tells_how_long() -> None:
    bench = Bench()
    bench.find(Health.FAILING, Health.FAILING)
    assert bench.breaker.is_closed
    bench.find(Health.FAILING)
    assert bench.wait_ms() == OPEN_MS
    bench.clock.advance(OPEN_MS - 1)
    assert bench.wait_ms() == 1


def test_a_well_one_ends_the_row() -> None:
    bench = Bench()
    bench.find(Health.FAILING, Health.FAILING, Health.WELL, Health.FAILING, Health.UNTOLD, Health.FAILING)
    assert bench.breaker.is_closed


def test_when_its_time_is_over_one_call_tries_and_no_other(half_open: Bench) -> None:
    half_open.admitted()
    assert [half_open.wait_ms() for _ in range(3)] == [LEASE_MS] * 3


def test_of_many_threads_one_tries(half_open: Bench) -> None:
    leaves: list[Ticket | Shut] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        leaves.append(half_open.breaker.admit(LEASE_MS))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(it, Ticket) for it in leaves) == 1


def test_one_that_tries_and_finds_it_well_closes(half_open: Bench) -> None:
    assert half_open.breaker.report(half_open.admitted(), Health.WELL)
    assert half_open.breaker.is_closed
    half_open.find(Health.FAILING, Health.FAILING)
    assert half_open.breaker.is_closed


def test_one_that_tries_and_fails_opens_for_as_long_again(half_open: Bench) -> None:
    half_open.breaker.report(half_open.admitted(), Health.FAILING)
    assert half_open.wait_ms() == OPEN_MS
    half_open.clock.advance(OPEN_MS)
    half_open.find(Health.WELL)
    assert half_open.breaker.is_closed


def test_one_that_tries_and_learns_nothing_leaves_its_place_at_once(half_open: Bench) -> None:
    half_open.find(Health.UNTOLD, Health.UNTOLD, Health.WELL)
    assert half_open.breaker.is_closed


def test_known_defect_a_dead_probe_does_not_keep_it_half_open(half_open: Bench) -> None:
    # It ends with its thread, and reports nothing.
    thread = threading.Thread(target=half_open.admitted)
    thread.start()
    thread.join()

    assert half_open.wait_ms() == LEASE_MS
    half_open.clock.advance(LEASE_MS)
    half_open.find(Health.WELL)
    assert half_open.breaker.is_closed


@pytest.mark.parametrize("late", [Health.FAILING, Health.WELL])
def test_what_a_later_one_has_overtaken_moves_nothing(half_open: Bench, late: Health) -> None:
    hung = half_open.admitted()
    half_open.clock.advance(LEASE_MS)
    trying = half_open.admitted()
    assert not half_open.breaker.report(hung, late)
    assert half_open.wait_ms() == LEASE_MS
    half_open.breaker.report(trying, Health.WELL)
    for _ in range(3):
        half_open.breaker.report(hung, Health.FAILING)
    assert half_open.breaker.is_closed


def test_calls_of_before_it_opened_open_it_no_longer() -> None:
    bench = Bench()
    early = [bench.admitted() for _ in range(6)]
    for ticket in early[:3]:
        bench.breaker.report(ticket, Health.FAILING)
    bench.clock.advance(OPEN_MS - 1)
    for ticket in early[3:]:
        bench.breaker.report(ticket, Health.FAILING)
    assert bench.wait_ms() == 1


def test_calls_do_not_wait_for_each_other() -> None:
    bench, inside = Bench(), threading.Barrier(4, timeout=10)

    def call() -> None:
        ticket = bench.admitted()
        # All four must be under way at once, or the barrier breaks.
        with suppress(threading.BrokenBarrierError):
            inside.wait()
        bench.breaker.report(ticket, Health.WELL)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not inside.broken


def test_a_wall_clock_that_jumps_changes_nothing() -> None:
    bench = Bench().opened()
    bench.clock.jump(10 * OPEN_MS)
    assert bench.wait_ms() == OPEN_MS


def test_tenants_that_come_and_go_take_no_more_than_their_bound() -> None:
    shares = Shares(Bounds(), FakeClock())
    first = shares.of("first")
    for number in range(MOST_TENANTS - 1):
        shares.of(f"tenant-{number}")
    assert shares.of("first") is first
    shares.of("one more")
    assert shares.of("first") is first
    assert shares.of("tenant-0") is not first
