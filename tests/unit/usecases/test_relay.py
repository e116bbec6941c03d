from __future__ import annotations

from collections.abc import Sequence

from adapters.memory.objects import MemorySignals
from adapters.memory.store import MemoryExecutions, MemoryOutbox, MemoryStore
from core.domain.signal import Signal
from core.usecases.relay import PAGE, Relay
from tests.contract.samples import NOW_MS, key, refusal


class Choosy:
    """A way out that takes none of some intents' signals, ever."""

    def __init__(self, *never: str) -> None:
        self._never = never
        self.inner = MemorySignals()

    def publish(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        refused = [it for it in signals if it.key.intent_id in self._never]
        self.inner.publish([it for it in signals if it not in refused])
        return refused


def outbox_of(count: int) -> MemoryOutbox:
    store = MemoryStore()
    for number in range(count):
        MemoryExecutions(store).refuse(refusal(of=key(f"intent-{number}"), at_ms=NOW_MS + number))
    return MemoryOutbox(store)


def test_signals_that_are_refused_for_ever_keep_none_behind_them_from_being_published() -> None:
    outbox = outbox_of(30)
    out = Choosy(*(f"intent-{number}" for number in range(12)))
    assert Relay(outbox, out)() == 18
    assert len(out.inner.published) == 18
    assert [it.key.intent_id for it in outbox.pending(100)] == [f"intent-{number}" for number in range(12)]


def test_what_is_refused_is_tried_again_the_next_time() -> None:
    outbox = outbox_of(3)
    assert Relay(outbox, Choosy("intent-1"))() == 2
    assert Relay(outbox, MemorySignals())() == 1
    assert outbox.pending(10) == []


def test_a_backlog_longer_than_a_page_is_published_whole() -> None:
    outbox, out = outbox_of(2 * PAGE + 5), MemorySignals()
    assert Relay(outbox, out)() == 2 * PAGE + 5
    assert len(out.published) == len({it.key for it in out.published}) == 2 * PAGE + 5


def test_no_more_are_published_than_the_bound_says() -> None:
    outbox, out = outbox_of(2 * PAGE), MemorySignals()
    assert [Relay(outbox, out)(limit) for limit in (3, PAGE + 1, 1_000)] == [3, PAGE + 1, PAGE - 4]
    assert len(out.published) == 2 * PAGE
