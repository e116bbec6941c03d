"""Comes last: whether the rights that the module grants were enough, which only enforcement shows."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.deployed.site import Site

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]


def test_nobody_was_refused_anything_but_while_a_test_had_taken_the_rights(site: Site) -> None:
    meant = {place for span in site.broken for place in span}
    rows = [row for place, row in enumerate(site.emulator.checks()) if place not in meant]
    refused = Counter((row["caller"], row["action"], row["resource"]) for row in rows if not row["is_allowed"])
    assert refused == {}


def test_publisher_operator_and_every_function_had_their_rights_checked(site: Site) -> None:
    callers = {row["caller"].rpartition("/")[2] for row in site.emulator.checks()}
    functions = set(site.deployment.outputs["function_names"].values())
    assert functions | {"publisher", "operator"} <= callers
