from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.memory.clock import FakeClock
from core.domain.attempt import AttemptStatus
from core.domain.errors import StoreUnavailableError, SwitchUnreadableError
from core.domain.keys import IntentKey
from core.domain.ledger import LedgerEvent
from core.domain.refusing import refusal_chain
from core.domain.switches import Switch, SwitchReading
from entrypoints.container.building import close
from entrypoints.container.embedded import EmbeddedContainer as Container
from entrypoints.handled import Handled, Verdict
from entrypoints.logs import JsonLines
from ports.queue import Delivery
from ports.wire.messages import wake_up_body
from tests.unit.entrypoints.installing import a_note, an_event, an_installation
from tests.unit.making import NOW_MS

KEY = a_note().key
GRACE_MS = 60_000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW_MS)


@pytest.fixture
def installation(tmp_path: Path, clock: FakeClock) -> Iterator[Container]:
    container = an_installation(tmp_path, clock)
    yield container
    close(container)


def send(installation: Container, body: str) -> None:
    installation.queue().send([body])


def receive(installation: Container) -> Delivery:
    (delivery,) = installation.queue().receive(10, visibility_ms=1_000)
    return delivery


def handle(installation: Container, body: str) -> Handled:
    send(installation, body)
    return installation.intake()(receive(installation))


def is_queue_empty(installation: Container) -> bool:
    installation.queue().receive(1, visibility_ms=0)
    return installation.backlog().next_visible_ms() is None


def reasons(installation: Container) -> list[str]:
    return [it.reason for it in installation.dead_letters().newest(10)]


def test_an_approved_event_is_carried_out_and_acknowledged(installation: Container) -> None:
    handled = handle(installation, an_event(a_note()))
    assert (handled.verdict, handled.key) == (Verdict.ACKNOWLEDGED, KEY)
    assert handled.execution is not None
    assert handled.execution.attempt.status is AttemptStatus.SUCCEEDED
    assert handled.execution.attempt.owner == f"queue:{handled.message_id}"
    assert is_queue_empty(installation)


def test_an_event_by_ids_alone_reads_the_stored_intent(installation: Container) -> None:
    installation.intents().put(a_note())
    assert handle(installation, an_event(a_note(), embed=False)).verdict is Verdict.ACKNOWLEDGED


def test_a_duplicate_is_acknowledged_and_changes_nothing(installation: Container) -> None:
    first = handle(installation, an_event(a_note()))
    again = handle(installation, an_event(a_note()))
    assert again.verdict is Verdict.ACKNOWLEDGED
    assert again.execution == first.execution


@pytest.mark.parametrize("body", ["garbage", "[]", "{}", '{"detail-type": "OTHER"}', '{"wake_up": {}}'])
def test_a_bad_event_is_dead_lettered_by_name(installation: Container, body: str) -> None:
    handled = handle(installation, body)
    assert (handled.verdict, handled.error_code) == (Verdict.DEAD_LETTERED, "INVALID_EVENT")
    assert reasons(installation)[0].startswith("INVALID_EVENT: ")
    assert is_queue_empty(installation)


def test_the_same_id_with_another_body_is_refused_ledgered_and_dead_lettered(installation: Container) -> None:
    first = handle(installation, an_event(a_note()))
    other = handle(installation, an_event(a_note(content="Send them money")))
    assert (other.verdict, other.error_code) == (Verdict.DEAD_LETTERED, "PAYLOAD_CONFLICT")
    assert installation.executions().load(KEY) == first.execution
    (entry,) = installation.ledger().entries(refusal_chain(KEY))
    assert entry.event is LedgerEvent.PAYLOAD_CONFLICT


def test_an_event_waits_for_its_intent_until_the_grace_is_over(installation: Container, clock: FakeClock) -> None:
    handled = handle(installation, an_event(a_note(), embed=False))
    assert (handled.verdict, handled.error_code) == (Verdict.PUT_BACK, "INTENT_NOT_FOUND")
    clock.advance(2_000)
    installation.intents().put(a_note())
    assert installation.intake()(receive(installation)).verdict is Verdict.ACKNOWLEDGED


def test_an_intent_that_never_comes_is_refused_without_an_attempt(installation: Container, clock: FakeClock) -> None:
    handled = handle(installation, an_event(a_note(), embed=False))
    tries = 0
    while handled.verdict is Verdict.PUT_BACK:
        tries += 1
        next_ms = installation.backlog().next_visible_ms()
        if next_ms is None or next_ms <= clock.now_ms():
            installation.queue().receive(0, visibility_ms=0)
        clock.advance(1_000)
        for delivery in installation.queue().receive(1, visibility_ms=1_000):
            handled = installation.intake()(delivery)
        assert clock.now_ms() - NOW_MS <= GRACE_MS + 2_000
    assert clock.now_ms() - NOW_MS >= GRACE_MS
    assert reasons(installation) == ["INTENT_NOT_FOUND: There is no intent intent-1 of this account."]
    assert installation.executions().load(KEY) is None
    (entry,) = installation.ledger().entries(refusal_chain(KEY))
    assert entry.event is LedgerEvent.ACTION_FAILED
    assert tries < 70


def test_a_wake_up_goes_on_with_what_is_stored_and_a_strange_one_is_acknowledged(installation: Container) -> None:
    handle(installation, an_event(a_note()))
    for key in (KEY, IntentKey("tenant-1", "account-1", "nobody")):
        handled = handle(installation, wake_up_body(key, "queue:1"))
        assert (handled.verdict, handled.key) == (Verdict.ACKNOWLEDGED, key)
    assert is_queue_empty(installation)


class ShakySwitches:
    """Kill switches that fail as they are told."""

    def __init__(self, fault: Exception) -> None:
        self.fault = fault

    def read(self, tenant_id: str) -> SwitchReading:
        raise self.fault

    def close(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        raise self.fault

    def open(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        raise self.fault

    def closed(self) -> Sequence[Switch]:
        raise self.fault


def with_fault(installation: Container, fault: Exception) -> Container:
    installation.kill_switches.override(providers.Object(ShakySwitches(fault)))
    return installation


@pytest.mark.parametrize("fault", [SwitchUnreadableError("no"), StoreUnavailableError("no")])
def test_a_transient_fault_is_put_back_with_a_growing_bounded_delay_and_decides_nothing(
    installation: Container, clock: FakeClock, fault: Exception
) -> None:
    with_fault(installation, fault)
    send(installation, an_event(a_note()))
    delays = []
    for _ in range(12):
        handled = installation.intake()(receive(installation))
        assert handled.verdict is Verdict.PUT_BACK
        installation.queue().receive(1, visibility_ms=0)
        next_ms = installation.backlog().next_visible_ms()
        assert next_ms is not None
        delays.append(next_ms - clock.now_ms())
        clock.advance(delays[-1])
    assert delays[:4] == [1_000, 2_000, 4_000, 8_000]
    assert delays[-1] == 300_000
    assert installation.executions().load(KEY) is None
    assert installation.dead_letters().count() == 0


def test_an_unforeseen_fault_is_tried_again_then_dead_lettered_and_no_text_of_it_is_logged(
    installation: Container, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    with_fault(installation, RuntimeError("a secret"))
    send(installation, an_event(a_note()))
    logger = logging.getLogger("actonce")
    logger.addHandler(caplog.handler)
    try:
        verdicts = []
        for _ in range(5):
            verdicts.append(installation.intake()(receive(installation)).verdict)
            installation.queue().receive(1, visibility_ms=0)
            clock.advance(300_000)
    finally:
        logger.removeHandler(caplog.handler)
    assert verdicts == [Verdict.PUT_BACK] * 4 + [Verdict.DEAD_LETTERED]
    (reason,) = reasons(installation)
    assert reason.startswith("UNKNOWN_ERROR: An unforeseen fault of this system: RuntimeError")
    lines = [JsonLines().format(record) for record in caplog.records]
    assert any(json.loads(line).get("error") == "RuntimeError" for line in lines)
    assert "secret" not in "".join(lines) + reason
    assert "Call them" not in "".join(lines)


def test_trouble_with_one_delivery_does_not_reach_its_neighbour(installation: Container) -> None:
    for body in ("garbage", an_event(a_note(1)), an_event(a_note(1, "other")), an_event(a_note(2))):
        send(installation, body)
    verdicts = [installation.intake()(it).verdict for it in installation.queue().receive(10, visibility_ms=1_000)]
    assert verdicts == [
        Verdict.DEAD_LETTERED,
        Verdict.ACKNOWLEDGED,
        Verdict.DEAD_LETTERED,
        Verdict.ACKNOWLEDGED,
    ]


def test_what_is_read_ahead_is_carried_out_as_what_is_not(installation: Container) -> None:
    """A line that cannot be read is told when its turn comes, and keeps no other from being read."""
    for body in ("nonsense", an_event(a_note()), wake_up_body(KEY, "queue:absent")):
        send(installation, body)
    deliveries = installation.queue().receive(10, visibility_ms=1_000)
    installation.intake().read_ahead(deliveries)
    verdicts = [installation.intake()(delivery).verdict for delivery in deliveries]
    assert verdicts == [Verdict.DEAD_LETTERED, Verdict.ACKNOWLEDGED, Verdict.ACKNOWLEDGED]
    assert len(reasons(installation)) == 1


def test_what_was_planned_ahead_is_still_stopped_by_a_switch_that_closed_since(installation: Container) -> None:
    send(installation, an_event(a_note()))
    delivery = receive(installation)
    installation.intake().read_ahead([delivery])
    installation.kill_switches().close(Switch("tenant-1"), operator="test", reason="", at_ms=NOW_MS)
    execution = installation.intake()(delivery).execution
    assert execution is not None
    assert execution.attempt.status is AttemptStatus.FAILED
    assert not execution.effects


def test_what_was_planned_ahead_still_expires(installation: Container, clock: FakeClock) -> None:
    send(installation, an_event(a_note()))
    delivery = receive(installation)
    installation.intake().read_ahead([delivery])
    clock.advance(10 * 365 * 24 * 3_600_000)
    execution = installation.intake()(delivery).execution
    assert execution is not None
    assert execution.attempt.last_error is not None
    assert execution.attempt.last_error.error_code == "INTENT_EXPIRED"
    assert not execution.effects


def test_what_was_read_ahead_of_one_message_is_never_taken_for_another(installation: Container) -> None:
    """Receipts are used again; ids of messages are not."""
    send(installation, an_event(a_note()))
    first = receive(installation)
    installation.intake().read_ahead([first])
    other = replace(first, message_id="another", body="nonsense")
    assert installation.intake()(other).verdict is Verdict.DEAD_LETTERED
