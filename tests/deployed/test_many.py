"""Many actions at once."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from tests.deployed.checks import check_ledger
from tests.deployed.site import Site, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

LIMIT_S = 240.0


def test_hundreds_of_actions_at_once_are_all_settled_none_twice_and_none_lost(site: Site) -> None:
    many = site.mode.many
    tasks = site.intents(many // 2)
    tenant = tasks[0].key.tenant_id
    opportunities = site.intents(many - len(tasks), "CREATE_OPPORTUNITY", tenant)
    intents = [one for pair in zip(tasks, opportunities, strict=True) for one in pair]
    wanted = {one.key.intent_id for one in intents}
    is_counted = site.emulator.is_enforcing
    checks, begun = len(site.emulator.checks()) if is_counted else 0, time.monotonic()
    site.publish(*intents)
    published_s = time.monotonic() - begun
    until(lambda: len(site.writes(*intents)) == many, "every write", LIMIT_S)
    written_s = time.monotonic() - begun
    until(lambda: wanted <= site.signals_by_intent().keys(), "every signal", LIMIT_S)
    told_s = time.monotonic() - begun

    outcomes = {row["sk"]["S"].partition("#")[2]: row["status"]["S"] for row in site.rows("outcomes", tenant)}
    assert outcomes == dict.fromkeys(wanted, "SUCCEEDED")
    assert site.writes(*intents) == dict.fromkeys(wanted, 1)
    signals = site.signals_by_intent()
    assert {one: signals[one] for one in wanted} == {one: ["ACTION_EXECUTED"] for one in wanted}
    check_ledger(site, tenant)

    times = f"published in {published_s:.1f} s, written in {written_s:.1f} s, told in {told_s:.1f} s"
    site.report.append(f"{many} actions at once, {site.mode.name}: {times}")
    if is_counted:
        site.report += counted(site, checks, many)


def counted(site: Site, checks: int, many: int) -> list[str]:
    """What each function called, and all of them together."""
    calls = {name: site.emulator.calls_of(site.role(name), checks) for name in (*site.mode.takers, "relay")}
    together = sum(sum(each.values()) for each in calls.values()) / many
    lines = [f"  {name}: {shown(each, many)}" for name, each in calls.items()]
    return [*lines, f"  together {together:.2f} AWS calls per action"]


def shown(calls: Counter[str], many: int) -> str:
    each = ", ".join(f"{action.partition(':')[2]} {number / many:.2f}" for action, number in calls.most_common())
    return f"{each} per action"
