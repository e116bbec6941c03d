"""Launch: what is started, under which name, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.attempt import AttemptStatus
from core.domain.claiming import Order
from core.domain.draft import Draft
from core.domain.errors import (
    ExecutionAbortedError,
    IntentNotFoundError,
    NameTakenError,
    PayloadConflictError,
    StoreUnavailableError,
)
from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.domain.orchestration import orchestration, orchestration_name
from core.domain.settling import wait
from tests.unit.making import KEY, NOW_MS, an_intent
from tests.unit.orchestrating import ORDER, OURS, Bench

EMBEDDED = replace(ORDER, intent=an_intent())
ADA = Operator("ada")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def failed(bench: Bench) -> None:
    bench.claimed()
    bench.conclude(OURS, ExecutionAbortedError("It ended."))


def give_back(bench: Bench, until_ms: int) -> None:
    bench.executions.commit(_waiting(bench, until_ms).change())


def _waiting(bench: Bench, until_ms: int) -> Draft:
    draft = Draft(bench.stored(), now_ms=bench.clock.now_ms(), nonce="wait")
    wait(draft, until_ms)
    return draft


def test_an_embedded_intent_is_stored_and_the_orchestration_carries_ids_alone(bench: Bench) -> None:
    assert bench.launch(EMBEDDED) is None
    assert bench.intents.get(KEY) == an_intent()
    assert bench.orchestrator.asked == [OURS]
    assert OURS.order == Order(KEY, f"execution:{OURS.name}", None, "HUMAN", False)
    assert bench.executions.load(KEY) is None


def test_a_known_intent_needs_no_body(bench: Bench) -> None:
    bench.known()
    bench.launch(ORDER)
    assert bench.orchestrator.asked == [OURS]


def test_ids_alone_whose_intent_is_missing_start_nothing(bench: Bench) -> None:
    with pytest.raises(IntentNotFoundError):
        bench.launch(ORDER)
    assert bench.orchestrator.asked == []
    assert bench.told() == []


@pytest.mark.parametrize("is_claimed", [False, True])
def test_another_body_under_the_same_id_is_refused_told_once_and_starts_nothing(bench: Bench, is_claimed: bool) -> None:
    bench.launch(EMBEDDED)
    if is_claimed:
        bench.start(OURS.order)
    before = bench.executions.load(KEY)
    other = replace(ORDER, intent=an_intent(parameters={"title": "Send them money"}))
    for _ in range(2):
        with pytest.raises(PayloadConflictError):
            bench.launch(other)
    assert bench.told() == [("ACTION_REFUSED", "PAYLOAD_CONFLICT")]
    assert bench.orchestrator.asked == [OURS]
    assert (bench.intents.get(KEY), bench.executions.load(KEY)) == (an_intent(), before)


def test_a_redelivery_by_another_message_asks_for_the_same_orchestration(bench: Bench) -> None:
    bench.launch(EMBEDDED)
    bench.launch(replace(EMBEDDED, owner="queue:message-2"))
    assert bench.orchestrator.asked == [OURS, OURS]
    assert len(bench.orchestrator.started) == 1


def test_work_that_is_under_way_is_asked_for_again_under_the_same_name(bench: Bench) -> None:
    execution = bench.claimed()
    assert bench.launch(ORDER) == execution
    assert bench.orchestrator.asked == [OURS]


def test_finished_work_starts_nothing_and_is_returned(bench: Bench) -> None:
    failed(bench)
    assert bench.launch(EMBEDDED) == bench.stored()
    assert bench.stored().attempt.status is AttemptStatus.FAILED
    assert bench.orchestrator.asked == []


def test_a_tombstone_starts_nothing(bench: Bench) -> None:
    bench.known()
    bench.cancel_without(KEY, ADA)
    assert bench.launch(ORDER) == bench.stored()
    assert bench.orchestrator.asked == []


@pytest.mark.parametrize("order", [ORDER, EMBEDDED])
def test_an_orchestrator_out_of_reach_means_deliver_again(bench: Bench, order: Order) -> None:
    bench.known()
    bench.orchestrator.is_away = True
    with pytest.raises(StoreUnavailableError):
        bench.launch(order)
    bench.orchestrator.is_away = False
    bench.launch(order)
    assert bench.orchestrator.asked == [OURS]


def test_a_name_that_is_not_ours_is_told(bench: Bench) -> None:
    bench.known()
    stranger = replace(OURS, order=replace(OURS.order, key=IntentKey("other", "a", "i")))
    bench.orchestrator.started[OURS.name] = stranger
    with pytest.raises(NameTakenError):
        bench.launch(ORDER)


def test_a_wake_up_without_an_attempt_starts_nothing(bench: Bench) -> None:
    assert bench.launch.resume(KEY, "anybody") is None
    assert bench.orchestrator.asked == []


def test_a_wake_up_that_is_early_is_armed_again_and_starts_nothing(bench: Bench) -> None:
    owner = bench.claimed().attempt.owner
    give_back(bench, NOW_MS + 5_000)
    assert bench.launch.resume(KEY, owner) == bench.stored()
    assert bench.orchestrator.asked == []
    assert bench.queue.next_visible_ms() == NOW_MS + 5_000


def test_a_wake_up_at_its_moment_starts_what_goes_on(bench: Bench) -> None:
    owner = bench.claimed().attempt.owner
    give_back(bench, NOW_MS + 5_000)
    bench.clock.advance(5_000)
    bench.launch.resume(KEY, owner)
    assert bench.orchestrator.asked == [orchestration(ORDER, run=1, generation=1)]
    assert bench.queue.next_visible_ms() is None


def test_a_wake_up_for_work_that_somebody_else_took_over_starts_nothing(bench: Bench) -> None:
    owner = bench.claimed().attempt.owner
    bench.clock.advance(60_000)
    taken = bench.advance.taken_over(bench.stored(), "sweeper:1")
    assert bench.launch.resume(KEY, owner) == taken
    assert bench.orchestrator.asked == []
    assert bench.queue.next_visible_ms() is None


def test_a_wake_up_for_finished_work_starts_nothing(bench: Bench) -> None:
    failed(bench)
    assert bench.launch.resume(KEY, OURS.order.owner) == bench.stored()
    assert bench.orchestrator.asked == []


def test_finding_22_a_retry_runs_under_a_new_name_and_its_wake_up_may_come_twice(bench: Bench) -> None:
    bench.launch(EMBEDDED)
    failed(bench)
    attempt = bench.retry(KEY, ADA).attempt
    for _ in range(2):
        bench.launch.resume(KEY, attempt.owner)
    name = orchestration_name(ORDER, 2, attempt.generation)
    assert [it.name for it in bench.orchestrator.asked] == [OURS.name, name, name]
    assert name != OURS.name
    claimed = bench.start(bench.orchestrator.started[name].order)
    assert (claimed.attempt.owner, claimed.attempt.run) == (f"execution:{name}", 2)
    # From now on it is awake, and the wake-up is for somebody who holds it no more.
    bench.launch.resume(KEY, attempt.owner)
    assert len(bench.orchestrator.asked) == 3


def test_what_is_resumed_keeps_who_approved_it(bench: Bench) -> None:
    owner = bench.claimed().attempt.owner
    give_back(bench, NOW_MS)
    bench.launch.resume(KEY, owner)
    (asked,) = bench.orchestrator.asked
    assert (asked.order.approval_source, asked.order.auto_executed) == ("HUMAN", False)
