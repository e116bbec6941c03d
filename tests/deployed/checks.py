"""What holds of an action wherever it was carried out: outcome, writes, signal and ledger say the same."""

from __future__ import annotations

from core.domain.attempt import AttemptStatus
from core.domain.intent import Intent
from core.domain.outcome import Outcome, OutcomeStatus
from tests.deployed.site import Site, until

SIGNALS = {"SUCCEEDED": "ACTION_EXECUTED", "FAILED": "ACTION_FAILED", "IN_DOUBT": "ACTION_IN_DOUBT"}


def status(site: Site, intent: Intent) -> OutcomeStatus | None:
    """How it ended, None while it has not."""
    execution = site.execution(intent)
    if execution is None or execution.outcome is None or execution.attempt.status is AttemptStatus.RUNNING:
        return None
    return execution.outcome.status


def outcome(site: Site, intent: Intent) -> Outcome:
    """What is told of an intent that has ended."""
    execution = site.execution(intent)
    assert execution is not None
    assert execution.outcome is not None
    return execution.outcome


def calls(site: Site, *intents: Intent) -> int:
    """Writing calls that the tool server received, applied or not."""
    wanted = {intent.key.intent_id for intent in intents}
    return sum(row["kind"] == "write" and row["action_intent_id"] in wanted for row in site.probe.calls())


def await_signals(site: Site, *intents: Intent, kind: str = "ACTION_EXECUTED") -> None:
    until(
        lambda: all(kind in site.signals(intent) for intent in intents),
        f"{kind} for {', '.join(intent.key.intent_id for intent in intents)}",
    )


def check_executed(site: Site, *intents: Intent) -> None:
    """Every one succeeded, was written once by the tool server, was signalled once, and its ledger holds."""
    await_signals(site, *intents)
    for intent in intents:
        assert status(site, intent) is OutcomeStatus.SUCCEEDED
        assert site.signals(intent)[-1] == "ACTION_EXECUTED"
    assert site.writes(*intents) == {intent.key.intent_id: 1 for intent in intents}
    check_ledger(site, intents[0].key.tenant_id)


def check_ledger(site: Site, tenant: str) -> None:
    """The operator's own command verifies the chains of a tenant."""
    told = site.actonce("ledger", "verify", "-t", tenant)
    assert told.startswith("Verified: "), told
    assert not told.startswith("Verified: 0 entries"), told
