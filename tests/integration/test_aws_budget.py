"""What one action costs on AWS: calls counted where they leave botocore, write units from the items that are sent."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.model import OperationModel
from dependency_injector import providers

from adapters.aws.schema import TABLES, definition
from benchmarks.assembly import ENTRY, OneConnector, StubConnector, intent
from core.domain.attempt import AttemptStatus
from core.domain.canonical import compact
from core.domain.intent import Intent
from entrypoints.container.building import build_aws
from entrypoints.container.wiring import Container
from entrypoints.settings.loading import load
from ports.wire.messages import approved_event
from tests.architecture.sources import ROOT
from tests.emulators import clients
from tests.integration.capacity import BY_NAME, KILOBYTE, TRANSACTIONAL, index_units, units

BATCH = 10
MOST_CALLS = 4
MOST_UNITS = 28
LEAST_UNITS = 20
"""Fewer would mean that something is not counted."""

PREFIX = "budget-"
VISIBILITY_MS = 60_000


@dataclass
class Meter:
    """Stands at the door of every client of a session."""

    calls: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    rows: dict[str, Any] = field(default_factory=dict)

    def __call__(self, params: dict[str, Any], model: OperationModel, **_: object) -> None:
        self.calls[model.name] += 1
        if model.name == "TransactWriteItems":
            for write in params["TransactItems"]:
                self._put(write["Put"]["TableName"], write["Put"]["Item"], TRANSACTIONAL)
        elif model.name == "PutItem":
            self._put(params["TableName"], params["Item"], 1)
        elif model.name == "BatchWriteItem":
            for table, requests in params["RequestItems"].items():
                for request in requests:
                    self._delete(table, request["DeleteRequest"]["Key"])

    def _put(self, name: str, item: dict[str, Any], factor: int) -> None:
        table = BY_NAME[name.removeprefix(PREFIX)]
        place = f"{table.name} {item['pk']} {item['sk']}"
        before = self.rows.get(place)
        # An update is charged by the larger of the two.
        self.units[table.name] += factor * max(units(item), units(before or {}))
        self.units[f"indexes of {table.name}"] += index_units(table, before, item)
        self.rows[place] = item

    def _delete(self, name: str, key: dict[str, Any]) -> None:
        table = BY_NAME[name.removeprefix(PREFIX)]
        before = self.rows.pop(f"{table.name} {key['pk']} {key['sk']}")
        self.units[table.name] += units(before)
        self.units[f"indexes of {table.name}"] += index_units(table, before, None)


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def container(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, meter: Meter) -> Container:
    request.getfixturevalue("moto")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secrets.token_hex(20))
    sqs, dynamodb, name = clients.sqs(None), clients.dynamodb(None), "budget"
    urls = [sqs.create_queue(QueueName=f"{name}-{what}")["QueueUrl"] for what in ("work", "dead")]
    clients.events(None).create_event_bus(Name=name)
    for table in TABLES:
        dynamodb.create_table(**definition(table, PREFIX))
    environment = {
        "ACTONCE_TARGET": "aws",
        "ACTONCE_AWS_REGION": clients.REGION,
        "ACTONCE_AWS_TABLE_PREFIX": PREFIX,
        "ACTONCE_AWS_QUEUE_URL": urls[0],
        "ACTONCE_AWS_DEAD_LETTER_QUEUE_URL": urls[1],
        "ACTONCE_AWS_BUS_NAME": name,
        "ACTONCE_AWS_ARTIFACTS_BUCKET": name,
        "ACTONCE_UNKNOWN_TENANTS": "enabled",
    }
    built = build_aws(load(environment=environment))
    built.connectors.override(providers.Object(OneConnector(StubConnector())))
    # Before the first client is made, for each takes what is registered then.
    built.session().session.events.register("provide-client-params.*.*", meter)
    built.registry().apply(ENTRY)
    return built


def worked(container: Container, meter: Meter, *, embed: bool) -> None:
    """Carry out a batch of ten, and publish what it tells, as a worker does."""
    actions = [an_intent(number) for number in range(BATCH)]
    queue, intents = container.queue(), container.intents()
    for action in actions:
        if not embed:
            intents.put(action)
    queue.send([approved_event(action, "HUMAN", False, embed=embed) for action in actions])
    meter.calls.clear()
    meter.units.clear()
    deliveries = queue.receive(BATCH, visibility_ms=VISIBILITY_MS)
    assert len(deliveries) == BATCH
    for delivery in deliveries:
        handled = container.intake()(delivery)
        execution = handled.execution
        assert execution is not None, handled
        assert execution.attempt.status is AttemptStatus.SUCCEEDED
    assert container.relay()() == BATCH
    container.shutdown_resources()


def an_intent(number: int) -> Intent:
    """An approved action of exactly 1 KB."""
    short = intent(f"a1b2c3d4-0000-4000-8000-{number:012d}")
    missing = KILOBYTE - len(compact(short.document()).encode())
    made = replace(short, parameters={**short.parameters, "title": "Call the customer" + "!" * missing})
    longer = KILOBYTE - len(compact(made.document()).encode())
    made = replace(made, parameters={**made.parameters, "title": f"{made.parameters['title']}{'!' * longer}"})
    assert len(compact(made.document()).encode()) == KILOBYTE
    return made


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
