import json

from tests.contract.backends import Backend
from tests.contract.samples import key

VISIBILITY_MS = 30_000


def test_what_is_sent_is_received(backend: Backend) -> None:
    backend.queue.send(["one", "two"])
    taken = backend.queue.receive(10, visibility_ms=VISIBILITY_MS)
    assert sorted(it.body for it in taken) == ["one", "two"]
    assert {it.receive_count for it in taken} == {1}
    assert {it.first_sent_at_ms for it in taken} == {backend.clock.now_ms()}
    assert len({it.message_id for it in taken}) == 2


def test_no_more_is_taken_than_asked_for(backend: Backend) -> None:
    backend.queue.send([str(number) for number in range(5)])
    assert len(backend.queue.receive(3, visibility_ms=VISIBILITY_MS)) == 3
    assert len(backend.queue.receive(3, visibility_ms=VISIBILITY_MS)) == 2
    assert len(backend.queue.receive(3, visibility_ms=VISIBILITY_MS)) == 0


def test_a_message_is_invisible_until_its_time_is_over_and_keeps_its_id(backend: Backend) -> None:
    backend.queue.send(["one"])
    (first,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    backend.clock.advance(VISIBILITY_MS - 1)
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 0
    backend.clock.advance(1)
    (again,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    assert (again.message_id, again.receive_count) == (first.message_id, 2)
    assert again.first_sent_at_ms == first.first_sent_at_ms
    assert again.receipt != first.receipt


def test_an_acknowledged_message_is_gone(backend: Backend) -> None:
    backend.queue.send(["one", "two"])
    one, two = backend.queue.receive(2, visibility_ms=VISIBILITY_MS)
    backend.queue.acknowledge(one)
    backend.clock.advance(VISIBILITY_MS)
    (left,) = backend.queue.receive(10, visibility_ms=VISIBILITY_MS)
    assert left.message_id == two.message_id


def test_an_old_receipt_moves_nothing(backend: Backend) -> None:
    backend.queue.send(["one"])
    (old,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    backend.clock.advance(VISIBILITY_MS)
    (new,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    backend.queue.acknowledge(old)
    backend.queue.put_back(old, delay_ms=0)
    backend.queue.dead_letter(old, "too late")
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 0
    assert backend.dead_letters.count() == 0
    backend.clock.advance(VISIBILITY_MS)
    (again,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    assert again.message_id == new.message_id


def test_a_receipt_of_a_message_that_is_gone_does_not_fit_the_next_one(backend: Backend) -> None:
    backend.queue.send(["one"])
    (old,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    backend.queue.acknowledge(old)
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 0
    backend.queue.send(["two"])
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 1
    backend.queue.acknowledge(old)
    backend.clock.advance(VISIBILITY_MS)
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 1


def test_what_is_put_back_is_visible_after_its_delay(backend: Backend) -> None:
    backend.queue.send(["one"])
    (first,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    backend.queue.put_back(first, delay_ms=500)
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 0
    backend.clock.advance(500)
    (again,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    assert again.message_id == first.message_id


def test_what_is_put_back_without_delay_is_visible_at_once(backend: Backend) -> None:
    backend.queue.send(["one"])
    (first,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    backend.queue.put_back(first, delay_ms=0)
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 1


def test_a_delayed_message_waits(backend: Backend) -> None:
    backend.queue.send(["later"], delay_ms=1_000)
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 0
    backend.clock.advance(1_000)
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 1


def test_a_dead_letter_keeps_the_body_and_the_reason(backend: Backend) -> None:
    backend.queue.send(["one"])
    (bad,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    backend.queue.dead_letter(bad, "it does not parse")
    (letter,) = backend.dead_letters.newest(10)
    assert (letter.message_id, letter.body, letter.reason) == (bad.message_id, "one", "it does not parse")
    assert letter.at_ms == backend.clock.now_ms()
    backend.clock.advance(VISIBILITY_MS)
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 0


def test_dead_letters_are_counted_and_shown_newest_first(backend: Backend) -> None:
    for number in range(5):
        backend.queue.send([str(number)])
        (bad,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
        backend.queue.dead_letter(bad, "bad")
        backend.clock.advance(1)
    assert backend.dead_letters.count() == 5
    assert [it.body for it in backend.dead_letters.newest(2)] == ["4", "3"]


def test_a_wake_up_comes_when_it_is_due(backend: Backend) -> None:
    backend.wake_ups.at(key(), "worker", backend.clock.now_ms() + 2_000)
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 0
    backend.clock.advance(2_000)
    (delivery,) = backend.queue.receive(1, visibility_ms=VISIBILITY_MS)
    assert "worker" in json.dumps(json.loads(delivery.body)["wake_up"])


def test_a_wake_up_that_is_overdue_comes_at_once(backend: Backend) -> None:
    backend.wake_ups.at(key(), "worker", backend.clock.now_ms() - 2_000)
    assert len(backend.queue.receive(1, visibility_ms=VISIBILITY_MS)) == 1


def test_the_backlog_tells_when_the_next_message_becomes_visible_and_that_none_is_left(backend: Backend) -> None:
    assert backend.backlog.next_visible_ms() is None
    now_ms = backend.clock.now_ms()
    backend.queue.send(["later"], delay_ms=2_000)
    assert backend.backlog.next_visible_ms() == now_ms + 2_000
    backend.queue.send(["now"])
    assert backend.backlog.next_visible_ms() == now_ms
    (taken,) = backend.queue.receive(10, visibility_ms=1_000)
    assert backend.backlog.next_visible_ms() == now_ms + 1_000
    backend.queue.acknowledge(taken)
    assert backend.backlog.next_visible_ms() == now_ms + 2_000
    backend.clock.advance(2_000)
    (last,) = backend.queue.receive(10, visibility_ms=1_000)
    backend.queue.acknowledge(last)
    assert backend.backlog.next_visible_ms() is None
