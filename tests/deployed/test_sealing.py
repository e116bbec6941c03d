"""The ledger is sealed by the function, under its own role, and verified by an operator who cannot seal."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from adapters.aws.bucket import Bucket
from adapters.aws.executions import DynamoExecutions
from adapters.aws.ledger_heads import S3LedgerHeads, S3LedgerRolls
from adapters.aws.tables import Tables
from core.domain.sealing import DAY_MS
from ports.wire.head_names import head_name
from tests.contract.samples import key, refusal
from tests.deployed.conftest import EVERYTHING, user
from tests.deployed.site import Site

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

TENANT = "sealed-tenant"
CHANGED, TAKEN = "changed", "taken"
BROKEN = 5


@pytest.fixture(scope="module")
def sealed(installed: Mapping[str, Site]) -> Site:
    """The installation with two chains of three days ago, and every day since then that is over sealed."""
    site = installed["direct"]
    executions = DynamoExecutions(Tables(site.emulator.client("dynamodb"), site.outputs["table_prefix"]))
    at_ms = time.time_ns() // 1_000_000 - 3 * DAY_MS
    for name in (CHANGED, TAKEN):
        executions.refuse(refusal(of=key(name, tenant=TENANT), at_ms=at_ms))
    told = seal(site)
    # Until an hour after midnight, yesterday is not sealed yet.
    assert (told["troubled"], told["sealed"] in {2, 3}) == (0, True), told
    return site


def seal(site: Site) -> dict[str, int]:
    """Invoke the sealer, which its schedule does twice a day; return what it told."""
    name = site.outputs["function_names"]["sealer"]
    answer = site.emulator.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    told: dict[str, int] = json.load(answer["Payload"])
    return told


def test_a_head_is_kept_once_and_nobody_lays_another_over_it(sealed: Site) -> None:
    bucket = sealed.outputs["heads_bucket"]
    admin = sealed.emulator.client("s3")
    first = next(S3LedgerHeads(Bucket(admin, bucket)).since(TENANT, None))
    assert seal(sealed) == {"sealed": 0, "troubled": 0}

    # Whoever may do everything, for an emulator's root is held to no policy.
    forger = sealed.emulator.client("s3", user(sealed.emulator, "forger", EVERYTHING))
    S3LedgerRolls(Bucket(forger, bucket)).keep(TENANT, "1 elsewhere 1 a-hash\n")
    place = {"Bucket": bucket, "Key": head_name(TENANT, first.head.day), "Body": b"{}"}
    with pytest.raises(ClientError, match="PreconditionFailed"):
        forger.put_object(**place, IfNoneMatch="*")
    with sealed.refusing():
        for target in (place, place | {"Key": f"{place['Key']}-elsewhere"}):
            with pytest.raises(ClientError, match="AccessDenied"):
                forger.put_object(**target)
    assert "of 1 tenants, of all of them through" in sealed.actonce("ledger", "verify", "-t", TENANT)


def test_what_was_sealed_is_missed_when_it_is_changed_or_taken_away(sealed: Site) -> None:
    client, table = sealed.emulator.client("dynamodb"), sealed.outputs["table_names"]["ledger"]
    rows = {name: row_of(sealed, name) for name in (CHANGED, TAKEN)}
    entry = rows[CHANGED]["entries"]["L"][0]["M"]
    entry["body"] = {"S": entry["body"]["S"].replace("{", "{ ", 1)}
    client.put_item(TableName=table, Item=rows[CHANGED])
    client.delete_item(TableName=table, Key={it: rows[TAKEN][it] for it in ("pk", "sk")})

    done = sealed.asked("ledger", "verify", "-t", TENANT)
    assert done.returncode == BROKEN, done.stderr
    for name, what in ((CHANGED, "is not the one that was sealed"), (TAKEN, "which was sealed, is missing")):
        assert any(name in it and what in it for it in done.stdout.splitlines()), done.stdout


def row_of(site: Site, name: str) -> dict[str, Any]:
    (row,) = (it for it in site.rows("ledger", TENANT) if name in it["pk"]["S"] and "entries" in it)
    return row
