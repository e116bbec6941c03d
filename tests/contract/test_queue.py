import json

import pytest

from tests.contract.samples import key
from tests.contract.services import Services

LONG_MS = 30_000
"""Longer than any test: what is taken for this long is not seen again."""


def test_what_is_sent_is_received(services: Services) -> None:
    before_ms = services.clock.now_ms()
    services.queue.send(["one", "two"])
    taken = services.queue.receive(10, visibility_ms=LONG_MS)
    assert sorted(it.body for it in taken) == ["one", "two"]
    assert {it.receive_count for it in taken} == {1}
    assert all(before_ms <= it.first_sent_at_ms <= services.clock.now_ms() for it in taken)
    assert len({it.message_id for it in taken}) == 2


def test_many_are_sent_at_once_and_none_is_lost(services: Services) -> None:
    bodies = [f"{number:02} {'ü' * 20_000}" for number in range(23)]
    services.queue.send(bodies)
    taken = [it.body for _ in range(4) for it in services.queue.receive(10, visibility_ms=LONG_MS)]
    assert sorted(taken) == bodies


def test_nothing_to_send_sends_nothing(services: Services) -> None:
    services.queue.send([])
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 0


def test_no_more_is_taken_than_asked_for(services: Services) -> None:
    services.queue.send([str(number) for number in range(5)])
    assert len(services.queue.receive(3, visibility_ms=LONG_MS)) == 3
    assert len(services.queue.receive(3, visibility_ms=LONG_MS)) == 2
    assert len(services.queue.receive(3, visibility_ms=LONG_MS)) == 0


def test_a_message_is_invisible_until_its_time_is_over_and_keeps_its_id(services: Services) -> None:
    services.queue.send(["one"])
    (first,) = services.queue.receive(1, visibility_ms=services.visibility_ms)
    services.pass_time(services.visibility_ms // 2)
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 0
    services.pass_time(services.visibility_ms // 2)
    (again,) = services.queue.receive(1, visibility_ms=LONG_MS)
    assert (again.message_id, again.receive_count) == (first.message_id, 2)
    assert again.first_sent_at_ms == first.first_sent_at_ms
    assert again.receipt != first.receipt


def test_an_acknowledged_message_is_gone(services: Services) -> None:
    services.queue.send(["one", "two"])
    one, two = services.queue.receive(2, visibility_ms=services.visibility_ms)
    services.queue.acknowledge(one)
    services.pass_time(services.visibility_ms)
    (left,) = services.queue.receive(10, visibility_ms=LONG_MS)
    assert left.message_id == two.message_id


def test_an_old_receipt_moves_nothing(services: Services) -> None:
    if not services.fences_receipts:
        pytest.skip("an old receipt may still hold here")
    services.queue.send(["one"])
    (old,) = services.queue.receive(1, visibility_ms=services.visibility_ms)
    services.pass_time(services.visibility_ms)
    (new,) = services.queue.receive(1, visibility_ms=services.visibility_ms)
    services.queue.acknowledge(old)
    services.queue.put_back(old, delay_ms=0)
    services.queue.dead_letter(old, "too late")
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 0
    assert services.dead_letters.count() == 0
    services.pass_time(services.visibility_ms)
    (again,) = services.queue.receive(1, visibility_ms=LONG_MS)
    assert again.message_id == new.message_id


def test_a_receipt_of_a_message_that_is_gone_moves_nothing(services: Services) -> None:
    services.queue.send(["one"])
    (gone,) = services.queue.receive(1, visibility_ms=LONG_MS)
    services.queue.dead_letter(gone, "bad")
    services.queue.acknowledge(gone)
    services.queue.put_back(gone, delay_ms=0)
    services.queue.dead_letter(gone, "bad again")
    assert services.dead_letters.count() == 1
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 0


def test_a_receipt_of_a_message_that_is_gone_does_not_fit_the_next_one(services: Services) -> None:
    services.queue.send(["one"])
    (old,) = services.queue.receive(1, visibility_ms=services.visibility_ms)
    services.queue.acknowledge(old)
    assert len(services.queue.receive(1, visibility_ms=services.visibility_ms)) == 0
    services.queue.send(["two"])
    assert len(services.queue.receive(1, visibility_ms=services.visibility_ms)) == 1
    services.queue.acknowledge(old)
    services.pass_time(services.visibility_ms)
    assert len(services.queue.receive(2, visibility_ms=LONG_MS)) == 1


def test_what_is_put_back_is_visible_after_its_delay(services: Services) -> None:
    services.queue.send(["one"])
    (first,) = services.queue.receive(1, visibility_ms=LONG_MS)
    services.queue.put_back(first, delay_ms=1_000)
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 0
    services.pass_time(1_000)
    (again,) = services.queue.receive(1, visibility_ms=LONG_MS)
    assert again.message_id == first.message_id


def test_what_is_put_back_without_delay_is_visible_at_once(services: Services) -> None:
    services.queue.send(["one"])
    (first,) = services.queue.receive(1, visibility_ms=LONG_MS)
    services.queue.put_back(first, delay_ms=0)
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 1


def test_a_delivery_that_is_extended_stays_invisible(services: Services) -> None:
    if services.visibility is None:
        pytest.skip("nothing is extended here")
    services.queue.send(["one"])
    (first,) = services.queue.receive(1, visibility_ms=services.visibility_ms)
    services.visibility.extend(first, 2 * services.visibility_ms)
    services.pass_time(services.visibility_ms)
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 0
    services.pass_time(services.visibility_ms)
    (again,) = services.queue.receive(1, visibility_ms=LONG_MS)
    assert again.message_id == first.message_id


def test_a_delayed_message_waits(services: Services) -> None:
    services.queue.send(["later"], delay_ms=1_000)
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 0
    services.pass_time(1_000)
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 1


def test_a_dead_letter_keeps_the_body_and_the_reason(services: Services) -> None:
    before_ms = services.clock.now_ms()
    services.queue.send(["one"])
    (bad,) = services.queue.receive(1, visibility_ms=services.visibility_ms)
    services.queue.dead_letter(bad, "it does not parse")
    (letter,) = services.dead_letters.newest(10)
    assert (letter.message_id, letter.body, letter.reason) == (bad.message_id, "one", "it does not parse")
    assert before_ms <= letter.at_ms <= services.clock.now_ms()
    services.pass_time(services.visibility_ms)
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 0


def test_dead_letters_are_counted_and_shown_newest_first(services: Services) -> None:
    for number in range(12):
        services.queue.send([str(number)])
        (bad,) = services.queue.receive(1, visibility_ms=LONG_MS)
        services.queue.dead_letter(bad, "bad")
        services.pass_time(1)
    assert services.dead_letters.count() == 12
    assert [it.body for it in services.dead_letters.newest(2)] == ["11", "10"]


def test_a_look_at_the_dead_letters_leaves_them_there(services: Services) -> None:
    services.queue.send(["one"])
    (bad,) = services.queue.receive(1, visibility_ms=LONG_MS)
    services.queue.dead_letter(bad, "bad")
    assert services.dead_letters.newest(10) == services.dead_letters.newest(10)
    assert len(services.dead_letters.newest(10)) == services.dead_letters.count() == 1


def test_a_wake_up_comes_when_it_is_due(services: Services) -> None:
    services.wake_ups.at(key(), "worker", services.clock.now_ms() + 1_000)
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 0
    services.pass_time(1_000)
    (delivery,) = services.queue.receive(1, visibility_ms=LONG_MS)
    assert "worker" in json.dumps(json.loads(delivery.body)["wake_up"])


def test_a_wake_up_that_is_overdue_comes_at_once(services: Services) -> None:
    services.wake_ups.at(key(), "worker", services.clock.now_ms() - 2_000)
    assert len(services.queue.receive(1, visibility_ms=LONG_MS)) == 1


def test_the_backlog_tells_when_the_next_message_becomes_visible_and_that_none_is_left(services: Services) -> None:
    if services.backlog is None:
        pytest.skip("this queue does not see its own messages")
    assert services.backlog.next_visible_ms() is None
    now_ms = services.clock.now_ms()
    services.queue.send(["later"], delay_ms=2_000)
    assert services.backlog.next_visible_ms() == now_ms + 2_000
    services.queue.send(["now"])
    assert services.backlog.next_visible_ms() == now_ms
    (taken,) = services.queue.receive(10, visibility_ms=1_000)
    assert services.backlog.next_visible_ms() == now_ms + 1_000
    services.queue.acknowledge(taken)
    assert services.backlog.next_visible_ms() == now_ms + 2_000
    services.pass_time(2_000)
    (last,) = services.queue.receive(10, visibility_ms=1_000)
    services.queue.acknowledge(last)
    assert services.backlog.next_visible_ms() is None
