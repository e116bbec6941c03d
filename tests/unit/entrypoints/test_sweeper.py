"""The function gives its use cases their bounds."""

from __future__ import annotations

from typing import Any

from adapters.memory.clock import FakeClock
from core.usecases.sweep import Swept
from entrypoints.meters import Meters
from entrypoints.remaining import Remaining
from entrypoints.sweeper import MOST_PUBLISHED, MOST_SWEPT, Sweeper
from ports.gauges import Doubts


class Invocation:
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def test_an_invocation_passes_the_bounds_on() -> None:
    asked: list[tuple[str, int]] = []

    class Asked:
        def __init__(self, name: str, answer: object) -> None:
            self._name, self._answer = name, answer

        def __call__(self, *given: object, **_: object) -> object:
            asked.append((self._name, next(it for it in given if isinstance(it, int))))
            return self._answer

    sweep: Any = Asked("sweep", Swept(0, 0))
    relay: Any = Asked("relay", 0)
    parts: Any = MemoryGauges()
    Sweeper(sweep, relay, parts, parts, FakeClock(), Meters(), Remaining())({}, Invocation())
    assert asked == [("relay", MOST_PUBLISHED), ("sweep", MOST_SWEPT)]


class MemoryGauges:
    """Nothing is in doubt, due, unpublished or dead."""

    def doubts(self) -> Doubts:
        return Doubts(0, None)

    def oldest_due_ms(self) -> None:
        return None

    def oldest_unpublished_ms(self) -> None:
        return None

    def count(self) -> int:
        return 0
