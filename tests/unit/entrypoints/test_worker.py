from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.memory.clock import CountingIds, FakeClock
from adapters.memory.queue import MemoryQueue
from adapters.system.clock import SystemClock
from core.domain.attempt import AttemptStatus
from core.domain.claiming import Order
from core.domain.errors import StoreUnavailableError
from core.domain.execution import Execution
from entrypoints.container.building import close
from entrypoints.draining import Standing, Tally, drain, is_more_coming
from entrypoints.handled import Handled, Verdict
from entrypoints.worker import Worker
from ports.queue import Delivery
from tests.unit.entrypoints.installing import a_note, an_event, an_installation
from tests.unit.making import NOW_MS

WAIT_S = 10.0


def an_execution(folder: Path) -> Execution:
    container = an_installation(folder)
    try:
        container.queue().send([an_event(a_note())])
        (delivery,) = container.queue().receive(1, visibility_ms=1_000)
        execution = container.intake()(delivery).execution
    finally:
        close(container)
    assert execution is not None
    return execution


class BrokenQueue(MemoryQueue):
    """A queue that cannot be read for a while, or at all."""

    def __init__(self, faults: list[Exception]) -> None:
        super().__init__(FakeClock(), CountingIds())
        self.faults = faults

    def receive(self, limit: int, *, visibility_ms: int) -> Sequence[Delivery]:
        if self.faults:
            raise self.faults.pop()
        return super().receive(limit, visibility_ms=visibility_ms)


def worker_on(folder: Path, queue: MemoryQueue) -> tuple[Worker, threading.Event, list[Handled]]:
    container = an_installation(folder)
    container.queue.override(providers.Object(queue))
    handled: list[Handled] = []
    seen = threading.Event()
    worker = container.worker()

    def observe(one: Handled) -> None:
        handled.append(one)
        seen.set()

    worker.start(observe)
    return worker, seen, handled


def test_a_queue_that_cannot_be_read_is_tried_again(tmp_path: Path) -> None:
    queue = BrokenQueue([StoreUnavailableError("no")])
    queue.send([an_event(a_note())])
    worker, seen, handled = worker_on(tmp_path, queue)
    assert seen.wait(WAIT_S)
    assert worker.stop(WAIT_S)
    assert (worker.fault, worker.held) == (None, 0)
    assert [it.verdict for it in handled] == [Verdict.ACKNOWLEDGED]


def test_a_thread_that_dies_of_our_fault_stops_the_worker_and_is_told_of(tmp_path: Path) -> None:
    worker, _, _ = worker_on(tmp_path, BrokenQueue([RuntimeError("no")]))
    assert worker.stopping.wait(WAIT_S)
    assert worker.stop(WAIT_S)
    assert worker.fault == "RuntimeError"


def test_draining_ends_when_all_is_settled_and_everything_is_published(tmp_path: Path) -> None:
    container = an_installation(tmp_path)
    container.clock.override(providers.Object(SystemClock()))
    container.queue().send([an_event(a_note(number)) for number in range(20)])
    tally = Tally(keep=True)
    worker = container.worker()
    worker.start(tally)
    drain(container, worker, tally, max_wait_s=WAIT_S, tick=lambda: None)
    assert worker.stop(WAIT_S)
    assert {standing.status for _, standing in tally.reached(container.executions())} == {"SUCCEEDED"}
    assert len(list(tally.reached(container.executions()))) == 20
    assert list(container.outbox().pending(1)) == []
    close(container)


def test_every_thread_of_a_worker_is_placed_before_it_works(tmp_path: Path) -> None:
    container = an_installation(tmp_path)
    placed: set[str] = set()
    container.placing.override(providers.Object(lambda: placed.add(threading.current_thread().name)))
    worker = container.worker(threads=2)
    worker.start(lambda _: None)
    assert worker.stop(WAIT_S)
    assert placed == {"actonce-0", "actonce-1", "actonce-2", "actonce-3", "actonce-extending"}
    close(container)


class LongSweep:
    """A sweep that goes on until it is told to end; what it took is nobody else's, and due far off."""

    def __init__(self) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self, owner: str) -> None:
        self.begun.set()
        assert self.may_end.wait(WAIT_S)


def test_draining_does_not_end_under_a_sweep_that_holds_work(tmp_path: Path) -> None:
    container = an_installation(tmp_path)
    sweep = LongSweep()
    container.sweep.override(providers.Object(sweep))
    worker, ticks = container.worker(), 0
    worker.start(lambda _: None)
    assert sweep.begun.wait(WAIT_S)

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 5:
            sweep.may_end.set()

    drain(container, worker, Tally(keep=True), max_wait_s=WAIT_S, tick=tick)
    sweep.may_end.set()
    assert worker.stop(WAIT_S)
    assert (ticks >= 5, worker.fault) == (True, None)
    close(container)


def test_what_is_due_later_than_one_waits_is_not_waited_for(tmp_path: Path) -> None:
    clock = FakeClock(NOW_MS)
    container = an_installation(tmp_path, clock)
    parts = (container.backlog(), container.executions(), clock)
    assert not is_more_coming(*parts, 1_000)
    container.queue().send(["later"], delay_ms=5_000)
    assert not is_more_coming(*parts, 4_000)
    assert is_more_coming(*parts, 5_000)
    assert not is_more_coming(*parts, 0)
    close(container)


def test_an_open_execution_that_becomes_due_is_waited_for_and_a_finished_one_is_not(tmp_path: Path) -> None:
    clock = FakeClock(NOW_MS)
    container = an_installation(tmp_path, clock)
    container.intents().put(a_note())
    container.start()(Order(a_note().key, "queue:1"))
    parts = (container.backlog(), container.executions(), clock)
    assert is_more_coming(*parts, 60_000)
    assert not is_more_coming(*parts, 1_000)
    stored = container.executions().load(a_note().key)
    assert stored is not None
    container.reconcile()(stored)
    assert not is_more_coming(*parts, 600_000)
    close(container)


@pytest.mark.parametrize("keep", [True, False])
def test_a_tally_tells_settled_parked_and_open_apart(tmp_path: Path, keep: bool) -> None:
    done = an_execution(tmp_path)
    parked = replace(done, attempt=replace(done.attempt, status=AttemptStatus.IN_DOUBT, parked="nobody knows"))
    assert Standing.of(done) == Standing("SUCCEEDED")
    assert Standing.of(parked) == Standing("IN_DOUBT", is_parked=True)
    tally = Tally(keep=keep)
    key = a_note().key
    for verdict, code in ((Verdict.PUT_BACK, "TRANSIENT"), (Verdict.DEAD_LETTERED, "INVALID_EVENT")):
        tally(Handled("m", verdict, error_code=code))
    tally(Handled("m", Verdict.ACKNOWLEDGED, key, done))
    assert tally.settled == 2
    assert dict(tally.put_back) == {"TRANSIENT": 1}
    assert dict(tally.refused_by_code) == {"INVALID_EVENT": 1}
    assert len(tally.refused) == int(keep)
    assert sum(tally.ended.values()) == int(not keep)
