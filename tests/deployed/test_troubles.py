"""What is lost on the way is found again: a consumer that dies, a relay that fails, doubt that waits."""

from __future__ import annotations

import pytest

from core.domain.intent import Intent
from core.domain.outcome import OutcomeStatus
from tests.deployed.checks import await_signals, check_executed, status
from tests.deployed.site import LETTER, Site, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

SILENT_AFTER, SILENT_BEFORE, LOST_REPLY = "timeout_after_apply", "timeout", "drop_reply"


def test_a_consumer_killed_in_the_middle_of_its_calls_leaves_no_second_write_and_no_untruth(site: Site) -> None:
    written, unwritten = site.intents(2)
    (letter,) = site.intents(1, LETTER, written.key.tenant_id)
    site.probe.plan(
        {
            written.key.intent_id: [SILENT_AFTER],
            unwritten.key.intent_id: [SILENT_BEFORE],
            letter.key.intent_id: [SILENT_AFTER],
        }
    )
    site.publish(written, unwritten, letter)
    until(lambda: calls(site, written, unwritten, letter) == 3, "three calls under way")
    assert site.kill_consumers() > 0
    await_signals(site, letter, kind="ACTION_IN_DOUBT")
    check_executed(site, written, unwritten)
    assert site.writes(letter) == {letter.key.intent_id: 1}
    assert status(site, letter) is OutcomeStatus.IN_DOUBT
    assert calls(site, letter) == 1


def test_the_sweeper_alone_settles_what_a_dead_consumer_and_a_lost_reply_left(site: Site) -> None:
    orphan, doubt = site.intents(2)
    site.probe.plan({orphan.key.intent_id: [SILENT_AFTER], doubt.key.intent_id: [LOST_REPLY]})
    site.publish(orphan, doubt)
    until(lambda: len(site.writes(orphan, doubt)) == 2, "both writes")
    with site.without_consumer():
        assert site.kill_consumers() > 0
        until(lambda: swept(site, orphan, doubt), "both settled by the sweeper")
        check_executed(site, orphan, doubt)


def test_signals_that_the_relay_could_not_publish_are_published_by_the_sweeper(site: Site) -> None:
    intents = site.intents(3)
    before = len(site.emulator.checks())
    with site.without_rights("relay"):
        site.publish(*intents)
        until(lambda: len(site.rows("outbox", intents[0].key.tenant_id)) == len(intents), "three rows in the outbox")
        until(lambda: refusals(site, "relay", before) > 0, "the relay to be refused")
        site.sweep()
        await_signals(site, *intents)
    check_executed(site, *intents)
    until(lambda: not site.rows("outbox", intents[0].key.tenant_id), "the outbox to be empty")


def calls(site: Site, *intents: Intent) -> int:
    """Writing calls that the tool server received, applied or not."""
    wanted = {intent.key.intent_id for intent in intents}
    return sum(row["kind"] == "write" and row["action_intent_id"] in wanted for row in site.probe.calls())


def swept(site: Site, *intents: Intent) -> bool:
    """Sweep, and tell whether all have ended."""
    site.sweep()
    return all(status(site, intent) is OutcomeStatus.SUCCEEDED for intent in intents)


def refusals(site: Site, function: str, since: int) -> int:
    role = f"/{site.role(function)}/"
    return sum(not row["is_allowed"] and role in row["caller"] for row in site.emulator.checks()[since:])
