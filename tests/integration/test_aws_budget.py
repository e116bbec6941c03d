"""What one action costs on AWS: calls counted where they leave botocore, write units from the items that are sent."""

from __future__ import annotations

import json
import secrets
from collections import Counter

import pytest

from benchmarks.meter import BATCH, Meter, an_intent, metered, settings
from core.domain.attempt import AttemptStatus
from entrypoints.container.building import build_aws
from entrypoints.container.wiring import Container
from ports.wire.messages import approved_event
from tests.architecture.sources import ROOT
from tests.integration.capacity import TRANSACTIONAL

MOST_CALLS = 4
MOST_UNITS = 28
LEAST_UNITS = 20
"""Fewer would mean that something is not counted."""

VISIBILITY_MS = 60_000


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def container(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, meter: Meter) -> Container:
    request.getfixturevalue("moto")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secrets.token_hex(20))
    return metered(build_aws(settings()), meter)


def worked(container: Container, meter: Meter, *, embed: bool) -> None:
    """Carry out a batch of ten, and publish what it tells, as a worker does."""
    actions = [an_intent(number) for number in range(BATCH)]
    queue, intents = container.queue(), container.intents()
    for action in actions:
        if not embed:
            intents.put(action)
    queue.send([approved_event(action, "HUMAN", False, embed=embed) for action in actions])
    meter.clear()
    deliveries = queue.receive(BATCH, visibility_ms=VISIBILITY_MS)
    assert len(deliveries) == BATCH
    for delivery in deliveries:
        handled = container.intake()(delivery)
        execution = handled.execution
        assert execution is not None, handled
        assert execution.attempt.status is AttemptStatus.SUCCEEDED
    assert container.relay()() == BATCH
    container.shutdown_resources()


def shown(counts: Counter[str]) -> str:
    return json.dumps({name: count / BATCH for name, count in sorted(counts.items())})


def test_an_action_costs_at_most_four_calls_and_28_write_units_in_a_batch_of_ten(
    container: Container, meter: Meter
) -> None:
    worked(container, meter, embed=False)
    print(f"\nper action: {meter.calls.total() / BATCH} calls {shown(meter.calls)}")
    print(f"per action: {meter.units.total() / BATCH} write units {shown(meter.units)}")
    assert meter.calls["TransactWriteItems"] == 2 * BATCH
    assert meter.calls.total() <= MOST_CALLS * BATCH
    assert LEAST_UNITS * BATCH <= meter.units.total() <= MOST_UNITS * BATCH


def test_the_page_on_scale_shows_what_each_table_is_charged(container: Container, meter: Meter) -> None:
    worked(container, meter, embed=False)
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    assert f"**{meter.calls.total() / BATCH:g} calls and {meter.units.total() / BATCH:g} write units**" in page
    charged = {name for name, count in meter.units.items() if count and not name.startswith("indexes of ")}
    for name in charged:
        units_, of_indexes = meter.units[name] / BATCH, meter.units[f"indexes of {name}"] / BATCH
        assert f"| `{name}` | {units_:g} | {of_indexes:g} |" in page


def test_an_embedded_intent_costs_its_own_row_more_and_one_read_less(container: Container, meter: Meter) -> None:
    worked(container, meter, embed=True)
    intents = meter.units["intents"]
    assert intents == BATCH * TRANSACTIONAL * 2
    assert meter.units.total() - intents <= MOST_UNITS * BATCH
    assert meter.calls.total() <= (MOST_CALLS - 1) * BATCH
