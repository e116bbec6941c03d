"""The same scenarios embedded, direct and with Step Functions: all that is stored, told and asked of tools is alike."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count

import pytest
from moto import mock_aws

from tests.statemachine import scenarios_doubt, scenarios_operators, scenarios_sending
from tests.statemachine.scenario import HOUR_MS, Scenario, play
from tests.statemachine.sites import Site, all_sites, emptied
from tests.unit.making import NOW_MS

SCENARIOS = [*scenarios_sending.SCENARIOS, *scenarios_doubt.SCENARIOS, *scenarios_operators.SCENARIOS]
PLAYED = count(1)
APART_MS = 40 * HOUR_MS
FEW = 8


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Site]]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
        patch.setenv("AWS_SECRET_ACCESS_KEY", secrets.token_hex(20))
        with all_sites(tmp_path_factory.mktemp("embedded")) as made:
            yield made


def test_no_scenario_is_told_twice() -> None:
    assert len({it.name for it in SCENARIOS}) == len(SCENARIOS) >= 40


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda it: it.name)
def test_every_mode_ends_alike(scenario: Scenario, sites: list[Site]) -> None:
    number = next(PLAYED)
    if number % FEW == 0:
        emptied()
    begun_ms = NOW_MS + number * APART_MS
    embedded, direct, steps = (play(scenario, site, begun_ms) for site in sites)
    assert embedded["ended"] == scenario.expect
    assert embedded["left of the script"] == 0
    assert direct == embedded
    assert steps == direct
