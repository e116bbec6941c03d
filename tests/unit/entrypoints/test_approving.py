from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence

import pytest

from adapters.memory.clock import CountingIds, FakeClock
from adapters.memory.queue import MemoryQueue
from core.domain.errors import PayloadConflictError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from entrypoints.approving import ADDED_BY_A_BUS_BYTES, Nowhere, Outlet, Refusal, ToBus, ToQueue, approve
from ports.wire.bounds import MAX_BODY_BYTES
from ports.wire.event import DEFAULT_SOURCE
from ports.wire.messages import approved_event, wake_up_body
from tests.unit.making import KEY, an_intent


class Shelf:
    """Takes events but for those that it is told to refuse."""

    def __init__(self, refuses: Mapping[int, str] | None = None) -> None:
        self.put_here: list[str] = []
        self._refuses = refuses or {}

    def put(self, events: Sequence[str]) -> Mapping[int, str]:
        self.put_here += events
        return self._refuses


class Stored:
    """Intents by key; another body under a known id is refused."""

    def __init__(self) -> None:
        self.by_key: dict[IntentKey, Intent] = {}

    def get(self, key: IntentKey) -> Intent | None:
        return self.by_key.get(key)

    def put(self, intent: Intent) -> None:
        if self.by_key.setdefault(intent.key, intent) != intent:
            raise PayloadConflictError("another body")


def lines(*bodies: str) -> io.BytesIO:
    return io.BytesIO("".join(f"{body}\n" for body in bodies).encode())


def approved(content: io.BytesIO, outlet: Outlet, source: str = DEFAULT_SOURCE) -> tuple[int, list[Refusal]]:
    batches = list(approve(content, outlet, source=source))
    return sum(taken for taken, _ in batches), [it for _, refusals in batches for it in refusals]


def test_valid_lines_go_out_as_they_came_and_the_others_are_named_by_number_and_kept_back() -> None:
    shelf = Shelf()
    good = approved_event(an_intent(), embed=True)

    taken, refusals = approved(lines(good, "{}", "", "garbage", good), ToBus(shelf))

    assert (taken, shelf.put_here) == (2, [good, good])
    assert [(it.number, it.is_invalid) for it in refusals] == [(2, True), (3, True)]
    assert "detail-type" in refusals[0].reason
    assert "not JSON" in refusals[1].reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (wake_up_body(KEY, "queue:1"), "no event of a publisher"),
        (approved_event(an_intent(), source="other"), "source other is unknown"),
        (approved_event(an_intent()).replace('"1"', '"99"'), "version 99"),
        (approved_event(an_intent()).replace("ACTION_APPROVED", "ACTION_EXECUTED"), "ACTION_EXECUTED is unknown"),
    ],
)
def test_what_only_this_system_says_or_nobody_knows_is_not_sent(body: str, reason: str) -> None:
    shelf = Shelf()
    taken, (refusal,) = approved(lines(body), ToBus(shelf))
    assert (taken, shelf.put_here) == (0, [])
    assert reason in refusal.reason


def test_an_event_of_a_configured_source_is_valid() -> None:
    taken, refusals = approved(lines(approved_event(an_intent(), source="other")), ToBus(Shelf()), source="other")
    assert (taken, refusals) == (1, [])


def padded(octets: int) -> str:
    """A valid event of so many bytes: the envelope may have fields of others, which make it longer."""
    event = json.loads(approved_event(an_intent())) | {"padding": ""}
    missing = octets - len(json.dumps(event).encode())
    return json.dumps(event | {"padding": "x" * missing})


def test_an_event_that_a_bus_would_make_too_large_for_the_queue_is_not_put_on_it() -> None:
    most = MAX_BODY_BYTES - ADDED_BY_A_BUS_BYTES
    taken, (refusal,) = approved(lines(padded(most), padded(most + 1)), ToBus(Shelf()))
    assert (taken, refusal.number) == (1, 2)
    assert f"over {most} bytes" in refusal.reason
    assert approved(lines(padded(most + 1)), Nowhere(MAX_BODY_BYTES)) == (1, [])


def test_what_a_bus_did_not_take_is_told_by_its_number_and_may_be_tried_again() -> None:
    good = approved_event(an_intent(), embed=True)
    taken, refusals = approved(lines("{}", good, good), ToBus(Shelf({1: "ThrottlingException"})))
    assert taken == 1
    assert [(it.number, it.is_invalid) for it in refusals] == [(1, True), (3, False)]
    assert refusals[1].reason == "not taken: ThrottlingException"


def test_into_a_queue_the_embedded_intent_is_stored_first_and_a_conflict_is_sent_for_a_worker_to_refuse() -> None:
    queue, stored = MemoryQueue(FakeClock(), CountingIds()), Stored()
    first = approved_event(an_intent(), embed=True)
    other = approved_event(an_intent(parameters={"title": "Pay them"}), embed=True)

    assert approved(lines(first, other), ToQueue(queue, stored)) == (2, [])

    assert stored.by_key == {KEY: an_intent()}
    assert [it.body for it in queue.receive(10, visibility_ms=1)] == [first, other]


def test_a_dry_run_judges_and_sends_nothing() -> None:
    taken, refusals = approved(lines(approved_event(an_intent()), "{}"), Nowhere(MAX_BODY_BYTES))
    assert (taken, len(refusals)) == (1, 1)
