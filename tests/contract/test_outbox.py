import pytest

from core.domain.execution import StaleError
from tests.contract.backends import Backend
from tests.contract.samples import NOW_MS, claimed, intent, key, parked, refusal, settled


def test_the_signal_is_there_with_what_it_tells(backend: Backend) -> None:
    first = claimed()
    backend.executions.commit(first)
    assert backend.outbox.pending(10) == []
    second = settled(first.execution)
    backend.executions.commit(second)
    assert tuple(backend.outbox.pending(10)) == second.signals


def test_a_published_signal_is_pending_no_more(backend: Backend) -> None:
    for number in range(3):
        backend.executions.refuse(refusal(of=key(f"intent-{number}"), at_ms=NOW_MS + number))
    first, second, third = backend.outbox.pending(10)
    backend.outbox.published([first, third])
    assert backend.outbox.pending(10) == [second]
    backend.outbox.published([first])
    assert backend.outbox.pending(10) == [second]


def test_publishing_nothing_changes_nothing(backend: Backend) -> None:
    backend.executions.refuse(refusal())
    backend.outbox.published([])
    assert len(backend.outbox.pending(10)) == 1


def test_the_oldest_signals_come_first_and_never_more_than_asked_for(backend: Backend) -> None:
    for number in range(5):
        backend.executions.refuse(refusal(of=key(f"intent-{9 - number}"), at_ms=NOW_MS + number))
    assert [it.at_ms for it in backend.outbox.pending(3)] == [NOW_MS, NOW_MS + 1, NOW_MS + 2]


def test_two_revisions_are_two_signals(backend: Backend) -> None:
    first = claimed(intent())
    second = parked(first.execution)
    backend.executions.commit(first)
    backend.executions.commit(second)
    third = settled(second.execution, now_ms=NOW_MS + 200)
    backend.executions.commit(third)
    told = backend.outbox.pending(10)
    assert [it.revision for it in told] == [1, 2]
    backend.outbox.published(told[:1])
    assert backend.outbox.pending(10) == told[1:]


def test_finding_20_the_signal_is_written_with_what_it_tells_or_neither_is(backend: Backend) -> None:
    first = claimed()
    backend.executions.commit(first)
    second, rival = settled(first.execution), parked(first.execution)
    backend.executions.commit(second)
    with pytest.raises(StaleError):
        backend.executions.commit(rival)
    stored = backend.executions.load(first.key)
    assert stored is not None
    assert stored.outcome == second.outcome
    assert tuple(backend.outbox.pending(10)) == second.signals
