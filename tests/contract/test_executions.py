import threading
from dataclasses import replace

import pytest

from core.domain.draft import Draft, chain_of
from core.domain.errors import PayloadConflictError
from core.domain.execution import Change, Execution, StaleError
from core.domain.ledger import Chain, verify
from core.domain.refusing import refusal_chain
from core.domain.settling import wait
from core.domain.signal import SignalType
from tests.contract.backends import Backend
from tests.contract.samples import NOW_MS, changed, claimed, intent, key, parked, refusal, settled


def loaded(backend: Backend, change: Change) -> Execution:
    found = backend.executions.load(change.key)
    assert found is not None
    return found


def test_what_was_committed_is_read_back_whole(backend: Backend) -> None:
    first = claimed()
    backend.executions.commit(first)
    assert loaded(backend, first) == first.execution
    second = settled(first.execution)
    backend.executions.commit(second)
    assert loaded(backend, first) == second.execution
    assert backend.intents.get(first.key) == first.intent


def test_an_intent_without_an_attempt_has_no_execution(backend: Backend) -> None:
    backend.intents.put(intent())
    assert backend.executions.load(key()) is None


def test_executions_of_another_tenant_or_account_are_not_seen(backend: Backend) -> None:
    backend.executions.commit(claimed())
    assert backend.executions.load(key(tenant="other")) is None
    assert backend.executions.load(key(account="other")) is None


def test_a_second_first_claim_is_stale_and_carries_what_is_there(backend: Backend) -> None:
    first = claimed(nonce="mine")
    backend.executions.commit(first)
    with pytest.raises(StaleError) as caught:
        backend.executions.commit(claimed(nonce="theirs"))
    assert caught.value.existing == first.execution


def test_a_change_of_an_older_version_is_stale_and_leaves_nothing(backend: Backend) -> None:
    first = claimed()
    second = settled(first.execution)
    backend.executions.commit(first)
    backend.executions.commit(second)
    with pytest.raises(StaleError) as caught:
        backend.executions.commit(parked(first.execution))
    assert caught.value.existing == second.execution
    assert loaded(backend, first) == second.execution
    assert [it.type for it in backend.outbox.pending(10)] == [SignalType.ACTION_EXECUTED]


def test_a_change_of_what_is_not_there_is_stale_and_carries_nothing(backend: Backend) -> None:
    with pytest.raises(StaleError) as caught:
        backend.executions.commit(settled(claimed().execution))
    assert caught.value.existing is None
    assert backend.outbox.pending(10) == []


def test_a_commit_whose_reply_was_lost_is_known_by_its_nonce_or_done_once(backend: Backend) -> None:
    """The same change again is taken for done, or refused by a row that bears its nonce; both are success."""
    change = claimed(nonce="mine")
    backend.executions.commit(change)
    assert refused_by(backend, change) in {None, change.execution}
    assert loaded(backend, change) == change.execution
    assert tuple(backend.ledger.entries(Chain("acme", chain_of(change.execution.attempt)))) == change.entries


def refused_by(backend: Backend, change: Change) -> Execution | None:
    try:
        backend.executions.commit(change)
    except StaleError as stale:
        return stale.existing
    return None


def test_a_taken_intent_id_undoes_the_whole_change(backend: Backend) -> None:
    first = intent(title="One")
    backend.intents.put(first)
    with pytest.raises(PayloadConflictError):
        backend.executions.commit(claimed(intent(title="Two")))
    assert backend.executions.load(key()) is None
    assert backend.intents.get(key()) == first
    assert backend.ledger.entries(Chain("acme", "account-1/intent-1")) == []


def test_an_intent_that_is_stored_already_is_no_conflict(backend: Backend) -> None:
    backend.intents.put(intent())
    backend.executions.commit(claimed())
    assert backend.executions.load(key()) is not None


def test_the_ledger_of_an_execution_verifies_against_its_head(backend: Backend) -> None:
    first = claimed()
    second = settled(first.execution)
    backend.executions.commit(first)
    backend.executions.commit(second)
    attempt = second.execution.attempt
    entries = backend.ledger.entries(Chain("acme", chain_of(attempt)))
    assert tuple(entries) == first.entries + second.entries
    assert verify(entries, attempt.head) is None


def test_a_refusal_is_written_once_and_touches_nothing_else(backend: Backend) -> None:
    change = claimed()
    backend.executions.commit(change)
    assert backend.executions.refuse(refusal()) is True
    assert backend.executions.refuse(refusal(at_ms=NOW_MS + 5)) is False
    assert loaded(backend, change) == change.execution
    assert [it.type for it in backend.outbox.pending(10)] == [SignalType.ACTION_REFUSED]
    assert len(backend.ledger.entries(refusal_chain(key()))) == 1


def test_refusals_of_other_bodies_follow_each_other_in_the_side_chain(backend: Backend) -> None:
    for number, body in enumerate(("a", "b", "c")):
        assert backend.executions.refuse(refusal(body, at_ms=NOW_MS + number))
    entries = backend.ledger.entries(refusal_chain(key()))
    assert [it.sequence for it in entries] == [1, 2, 3]
    assert verify(entries, None) is None
    assert [it.revision for it in backend.outbox.pending(10)] == [1, 2, 3]


def test_a_refusal_of_one_tenant_does_not_hide_that_of_another(backend: Backend) -> None:
    assert backend.executions.refuse(refusal(of=key(tenant="acme")))
    assert backend.executions.refuse(refusal(of=key(tenant="other")))


def test_the_longest_due_come_first_and_never_more_than_asked_for(backend: Backend) -> None:
    for number, due_at_ms in enumerate((NOW_MS + 30, NOW_MS + 10, NOW_MS + 20, NOW_MS + 99)):
        first = claimed(intent(key(f"intent-{number}")))
        backend.executions.commit(first)
        backend.executions.commit(postponed(first.execution, due_at_ms))
    due = backend.executions.due(NOW_MS + 30, 10)
    assert [it.intent_id for it in due] == ["intent-1", "intent-2", "intent-0"]
    assert [it.intent_id for it in backend.executions.due(NOW_MS + 30, 2)] == ["intent-1", "intent-2"]
    assert backend.executions.due(NOW_MS + 9, 10) == []


def test_what_is_settled_is_due_no_more(backend: Backend) -> None:
    first = claimed()
    backend.executions.commit(first)
    assert backend.executions.due(NOW_MS + 10**9, 10) == [key()]
    backend.executions.commit(settled(first.execution))
    assert backend.executions.due(NOW_MS + 10**9, 10) == []


def test_of_threads_that_race_for_one_claim_one_wins(backend: Backend) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def race(number: int) -> None:
        change = claimed(nonce=f"nonce-{number}", owner=f"worker-{number}")
        start.wait()
        try:
            backend.executions.commit(change)
        except StaleError as stale:
            outcomes.append(f"lost to {stale.existing.attempt.owner if stale.existing else None}")
        else:
            outcomes.append(f"won as worker-{number}")

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (won,) = [it for it in outcomes if it.startswith("won")]
    winner = won.removeprefix("won as ")
    assert sorted(outcomes) == sorted([won, *[f"lost to {winner}"] * 7])


def test_texts_of_every_script_are_kept_as_they_are(backend: Backend) -> None:
    body = intent(title='"quoted" \\ \n\t ü 漢字 🎈 \u2028 -- \'; DROP TABLE intents')
    backend.executions.commit(claimed(body))
    assert backend.intents.get(key()) == body


def test_numbers_keep_their_fingerprint(backend: Backend) -> None:
    odd = replace(intent(), parameters={"a": 1, "b": 1.0, "c": 2**53 - 1, "d": -0.0, "e": 1e15, "f": 1e-7, "g": None})
    backend.intents.put(odd)
    found = backend.intents.get(key())
    assert found is not None
    assert found.fingerprint == odd.fingerprint


def postponed(existing: Execution, due_at_ms: int) -> Change:
    def transition(draft: Draft) -> None:
        wait(draft, due_at_ms)

    return changed(existing, transition)
