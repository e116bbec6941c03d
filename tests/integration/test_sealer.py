"""The sealer on moto: what it seals, and what it tells of what it could not."""

from __future__ import annotations

import json

import pytest
from dependency_injector import providers

from adapters.memory.clock import FakeClock
from core.domain.errors import StoreUnavailableError
from core.domain.sealing import DAY_MS, Finding
from entrypoints.container.aws import AwsContainer
from entrypoints.sealer import Sealer
from entrypoints.settings.variables import variable_of
from tests.contract.head_backends import make_bucket, make_key
from tests.contract.samples import key, refusal
from tests.emulators import clients
from tests.integration.function_site import PREFIX, Context, Lines, Site, a_site, metrics
from tests.unit.sealing import HOUR_MS, START_MS


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START_MS + 2 * DAY_MS + 2 * HOUR_MS)


@pytest.fixture
def site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, lines: Lines) -> Site:
    request.getfixturevalue("moto")
    site = a_site(monkeypatch, lines.logger)
    make_bucket(None, "functions-heads")
    alias = make_key(None, "alias/functions-heads")
    site.environment |= {variable_of("heads_bucket"): "functions-heads", variable_of("heads_key"): alias}
    return site


@pytest.fixture
def container(site: Site, clock: FakeClock) -> AwsContainer:
    built = site.container()
    built.clock.override(providers.Object(clock))
    for tenant in ("acme", "other"):
        built.executions().refuse(refusal(of=key(tenant=tenant), at_ms=START_MS))
    return built


@pytest.fixture
def sealer(site: Site, container: AwsContainer) -> Sealer:
    return Sealer(container.seal(), container.clock(), site.meters, site.remaining)


def test_every_tenants_days_are_sealed_and_nothing_is_left(
    sealer: Sealer, container: AwsContainer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sealer({}, Context()) == {"sealed": 4, "troubled": 0}
    found = metrics(capsys.readouterr().out)
    assert (found["DaysSealed",], found["UnsealedAge",]) == ([4], [0])
    assert sealer({}, Context()) == {"sealed": 0, "troubled": 0}
    found_wrong: list[Finding] = []
    told = container.verify_ledger()(None, [container.head_signer().public_key()], found_wrong.append)
    assert (found_wrong, told.days, sorted(told.through)) == ([], 4, ["acme", "other"])


def test_what_there_was_no_time_for_is_told_by_its_age(sealer: Sealer, capsys: pytest.CaptureFixture[str]) -> None:
    assert sealer({}, Context(left_ms=0)) == {"sealed": 0, "troubled": 0}
    assert metrics(capsys.readouterr().out)["UnsealedAge",] == [(DAY_MS + 2 * HOUR_MS) / 1000]


def test_one_tenants_trouble_is_logged_by_code_and_told_by_the_age(
    sealer: Sealer, capsys: pytest.CaptureFixture[str], lines: Lines
) -> None:
    dynamodb = clients.dynamodb(None)
    table = f"{PREFIX}ledger"
    (row,) = (it for it in dynamodb.scan(TableName=table)["Items"] if "acme" in it["pk"]["S"] and "entries" in it)
    dynamodb.put_item(TableName=table, Item={**row, "entries": {"S": "words that nobody may see"}})
    capsys.readouterr()
    assert sealer({}, Context()) == {"sealed": 2, "troubled": 1}
    found = metrics(capsys.readouterr().out)
    assert found["Troubles", "seal"] == [1]
    assert found["UnsealedAge",][0] > 0
    (told,) = [json.loads(line) for line in lines.text().splitlines() if '"WARNING"' in line]
    assert (told["tenant"], told["error_code"]) == ("acme", "LEDGER_UNREADABLE")
    assert "words that nobody may see" not in lines.text()


def test_a_store_that_is_out_of_reach_is_raised_so_that_lambda_tries_again(sealer: Sealer) -> None:
    clients.dynamodb(None).delete_table(TableName=f"{PREFIX}ledger")
    with pytest.raises(StoreUnavailableError):
        sealer({}, Context())
