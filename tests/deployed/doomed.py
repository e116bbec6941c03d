"""Actions whose callers are killed in the middle of their calls, in every installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.intent import Intent
from tests.deployed.checks import calls
from tests.deployed.site import LETTER, Site, until

SILENT_AFTER, SILENT_BEFORE = "timeout_after_apply", "timeout"

Doomed = Sequence[tuple[Site, tuple[Intent, Intent, Intent]]]


def in_each(installed: Mapping[str, Site]) -> Doomed:
    """Return what was killed where."""
    return [(site, killed(site)) for site in installed.values()]


def killed(site: Site) -> tuple[Intent, Intent, Intent]:
    """Publish a task that is written, one that is not, and a letter that is; kill whoever waits for their answers."""
    written, unwritten = site.intents(2)
    (letter,) = site.intents(1, LETTER, written.key.tenant_id)
    faults = ((written, SILENT_AFTER), (unwritten, SILENT_BEFORE), (letter, SILENT_AFTER))
    site.probe.plan({intent.key.intent_id: [fault] for intent, fault in faults})
    site.publish(written, unwritten, letter)
    until(lambda: calls(site, written, unwritten, letter) == 3, "three calls under way")
    assert site.kill_callers() > 0
    return written, unwritten, letter
