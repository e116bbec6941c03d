"""The ledger is sealed by the function, under its own role, and verified by an operator who cannot seal."""

from __future__ import annotations

import json
import time

from adapters.aws.executions import DynamoExecutions
from adapters.aws.ledger import DynamoLedger
from adapters.aws.tables import Tables
from core.domain.sealing import DAY_MS
from tests.contract.samples import key, refusal
from tests.deployed.site import Site

TENANT = "sealed-tenant"
BROKEN = 5


def test_what_was_written_two_days_ago_is_sealed_and_missed_when_it_is_taken_away(direct: Site) -> None:
    client = direct.emulator.client("dynamodb")
    tables = Tables(client, direct.outputs["table_prefix"])
    at_ms = time.time_ns() // 1_000_000 - 2 * DAY_MS
    DynamoExecutions(tables).refuse(refusal(of=key(tenant=TENANT), at_ms=at_ms))

    answer = direct.emulator.client("lambda").invoke(
        FunctionName=direct.outputs["function_names"]["sealer"], Payload=b"{}"
    )
    told = json.load(answer["Payload"])
    assert (told["troubled"], told["sealed"] >= 2) == (0, True), told

    assert "Sealed: 2 days of 1 tenants" in direct.actonce("ledger", "verify", "-t", TENANT)
    (entry,) = DynamoLedger(tables).between(TENANT, 0, at_ms + 1)
    (row,) = (it for it in direct.rows("ledger", TENANT) if "at" in it)
    client.delete_item(TableName=direct.outputs["table_names"]["ledger"], Key={"pk": row["pk"], "sk": row["sk"]})
    done = direct.asked("ledger", "verify", "-t", TENANT)
    assert (done.returncode, f"{entry.chain.subject}: entry 1 of" in done.stdout) == (BROKEN, True), done.stdout
