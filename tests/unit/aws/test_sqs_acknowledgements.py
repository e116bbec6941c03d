from __future__ import annotations

import threading

from botocore.exceptions import ConnectTimeoutError

from adapters.aws.acknowledgements import MAX_WAITING, WAIT_MS
from tests.unit.aws.lines import Cut, Instead, LosingEntries, error
from tests.unit.aws.queues import LONG_MS, Desk

OPERATION = "DeleteMessageBatch"


def test_acknowledging_by_tens_costs_a_tenth_of_a_call(desk: Desk) -> None:
    for _ in range(10):
        for delivery in desk.received(10):
            desk.queue.acknowledge(delivery)

    assert (desk.calls.count(OPERATION), desk.left()) == (10, 0)


def test_an_acknowledgement_waits_for_others_no_longer_than_half_a_second(desk: Desk) -> None:
    one, two = desk.received(2)
    desk.queue.acknowledge(one)
    desk.clock.advance(WAIT_MS - 1)
    desk.queue.receive(1, visibility_ms=LONG_MS)
    assert desk.calls.count(OPERATION) == 0

    desk.clock.advance(1)
    desk.queue.acknowledge(two)

    assert (desk.calls.count(OPERATION), desk.left()) == (1, 0)


def test_a_receive_sends_the_acknowledgements_that_are_due(desk: Desk) -> None:
    (delivery,) = desk.received()
    desk.queue.acknowledge(delivery)
    desk.clock.advance(WAIT_MS)

    desk.queue.receive(1, visibility_ms=LONG_MS)

    assert [name for name, _ in desk.calls.seen[-2:]] == [OPERATION, "ReceiveMessage"]
    assert desk.left() == 0


def test_what_became_due_during_a_long_poll_is_sent_after_it(desk: Desk) -> None:
    (delivery,) = desk.received()

    def acknowledge_and_wait(**_: object) -> None:
        desk.queue.acknowledge(delivery)
        desk.clock.advance(WAIT_MS)

    desk.client.meta.events.register("before-call.sqs.ReceiveMessage", acknowledge_and_wait)
    desk.queue.receive(1, visibility_ms=LONG_MS)

    assert [name for name, _ in desk.calls.seen[-2:]] == ["ReceiveMessage", OPERATION]
    assert desk.left() == 0


def test_closing_sends_the_acknowledgements_that_wait_and_none_twice(desk: Desk) -> None:
    for delivery in desk.received(3):
        desk.queue.acknowledge(delivery)

    desk.queue.close()
    desk.queue.close()

    assert (desk.calls.count(OPERATION), desk.left()) == (1, 0)


def test_an_acknowledgement_that_is_refused_spoils_no_other(desk: Desk) -> None:
    LosingEntries(desk.client, OPERATION, [4])

    for delivery in desk.received(10):
        desk.queue.acknowledge(delivery)
    desk.queue.flush()

    assert (desk.calls.count(OPERATION), desk.left()) == (1, 1)


def test_a_message_acknowledged_twice_is_named_once_in_a_call(desk: Desk) -> None:
    one, two = desk.received(2)
    for delivery in (one, one, two):
        desk.queue.acknowledge(delivery)

    desk.queue.flush()

    assert [len(call["Entries"]) for call in desk.calls.of(OPERATION)] == [2]
    assert desk.left() == 0


def test_acknowledgements_whose_call_failed_wait_for_the_next_one(desk: Desk) -> None:
    Instead(desk.client, OPERATION, error("RequestThrottled"))
    first, *others = desk.received(11)

    for delivery in others:
        desk.queue.acknowledge(delivery)
    assert (desk.calls.count(OPERATION), desk.left()) == (1, 11)
    desk.queue.acknowledge(first)
    assert desk.calls.count(OPERATION) == 1
    desk.clock.advance(WAIT_MS)
    desk.queue.receive(1, visibility_ms=LONG_MS)
    assert desk.left() == 1
    desk.queue.flush()

    assert desk.left() == 0


def test_a_queue_that_cannot_be_reached_is_not_asked_with_every_acknowledgement(desk: Desk) -> None:
    deliveries = desk.received(MAX_WAITING + 20)
    Cut(desk.client, ConnectTimeoutError(endpoint_url="https://sqs.test"), times=1_000)

    for delivery in deliveries:
        desk.queue.acknowledge(delivery)

    assert desk.calls.count(OPERATION) == 1
    for asked in (2, 3):
        desk.clock.advance(WAIT_MS)
        desk.queue.acknowledge(deliveries[0])
        desk.queue.acknowledge(deliveries[1])
        assert desk.calls.count(OPERATION) == asked


def test_a_queue_that_can_be_reached_again_is_sent_tens_at_once(desk: Desk) -> None:
    deliveries = desk.received(30)
    Instead(desk.client, OPERATION, error("RequestThrottled"))
    for delivery in deliveries[:10]:
        desk.queue.acknowledge(delivery)
    desk.queue.flush()

    for delivery in deliveries[10:]:
        desk.queue.acknowledge(delivery)

    assert (desk.calls.count(OPERATION), desk.left()) == (4, 0)


def test_no_more_than_a_hundred_acknowledgements_wait(desk: Desk) -> None:
    deliveries = desk.received(MAX_WAITING + 20)
    Instead(desk.client, OPERATION, error("InternalError"))

    for delivery in deliveries:
        desk.queue.acknowledge(delivery)
    desk.queue.flush()
    desk.queue.flush()

    assert desk.left() == 20


def test_threads_acknowledge_together_and_none_is_lost(desk: Desk) -> None:
    deliveries = desk.received(80)
    shares = [deliveries[start::8] for start in range(8)]

    def work(number: int) -> None:
        for delivery in shares[number]:
            desk.queue.acknowledge(delivery)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.queue.flush()

    sent = [entry["ReceiptHandle"] for call in desk.calls.of(OPERATION) for entry in call["Entries"]]
    assert sorted(sent) == sorted(delivery.receipt for delivery in deliveries)
    assert desk.calls.count(OPERATION) <= 9
    assert desk.left() == 0
