from __future__ import annotations

import threading
from collections.abc import Sequence
from time import monotonic, sleep

import pytest

from adapters.memory.clock import CountingIds, FakeClock
from adapters.memory.queue import MemoryQueue
from core.domain.errors import StoreUnavailableError
from entrypoints.hands import MOST_AHEAD, SOON_S, Hands
from ports.queue import Delivery

WAIT_S = 10.0


def a_queue(*bodies: str) -> MemoryQueue:
    queue = MemoryQueue(FakeClock(), CountingIds())
    queue.send(bodies)
    return queue


def left(queue: MemoryQueue) -> list[str]:
    return [it.body for it in queue.receive(50, visibility_ms=1)]


def test_hands_fetch_ahead_and_count_what_they_hold() -> None:
    queue = a_queue("one", "two", "three")
    hands = Hands(queue, ahead=2, visibility_s=WAIT_S)
    first = hands.take()
    assert first is not None
    assert (first.body, hands.held()) == ("one", 2)
    hands.done(first)
    assert hands.held() == 1
    hands.give_back()
    assert hands.held() == 0
    assert left(queue) == ["two", "three"]
    assert hands.take() is None


def test_hands_drop_what_waited_beyond_its_visibility() -> None:
    hands = Hands(a_queue("one", "two"), ahead=2, visibility_s=-1.0)
    assert hands.take() is None
    assert hands.held() == 0


def test_one_empty_answer_of_the_queue_serves_all_threads_for_a_moment() -> None:
    queue = a_queue()
    hands = Hands(queue, ahead=2, visibility_s=WAIT_S)
    assert hands.take() is None
    queue.send(["one"])
    assert hands.take() is None
    hands.wait()
    assert hands.take() is not None


class LongPoll(MemoryQueue):
    """A queue whose receives wait until they are let go, and that counts how many wait at once."""

    def __init__(self) -> None:
        super().__init__(FakeClock(), CountingIds())
        self.polling = threading.Event()
        self.answer = threading.Event()
        self.limits: list[int] = []
        self.at_once = self.most_at_once = 0
        self.unheld: list[str] = []

    def receive(self, limit: int, *, visibility_ms: int) -> Sequence[Delivery]:
        self.limits.append(limit)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.polling.set()
        assert self.answer.wait(WAIT_S)
        self.at_once -= 1
        return super().receive(min(limit, 10), visibility_ms=visibility_ms)

    def put_back(self, delivery: Delivery, *, delay_ms: int) -> None:
        self.unheld.append(delivery.body)
        super().put_back(delivery, delay_ms=delay_ms)


def polling_thread(hands: Hands, queue: LongPoll) -> tuple[threading.Thread, list[Delivery | None]]:
    taken: list[Delivery | None] = []
    thread = threading.Thread(target=lambda: taken.append(hands.take()))
    thread.start()
    assert queue.polling.wait(WAIT_S)
    return thread, taken


def test_nobody_waits_for_a_poll_but_the_one_who_polls() -> None:
    queue = LongPoll()
    queue.answer.set()
    queue.send(["one"])
    hands = Hands(queue, ahead=2, visibility_s=WAIT_S)
    first = hands.take()
    assert first is not None
    queue.answer.clear()
    queue.polling.clear()
    thread, taken = polling_thread(hands, queue)
    begun = monotonic()
    assert hands.take() is None
    assert hands.held() == 2
    hands.done(first)
    assert hands.held() == 1
    hands.give_back()
    assert monotonic() - begun < WAIT_S / 10
    queue.answer.set()
    thread.join(WAIT_S)
    assert (taken, hands.held(), queue.most_at_once) == ([None], 0, 1)


def test_what_a_poll_brings_after_the_end_is_given_back_at_once() -> None:
    queue = LongPoll()
    hands = Hands(queue, ahead=20, visibility_s=WAIT_S)
    thread, taken = polling_thread(hands, queue)
    queue.send(["one", "two"])
    hands.give_back()
    queue.answer.set()
    thread.join(WAIT_S)
    assert (taken, queue.unheld) == ([None], ["one", "two"])
    assert sorted(left(queue)) == ["one", "two"]


def test_several_receives_of_ten_keep_many_threads_busy_and_one_asks_at_a_time() -> None:
    queue = LongPoll()
    queue.answer.set()
    queue.send([str(number) for number in range(35)])
    hands = Hands(queue, ahead=64, visibility_s=WAIT_S)
    taken: list[Delivery] = []
    all_taken = threading.Event()

    def take() -> None:
        until = monotonic() + WAIT_S
        while monotonic() < until and not all_taken.is_set():
            delivery = hands.take()
            if delivery is None:
                hands.wait()
                continue
            taken.append(delivery)
            if len(taken) == 35:
                all_taken.set()
            # It is never done: each thread holds one.
            return

    threads = [threading.Thread(target=take) for _ in range(40)]
    for thread in threads:
        thread.start()
    assert all_taken.wait(WAIT_S)
    for thread in threads:
        thread.join(WAIT_S)
    assert (len({it.body for it in taken}), hands.held()) == (35, 35)
    assert queue.most_at_once == 1


class Extending(MemoryQueue):
    """A queue with the visibility port, which fails as it is told."""

    def __init__(self, *faults: Exception) -> None:
        super().__init__(FakeClock(), CountingIds())
        self.faults = list(faults)
        self.extended: list[tuple[str, int]] = []

    def extend(self, delivery: Delivery, visibility_ms: int) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.extended.append((delivery.body, visibility_ms))


def test_what_is_worked_on_or_waits_longer_than_half_its_visibility_is_kept_from_others() -> None:
    queue = Extending()
    queue.send(["one", "two"])
    hands = Hands(queue, ahead=2, visibility_s=0.4, visibility=queue)
    assert hands.take() is not None
    hands.extend()
    assert queue.extended == []
    sleep(0.25)
    hands.extend()
    hands.extend()
    assert queue.extended == [("one", 400), ("two", 400)]
    sleep(0.25)
    second = hands.take()
    assert second is not None
    assert second.body == "two"


def test_an_extension_that_failed_is_tried_again_and_keeps_back_no_other() -> None:
    queue = Extending(StoreUnavailableError("no"))
    queue.send(["one", "two"])
    hands = Hands(queue, ahead=2, visibility_s=0.2, visibility=queue)
    assert hands.take() is not None
    sleep(0.11)
    hands.extend()
    assert queue.extended == [("two", 200)]
    hands.extend()
    assert queue.extended == [("two", 200), ("one", 200)]


def test_what_left_our_hands_is_not_extended() -> None:
    queue = Extending()
    queue.send(["one"])
    hands = Hands(queue, ahead=2, visibility_s=0.1, visibility=queue)
    taken = hands.take()
    assert taken is not None
    hands.done(taken)
    sleep(0.06)
    hands.extend()
    assert queue.extended == []


class Stubborn(MemoryQueue):
    """A queue that refuses the first put-back."""

    def __init__(self) -> None:
        super().__init__(FakeClock(), CountingIds())
        self.faults: list[Exception] = [StoreUnavailableError("no")]

    def put_back(self, delivery: Delivery, *, delay_ms: int) -> None:
        if self.faults:
            raise self.faults.pop()
        super().put_back(delivery, delay_ms=delay_ms)


def test_one_that_cannot_be_given_back_keeps_back_no_other() -> None:
    queue = Stubborn()
    queue.send(["one", "two", "three"])
    hands = Hands(queue, ahead=3, visibility_s=WAIT_S)
    assert hands.take() is not None
    hands.give_back()
    assert left(queue) == ["three"]


@pytest.mark.parametrize("fault", [StoreUnavailableError("no"), RuntimeError("no")])
def test_a_receive_that_fails_lets_the_next_one_begin(fault: Exception) -> None:
    class Failing(MemoryQueue):
        is_failing = True

        def receive(self, limit: int, *, visibility_ms: int) -> Sequence[Delivery]:
            if self.is_failing:
                raise fault
            return super().receive(limit, visibility_ms=visibility_ms)

    queue = Failing(FakeClock(), CountingIds())
    queue.send(["one"])
    hands = Hands(queue, ahead=2, visibility_s=WAIT_S)
    with pytest.raises(type(fault)):
        hands.take()
    queue.is_failing = False
    hands.wait()
    assert hands.take() is not None


class Asked(MemoryQueue):
    """A queue that keeps how many it was asked for."""

    def __init__(self, size: int) -> None:
        super().__init__(FakeClock(), CountingIds())
        self.limits: list[int] = []
        self.send([str(number) for number in range(size)])

    def receive(self, limit: int, *, visibility_ms: int) -> Sequence[Delivery]:
        self.limits.append(limit)
        return super().receive(limit, visibility_ms=visibility_ms)


def worked_off(hands: Hands, count: int) -> None:
    for _ in range(count):
        delivery = hands.take()
        assert delivery is not None
        hands.done(delivery)


def test_what_is_worked_off_soon_is_fetched_in_larger_and_larger_parts_up_to_a_bound() -> None:
    queue = Asked(1_000)
    worked_off(Hands(queue, ahead=4, visibility_s=WAIT_S), 4 + 8 + 16 + 32 + 64 + 64 + 1)
    assert queue.limits == [4, 8, 16, 32, MOST_AHEAD, MOST_AHEAD, MOST_AHEAD]


def test_what_takes_long_or_was_not_there_makes_the_parts_smaller_again() -> None:
    queue = Asked(4 + 8 + 16 + 5)
    hands = Hands(queue, ahead=4, visibility_s=WAIT_S)
    worked_off(hands, 4 + 8)
    sleep(SOON_S)
    worked_off(hands, 4 + 8 + 9)
    assert hands.take() is None
    assert queue.limits == [4, 8, 4, 8, 16, 8]


def test_a_worker_with_many_threads_never_fetches_less_than_they_need() -> None:
    queue = Asked(1_000)
    worked_off(Hands(queue, ahead=100, visibility_s=WAIT_S), 201)
    assert queue.limits == [100, 100, 100]
