"""What an action costs of AWS: calls counted where they leave botocore, units from the items that are sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.model import OperationModel
from dependency_injector import providers

from adapters.aws.schema import TABLES, definition
from benchmarks.assembly import ENTRY, OneConnector, StubConnector, intent
from core.domain.canonical import compact
from core.domain.intent import Intent
from entrypoints.container.aws import AwsContainer
from entrypoints.settings.loading import Settings, load
from tests.emulators import clients
from tests.integration.capacity import BY_NAME, KILOBYTE, TRANSACTIONAL, index_units, units

BATCH = 10
PREFIX = "budget-"
READ_BYTES = 4 * KILOBYTE
"""Every row of an action of 1 KB is smaller, so that it is read for one unit, or for two in a transaction."""


@dataclass
class Meter:
    """Stands at the door of every client of a session."""

    calls: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    reads: float = 0.0
    rows: dict[str, Any] = field(default_factory=dict)

    def clear(self) -> None:
        """Count afresh; what is stored is still known."""
        self.calls.clear()
        self.units.clear()
        self.reads = 0.0

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
        else:
            self.reads += _read_units(model.name, params)

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


def _read_units(operation: str, params: dict[str, Any]) -> float:
    match operation:
        case "GetItem":
            return 1.0 if params.get("ConsistentRead") else 0.5
        case "TransactGetItems":
            return float(TRANSACTIONAL * len(params["TransactItems"]))
        case "BatchGetItem":
            asked = params["RequestItems"].values()
            return sum(len(it["Keys"]) * (1.0 if it.get("ConsistentRead") else 0.5) for it in asked)
        case "Query":
            return 1.0 if params.get("ConsistentRead") else 0.5
        case _:
            return 0.0


def settings() -> Settings:
    """Make queues, bus and tables at whoever answers to clients without an endpoint, and return what names them."""
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
    return load(environment=environment)


def metered(container: AwsContainer, meter: Meter) -> AwsContainer:
    """Put the meter at the door of a container, and the benchmarks' tool behind it."""
    container.connectors.override(providers.Object(OneConnector(StubConnector())))
    # Before the first client is made, for each takes what is registered then.
    container.session().session.get_component("event_emitter").register("provide-client-params.*.*", meter)
    container.registry().apply(ENTRY)
    return container


def an_intent(number: int) -> Intent:
    """An approved action of exactly 1 KB."""
    short = intent(f"a1b2c3d4-0000-4000-8000-{number:012d}")
    missing = KILOBYTE - len(compact(short.document()).encode())
    made = replace(short, parameters={**short.parameters, "title": "Call the customer" + "!" * missing})
    longer = KILOBYTE - len(compact(made.document()).encode())
    made = replace(made, parameters={**made.parameters, "title": f"{made.parameters['title']}{'!' * longer}"})
    if len(compact(made.document()).encode()) != KILOBYTE:
        raise LookupError("the intent is not of 1 KB")
    return made
