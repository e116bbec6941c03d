"""Dead letters go back to the queue, the chosen ones alone."""

from __future__ import annotations

from collections.abc import Sequence

from ports.queue import Delivery
from tests.contract.services import Services

LOOKS = 10


def bury(services: Services, *bodies: str) -> None:
    services.queue.send(bodies)
    for delivery in received(services, len(bodies)):
        services.queue.dead_letter(delivery, f"CODE: {delivery.body}")


def received(services: Services, count: int) -> Sequence[Delivery]:
    found: list[Delivery] = []
    for _ in range(LOOKS):
        found += services.queue.receive(count, visibility_ms=30_000)
        if len(found) >= count:
            break
    return found


def test_chosen_letters_are_delivered_again_and_are_letters_no_more(services: Services) -> None:
    bury(services, "one", "two", "three")
    moved = services.dead_letters.redrive(lambda letter: letter.body != "two", 10)
    assert sorted(it.body for it in moved) == ["one", "three"]
    assert {it.reason for it in moved} == {"CODE: one", "CODE: three"}
    assert sorted(it.body for it in received(services, 2)) == ["one", "three"]
    assert [it.body for it in services.dead_letters.newest(10)] == ["two"]


def test_no_more_than_the_bound_go_back(services: Services) -> None:
    bury(services, "one", "two", "three")
    assert len(services.dead_letters.redrive(lambda _: True, 2)) == 2
    assert len(received(services, 2)) == 2
    assert len(services.dead_letters.newest(10)) == 1
    assert len(services.dead_letters.redrive(lambda _: True, 2)) == 1
    assert services.dead_letters.redrive(lambda _: True, 2) == []


def test_what_goes_back_is_received_as_if_for_the_first_time_and_can_be_buried_again(services: Services) -> None:
    bury(services, "one")
    services.dead_letters.redrive(lambda _: True, 1)
    (again,) = received(services, 1)
    assert again.receive_count == 1
    services.queue.dead_letter(again, "CODE: again")
    assert [it.reason for it in services.dead_letters.newest(10)] == ["CODE: again"]
