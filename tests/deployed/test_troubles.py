"""What is lost on the way is found again: a caller that dies, a relay that fails, doubt that waits."""

from __future__ import annotations

import pytest

from core.domain.intent import Intent
from core.domain.outcome import OutcomeStatus
from tests.deployed.checks import await_signals, calls, check_executed, status
from tests.deployed.doomed import SILENT_AFTER, Doomed
from tests.deployed.site import Site, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

LOST_REPLY = "drop_reply"


def test_callers_killed_in_the_middle_of_their_calls_leave_no_second_write_and_no_untruth(doomed: Doomed) -> None:
    for site, (written, unwritten, letter) in doomed:
        await_signals(site, letter, kind="ACTION_IN_DOUBT")
        check_executed(site, written, unwritten)
        assert site.writes(letter) == {letter.key.intent_id: 1}
        assert status(site, letter) is OutcomeStatus.IN_DOUBT
        assert calls(site, letter) == 1


def test_the_sweeper_alone_settles_what_a_dead_consumer_and_a_lost_reply_left(direct: Site) -> None:
    orphan, doubt = direct.intents(2)
    direct.probe.plan({orphan.key.intent_id: [SILENT_AFTER], doubt.key.intent_id: [LOST_REPLY]})
    direct.publish(orphan, doubt)
    until(lambda: len(direct.writes(orphan, doubt)) == 2, "both writes")
    with direct.without_consumer():
        assert direct.kill_callers() > 0
        until(lambda: swept(direct, orphan, doubt), "both settled by the sweeper")
        check_executed(direct, orphan, doubt)


def test_signals_that_the_relay_could_not_publish_are_published_by_the_sweeper(site: Site) -> None:
    intents = site.intents(3)
    before = len(site.emulator.checks())
    with site.without_rights("relay"):
        site.publish(*intents)
        until(lambda: all(status(site, it) is OutcomeStatus.SUCCEEDED for it in intents), "three outcomes")
        until(lambda: refusals(site, "relay", before) > 0, "the relay to be refused")
        site.sweep()
        await_signals(site, *intents)
    check_executed(site, *intents)
    until(lambda: not site.rows("outbox", intents[0].key.tenant_id), "the outbox to be empty")


def swept(site: Site, *intents: Intent) -> bool:
    """Sweep, and tell whether all have ended."""
    site.sweep()
    return all(status(site, intent) is OutcomeStatus.SUCCEEDED for intent in intents)


def refusals(site: Site, function: str, since: int) -> int:
    role = f"/{site.role(function)}/"
    return sum(not row["is_allowed"] and role in row["caller"] for row in site.emulator.checks()[since:])
