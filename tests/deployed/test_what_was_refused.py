"""Comes last: whether the rights that the module grants were enough, which only enforcement shows."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from botocore.exceptions import ClientError

from ports.wire.messages import approved_event
from tests.deployed.site import Site

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]


def test_a_publisher_may_not_say_what_only_this_system_says(site: Site) -> None:
    (intent,) = site.intents()
    event = json.loads(approved_event(intent, embed=True)) | {"detail-type": "ACTION_EXECUTED"}
    with site.refusing(), pytest.raises(ClientError, match="AccessDenied"):
        site.put_events(event)
    assert site.signals(intent) == []


def test_nobody_was_refused_anything_but_while_a_test_had_taken_the_rights(site: Site) -> None:
    meant = {place for span in site.broken for place in span}
    rows = [row for place, row in enumerate(site.emulator.checks()) if place not in meant]
    refused = Counter((row["caller"], row["action"], row["resource"]) for row in rows if not row["is_allowed"])
    assert refused == {}


def test_publisher_operator_and_every_function_had_their_rights_checked(site: Site) -> None:
    callers = {row["caller"].rpartition("/")[2] for row in site.emulator.checks()}
    functions = set(site.deployment.outputs["function_names"].values())
    assert functions | {"publisher", "operator"} <= callers
