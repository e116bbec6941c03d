"""The world around a target: an executor that asks until it is told, invocations side by side, and what strikes them.

A point lies before every port call of an invocation, and before its answer leaves. Points are counted from 1.
"""

import hashlib
import heapq
from collections.abc import Callable
from itertools import count
from typing import Any, Self

from greenlet import getcurrent

from adapters.memory.target_records import MemoryTargetRecords
from core.domain.answer import Answer
from core.domain.changing import changed
from core.domain.errors import StoreUnavailableError
from core.domain.request import Request
from tests.simulation.proof import Violation
from tests.simulation.provider import Provider
from tests.simulation.stage import HORIZON_MS, START_MS
from tests.simulation.target.lane import Asked, Lane
from tests.simulation.target.scene import LAG_MS, LATE_MS, TIMEOUT_MS, TIMING, Scene
from tests.simulation.target.watch import TargetWatch, is_decided

MAX_STEPS = 3_000
MAX_ASKED = 16
REPEATS = 2
"""How often an executor that was told asks again, long after."""

LONG_AFTER_MS = 40_000
LATENCY_MS = 2

Strike = Callable[["TargetWorld", Lane], None]


class TargetWorld:
    """One run of one scene with its strikes; violations are raised where they happen or at the end."""

    def __init__(self, scene: Scene, strikes: dict[int, Strike] | None = None) -> None:
        """Set the stage; ``strikes`` by the number of the point."""
        self.scene = scene
        self.now = START_MS
        self.strikes = strikes or {}
        self.points = 0
        self.labels: list[str] = []
        self.fault: str | None = None
        self.records = MemoryTargetRecords()
        self.provider = Provider(self, list(scene.faults), [], 0, LAG_MS if scene.terms.before_tool else 0)
        self.watch = TargetWatch(self)
        self.main = getcurrent()
        self.lanes: list[Lane] = []
        self.heard: Answer | None = None
        self.ask_at = START_MS
        self._numbers = count(1)
        self._asked = 0
        self._repeats = REPEATS
        self._waiting: Lane | None = None
        self._bearer = 0
        self._acts: list[tuple[int, int, Callable[[], object]]] = []

    def run(self) -> Self:
        """Ask, strike and go on until nothing is left to happen; then judge."""
        for _ in range(MAX_STEPS):
            if not self._step():
                break
        else:
            raise Violation("the world never came to rest")
        self._pass_time(2 * HORIZON_MS)
        self.watch.judge()
        return self

    def chosen(self, ready: list[Lane]) -> Lane:
        """Return who goes on: whoever came first."""
        return ready[0]

    def struck(self, lane: Lane) -> Strike | None:
        """Return what strikes at this point, None for nothing."""
        return self.strikes.get(self.points)

    def _step(self) -> bool:
        self._listen()
        if self.ask_at <= self.now and self._is_asking():
            self._ask()
        ready = [it for it in self.lanes if it.ready_at <= self.now]
        if ready:
            lane = self.chosen(ready)
            lane.thread.switch()
            if lane.thread.dead:
                self.lanes.remove(lane)
            return True
        moments = [it.ready_at for it in self.lanes] + ([self.ask_at] if self._is_asking() else [])
        if not moments:
            return False
        self._pass_time(max(0, min(moments) - self.now))
        return True

    def _is_asking(self) -> bool:
        return self._asked < MAX_ASKED and (self._repeats > 0 or not is_decided(self.heard))

    def _ask(self) -> None:
        """Let the executor ask once more; hearing nothing, it begins to judge when its own deadline is over."""
        if is_decided(self.heard):
            self._repeats -= 1
        self._asked += 1
        asked = Asked(self._asked, self.now, self.scene.skews[0])
        deadline_ms = self.now + TIMING.call_slack_ms + TIMEOUT_MS + TIMING.max_skew_ms
        self.ask_at = deadline_ms + TIMING.max_skew_ms + 1
        self._waiting = self.invoke(asked)

    def invoke(self, asked: Asked) -> Lane:
        """Let the gateway invoke the target."""
        lane = Lane(self, next(self._numbers), asked)
        self.lanes.append(lane)
        return lane

    def _listen(self) -> None:
        """Let the executor hear what came back of the call on which it waits."""
        lane = self._waiting
        if lane is not None and lane.answer is not None and lane.is_heard:
            self.hear(lane.answer)

    def hear(self, answer: Answer | None) -> None:
        """Let the executor hear an answer, None for a failure of the gateway; it asks again after a wait."""
        self._waiting = None
        self.heard = answer if answer is not None else self.heard
        wait_ms = LONG_AFTER_MS if is_decided(self.heard) else TIMING.backoff(self._asked)
        self.ask_at = self.now + wait_ms

    def through(self, lane: Lane, label: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - any port's answer
        """Let a port call through."""
        self.point(lane, label)
        fault, self.fault = self.fault, None
        fault = fault if label.startswith("records.") else None
        self._pass_time(LATENCY_MS)
        if fault == "throttle":
            raise StoreUnavailableError("throttled")
        result = call()
        if fault == "lose":
            raise StoreUnavailableError("reply lost")
        return result

    def point(self, lane: Lane, label: str) -> None:
        """Count a point, strike what is planned there, and let others go on where it is their turn."""
        self.points += 1
        self.labels.append(f"{lane.number}:{label}")
        strike = self.struck(lane)
        if strike is not None:
            self.labels.append("!")
            strike(self, lane)
        self.main.switch()

    def receive(self, lane: Lane, request: Request) -> tuple[Answer, int]:
        """Let the provider take a send; what is late lands, and is seen, within the declared bound."""
        self.watch.sending(lane, request)
        terms = self.scene.terms
        bound_ms = terms.settle_delay_ms if terms.absence_proof_ms is None else terms.absence_proof_ms
        # The deadline as it is by true time: what the target stores is by the executor's clock.
        latest_ms = lane.asked.deadline_ms - self.scene.skews[0] + bound_ms - self.provider.lag_ms
        self.provider.late_ms = max(0, min(LATE_MS, latest_ms - self.now))
        self._bearer = lane.asked.number
        answer = self.provider.receive(changed(request, terms=terms))
        self.watch.wrote(self._bearer)
        return answer

    def later(self, at_ms: int, act: Callable[[], object]) -> None:
        """Do something at a moment of true time, on account of the call that is under way."""
        bearer = self._bearer

        def landing() -> None:
            act()
            self.watch.wrote(bearer)

        heapq.heappush(self._acts, (at_ms, next(self._numbers), landing))

    def _pass_time(self, by_ms: int) -> None:
        until = self.now + by_ms
        while self._acts and self._acts[0][0] <= until:
            at_ms, _, act = heapq.heappop(self._acts)
            self.now = max(self.now, at_ms)
            act()
        self.now = max(self.now, until)

    def trace(self) -> bytes:
        """Name this run by all that happened in it, in order."""
        return hashlib.blake2b("|".join([self.scene.name, *self.labels]).encode(), digest_size=12).digest()
