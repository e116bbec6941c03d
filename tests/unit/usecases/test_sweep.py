from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.store import MemoryExecutions, MemoryStore
from core.domain.errors import StoreUnavailableError
from core.domain.keys import IntentKey
from core.usecases.sweep import Sweep
from tests.contract.samples import claimed, intent, key

if TYPE_CHECKING:
    from core.domain.execution import Change, Execution, Refusal

LIMIT = 10


class Unreadable:
    """Executions some of which no version at hand can read; they are the longest due."""

    def __init__(self, inner: MemoryExecutions, odd: Sequence[IntentKey], fault: Exception) -> None:
        self._inner = inner
        self._odd = odd
        self._fault = fault

    def load(self, of: IntentKey) -> Execution | None:
        if of in self._odd:
            raise self._fault
        return self._inner.load(of)

    def commit(self, change: Change) -> None:
        self._inner.commit(change)

    def refuse(self, refusal: Refusal) -> bool:
        return self._inner.refuse(refusal)

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        return [*self._odd, *self._inner.due(now_ms, limit)][:limit]


class Resumes:
    def __init__(self) -> None:
        self.seen: list[IntentKey] = []

    def resume(self, of: IntentKey, _owner: str) -> None:
        self.seen.append(of)


@pytest.mark.parametrize("fault", [StoreUnavailableError("of a newer version"), KeyError("nonce"), ValueError("odd")])
def test_rows_that_nobody_can_read_do_not_starve_what_is_due_behind_them(fault: Exception) -> None:
    store, clock, resumes = MemoryExecutions(MemoryStore()), FakeClock(), Resumes()
    store.commit(claimed(intent(key("good"))))
    clock.advance(10**9)
    executions = Unreadable(store, [key(f"odd-{number}") for number in range(LIMIT)], fault)
    execute: Any = resumes
    sweep = Sweep(executions, execute, execute, clock)

    first, second = sweep("sweeper", LIMIT), sweep("sweeper", LIMIT)

    assert (first.seen, first.postponed) == (LIMIT, LIMIT)
    assert resumes.seen == [key("good")]
    assert second.postponed == LIMIT - 1


def test_what_has_just_come_due_is_left_to_whoever_waits_for_it() -> None:
    store, clock, resumes = MemoryExecutions(MemoryStore()), FakeClock(), Resumes()
    change = claimed(intent(key("due")))
    store.commit(change)
    due_at_ms = change.execution.attempt.due_at_ms
    assert due_at_ms is not None
    execute: Any = resumes
    sweep = Sweep(store, execute, execute, clock)

    clock.advance(due_at_ms + 999 - clock.now_ms())
    assert sweep("sweeper", grace_ms=1_000).seen == 0
    clock.advance(1)
    assert sweep("sweeper", grace_ms=1_000).seen == 1
