"""One worker with real threads, the memory queue and slow, poisoned or broken records beside good ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic

import pytest
from dependency_injector import providers

from adapters.memory.clock import CountingIds
from adapters.memory.queue import MemoryQueue
from adapters.system.clock import SystemClock
from core.domain.answer import Answer, Finding
from core.domain.errors import StoreUnavailableError
from core.domain.execution import Change, Execution, Refusal
from core.domain.keys import IntentKey
from core.domain.request import Request
from entrypoints.container.building import close
from entrypoints.container.embedded import EmbeddedContainer
from entrypoints.handled import Handled, Verdict
from entrypoints.worker import Worker
from ports.connector import Connector, Connectors, Gate
from ports.executions import Executions
from ports.queue import Delivery
from tests.unit.entrypoints.installing import a_note, an_event, an_installation

WAIT_S = 10.0
MANY = 60
SLOW = "slow"


class SlowConnector:
    """Calls for the slow intent stay until they are let go; the others go through at once."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self.entered = threading.Semaphore(0)
        self.let_go = threading.Event()

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        if SLOW in str(request.arguments):
            self.entered.release()
            assert self.let_go.wait(WAIT_S)
        return self._connector.call(request, gate, before)

    def look_up(self, request: Request, before: str | None) -> Finding:
        return self._connector.look_up(request, before)

    def before_image(self, request: Request) -> str | None:
        return self._connector.before_image(request)


class SlowConnectors:
    """Offers what the installation offers, slowly."""

    def __init__(self, connectors: Connectors) -> None:
        offered = connectors.offering("internal.create_note", "tenant-1")
        assert offered is not None
        self.connector = SlowConnector(offered)

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        return self.connector


class ShakyExecutions:
    """Raises for one intent whatever it is asked."""

    def __init__(self, executions: Executions, poisoned: IntentKey, fault: Exception) -> None:
        self._executions = executions
        self._poisoned = poisoned
        self._fault = fault

    def load(self, key: IntentKey) -> Execution | None:
        if key == self._poisoned:
            raise self._fault
        return self._executions.load(key)

    def commit(self, change: Change) -> None:
        if change.key == self._poisoned:
            raise self._fault
        self._executions.commit(change)

    def refuse(self, refusal: Refusal) -> bool:
        return self._executions.refuse(refusal)

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        return self._executions.due(now_ms, limit)


class Extending(MemoryQueue):
    """The memory queue with the visibility port."""

    def extend(self, delivery: Delivery, visibility_ms: int) -> None:
        self.put_back(delivery, delay_ms=visibility_ms)


class Seen:
    """What became of deliveries, and a way to wait until so many intents have ended."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.handled: list[Handled] = []

    def __call__(self, handled: Handled) -> None:
        with self._changed:
            self.handled.append(handled)
            self._changed.notify_all()

    def ended(self) -> set[str]:
        return {it.key.intent_id for it in self.handled if it.verdict is Verdict.ACKNOWLEDGED and it.key is not None}

    def wait_for(self, *names: str) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: set(names) <= self.ended(), WAIT_S)


class Stage:
    """An installation on SQLite whose queue is in memory and whose connector can be slow."""

    def __init__(self, folder: Path) -> None:
        (folder / "actonce.toml").write_text("[run]\nworkers = 4\nvisibility_s = 0.5\n", encoding="utf-8")
        self.container: EmbeddedContainer = an_installation(folder)
        self.container.clock.override(providers.Object(SystemClock()))
        self.queue = Extending(SystemClock(), CountingIds())
        self.connectors = SlowConnectors(self.container.connectors())
        self.container.queue.override(providers.Object(self.queue))
        self.container.visibility.override(providers.Object(self.queue))
        self.container.connectors.override(providers.Object(self.connectors))
        self.seen = Seen()
        self.worker: Worker | None = None

    def start(self) -> Worker:
        self.worker = self.container.worker()
        self.worker.start(self.seen)
        return self.worker

    def end(self) -> None:
        self.connectors.connector.let_go.set()
        if self.worker is not None:
            self.worker.stop(WAIT_S)
        close(self.container)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.end()


def good(count: int = MANY, start: int = 100) -> list[str]:
    return [f"intent-{number}" for number in range(start, start + count)]


def events(names: Sequence[str], content: str = "Call them") -> list[str]:
    return [an_event(a_note(int(name.removeprefix("intent-")), content)) for name in names]


def test_slow_records_delay_no_neighbour(stage: Stage) -> None:
    slow = ["intent-1", "intent-2", "intent-3"]
    stage.queue.send(events(slow, SLOW))
    worker = stage.start()
    for _ in slow:
        assert stage.connectors.connector.entered.acquire(timeout=WAIT_S)
    stage.queue.send(events(good()))
    assert stage.seen.wait_for(*good())
    assert stage.seen.ended() & set(slow) == set()
    stage.connectors.connector.let_go.set()
    assert stage.seen.wait_for(*slow)
    assert worker.stop(WAIT_S)


def test_a_slow_record_is_kept_from_others_for_as_long_as_it_takes(stage: Stage) -> None:
    stage.queue.send(events(["intent-1"], SLOW))
    worker = stage.start()
    assert stage.connectors.connector.entered.acquire(timeout=WAIT_S)
    assert not worker.stopping.wait(1.5)
    assert list(stage.queue.receive(10, visibility_ms=1)) == []
    stage.connectors.connector.let_go.set()
    assert stage.seen.wait_for("intent-1")
    assert worker.stop(WAIT_S)
    assert [it.verdict for it in stage.seen.handled] == [Verdict.ACKNOWLEDGED]


@pytest.mark.parametrize("fault", [RuntimeError("a fault of ours"), StoreUnavailableError("no")])
def test_a_poisoned_record_delays_and_fails_no_neighbour(stage: Stage, fault: Exception) -> None:
    executions = ShakyExecutions(stage.container.executions(), a_note(1).key, fault)
    stage.container.executions.override(providers.Object(executions))
    bodies = events(good())
    stage.queue.send([*bodies[:30], "garbage", *events(["intent-1"]), "", "[" * 1_000, *bodies[30:]])
    worker = stage.start()
    assert stage.seen.wait_for(*good())
    assert worker.stop(WAIT_S)
    assert worker.fault is None
    assert "intent-1" not in stage.seen.ended()
    assert {it.error_code for it in stage.seen.handled if it.verdict is Verdict.DEAD_LETTERED} == {"INVALID_EVENT"}
    assert stage.queue.count() == 3


def test_on_stop_it_takes_no_more_finishes_what_is_under_way_and_gives_back_the_rest(stage: Stage) -> None:
    stage.queue.send(events([f"intent-{number}" for number in range(1, 10)], SLOW))
    worker = stage.start()
    for _ in range(4):
        assert stage.connectors.connector.entered.acquire(timeout=WAIT_S)
    stopped: list[bool] = []
    stopping = threading.Thread(target=lambda: stopped.append(worker.stop(WAIT_S)))
    stopping.start()
    assert worker.stopping.wait(WAIT_S)
    stage.queue.send(events(["intent-99"]))
    stage.connectors.connector.let_go.set()
    stopping.join(WAIT_S)
    assert stopped == [True]
    assert (len(stage.seen.handled), worker.held) == (4, 0)
    assert stage.container.outbox().pending(1) == []
    assert len(stage.queue.receive(50, visibility_ms=1)) == 6


def test_a_stop_waits_no_longer_than_it_was_given(stage: Stage) -> None:
    stage.queue.send(events(["intent-1"], SLOW))
    worker = stage.start()
    assert stage.connectors.connector.entered.acquire(timeout=WAIT_S)
    begun = monotonic()
    assert not worker.stop(0.2)
    assert monotonic() - begun < WAIT_S / 2
    assert worker.held == 1


def test_what_a_worker_brings_about_is_published_soon_however_seldom_it_looks_for_the_rest(stage: Stage) -> None:
    worker = stage.worker = stage.container.worker(look_every_s=3_600.0, sweep_every_s=3_600.0)
    worker.start(stage.seen)
    assert not worker.stopping.wait(0.5)
    stage.queue.send(events(good()))
    assert stage.seen.wait_for(*good())
    until = monotonic() + WAIT_S
    while stage.container.outbox().pending(1) and monotonic() < until:
        assert not worker.stopping.wait(0.05)
    assert stage.container.outbox().pending(1) == []


def test_no_more_is_in_hand_than_is_bounded(stage: Stage) -> None:
    stage.queue.send(events([f"intent-{number}" for number in range(1, 101)], SLOW))
    worker = stage.start()
    for _ in range(4):
        assert stage.connectors.connector.entered.acquire(timeout=WAIT_S)
    assert not worker.stopping.wait(0.3)
    assert worker.held <= 4 + 10
