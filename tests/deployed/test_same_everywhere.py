"""The same actions embedded, and deployed on an emulator in either mode: outcome, ledger and signals are compared.

Embedded is what each is compared with, so that emulators are compared with each other by it. What differs is named in
DIFFERENCES with its reason; one that is not there fails, and so does one that is there and no longer differs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.intent import Intent
from tests.deployed.checks import await_signals
from tests.deployed.embedded import Embedded, embedded
from tests.deployed.seen import apart, seen
from tests.deployed.site import LETTER, Site, made_intents

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

EXECUTED, FAILED, UNDONE = "ACTION_EXECUTED", "ACTION_FAILED", "ACTION_UNDONE"
IN_DOUBT, REFUSED = "ACTION_IN_DOUBT", "ACTION_REFUSED"
PAST = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Scenario:
    """What befalls an action: ``faults`` of the tool server, changes to the intent, how often its event comes.

    ``told``: the signal that its end is waited for by. ``is_stopped``: its tenant is, before anything is published.
    """

    told: str
    faults: Sequence[str] = ()
    action_type: str = "CREATE_CRM_TASK"
    change: Mapping[str, Any] = field(default_factory=dict)
    events: int = 1
    is_stopped: bool = False
    then_another_body: bool = False


SCENARIOS: Mapping[str, Scenario] = {
    "answered": Scenario(EXECUTED),
    "three times the same event": Scenario(EXECUTED, events=3),
    "reply lost": Scenario(EXECUTED, ["drop_reply"]),
    "failed after the write": Scenario(EXECUTED, ["http_500_after"]),
    "failed before the write": Scenario(EXECUTED, ["http_500_before"]),
    "throttled": Scenario(EXECUTED, ["throttle:1"]),
    "refused by the tool": Scenario(FAILED, ["refuse"]),
    "written in part": Scenario(UNDONE, ["partial"]),
    "a letter without a reply": Scenario(IN_DOUBT, ["drop_reply"], LETTER),
    "stopped": Scenario(FAILED, is_stopped=True),
    "incomplete": Scenario(FAILED, change={"parameters": {}}),
    "expired": Scenario(FAILED, change={"expires_at": PAST.isoformat(), "expires_at_epoch": int(PAST.timestamp())}),
    "another body under its id": Scenario(REFUSED, then_another_body=True),
}
DIFFERENCES: Mapping[tuple[str, str, str], Mapping[str, str]] = {}
"""By emulator, mode and scenario: the part that differs, and why."""

Looks = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looks]:
    with embedded(tmp_path_factory.mktemp("embedded")) as installation:
        intents = planned(installation)
        for name, scenario in SCENARIOS.items():
            if scenario.is_stopped:
                installation.stop(intents[name].key.tenant_id)
        installation.carry_out([it for name, it in intents.items() for _ in range(SCENARIOS[name].events)])
        installation.carry_out(other_bodies(intents))
        yield {name: seen(installation, intent) for name, intent in intents.items()}


@pytest.fixture(scope="module")
def looks(installed: Mapping[str, Site]) -> Mapping[str, Looks]:
    """The same on every installation, all of it published at once, and waited for together."""
    intents = {mode: planned(site) for mode, site in installed.items()}
    for mode, site in installed.items():
        for name, scenario in SCENARIOS.items():
            if scenario.is_stopped:
                site.actonce("stop", "-t", intents[mode][name].key.tenant_id, "--reason", "a test")
        site.publish(*[it for name, it in intents[mode].items() for _ in range(SCENARIOS[name].events)])
    for mode, site in installed.items():
        for name, scenario in SCENARIOS.items():
            told = EXECUTED if scenario.then_another_body else scenario.told
            await_signals(site, intents[mode][name], kind=told)
        site.publish(*other_bodies(intents[mode]))
        for name, scenario in SCENARIOS.items():
            await_signals(site, intents[mode][name], kind=scenario.told)
    return {
        installed[mode].mode.name: {name: seen(installed[mode], it) for name, it in found.items()}
        for mode, found in intents.items()
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_action_ends_as_it_does_embedded(
    site: Site, reference: Looks, looks: Mapping[str, Looks], name: str
) -> None:
    here, embedded_ = looks[site.mode.name][name], reference[name]
    expected = DIFFERENCES.get((site.emulator.name, site.mode.name, name), {})
    differing = apart(embedded_, here)
    shown = {part: (embedded_[part], here[part]) for part in differing}
    assert differing == sorted(expected), json.dumps(shown, indent=1)
    assert SCENARIOS[name].told in [it["type"] for it in here["signals"]]


def planned(at: Site | Embedded) -> dict[str, Intent]:
    """An intent for each scenario, of a tenant of its own, and its faults told to the tool server."""
    intents = {}
    for name, scenario in SCENARIOS.items():
        (intent,) = made_intents(1, scenario.action_type)
        intents[name] = replace(intent, **scenario.change)
        at.probe.plan({intent.key.intent_id: list(scenario.faults)})
    return intents


def other_bodies(intents: Mapping[str, Intent]) -> list[Intent]:
    return [
        replace(intents[name], parameters={"title": "Pay them"})
        for name, scenario in SCENARIOS.items()
        if scenario.then_another_body
    ]
