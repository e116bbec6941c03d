"""The conformance suite is worth something only if a connector that lies, repeats or stalls does not pass it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.providers.driving import ROOT

SUITE = "tests/conformance"
LIARS = "tests.integration.liars"


@dataclass(frozen=True)
class Liar:
    """What it does wrong, and a test that must notice."""

    name: str
    test: str


LIARS_CAUGHT = (
    Liar("SAYS_REFUSED_OF_A_5XX", "test_no_fault_makes_a_call_say_what_the_log_denies"),
    Liar("SAYS_APPLIED_OF_A_LOST_REPLY", "test_no_fault_makes_a_call_say_what_the_log_denies"),
    Liar("SENDS_TWICE", "test_the_same_send_again_lands_on_the_same_object or test_the_gate_is_asked_once"),
    Liar("TAKES_ERRORS_FOR_ABSENCE", "test_no_fault_makes_a_look_up_say_what_is_not_so"),
    Liar("FORGETS_THE_GATE", "test_a_closed_gate_sends_nothing"),
    Liar("RAISES", "test_no_fault_makes_a_call_say_what_the_log_denies"),
    Liar("SHOWS_ITS_SECRET", "test_a_call_without_a_fault"),
    Liar("OVERLOOKS_WHAT_PEOPLE_DID", "test_what_people"),
)


@pytest.mark.parametrize("liar", LIARS_CAUGHT, ids=lambda liar: liar.name.lower())
def test_the_suite_catches_a_connector_that_lies(liar: Liar) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", SUITE, "-q", "-x", "-p", "no:cacheprovider", "-k", liar.test],
        cwd=ROOT,
        env={**os.environ, "SUBJECT": f"{LIARS}:{liar.name}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 1, done.stdout
    assert "1 failed" in done.stdout


def test_a_subject_that_is_no_module_and_attribute_is_refused_by_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", SUITE, "-q", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, "SUBJECT": "nothing"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert "SUBJECT is module:attribute, not 'nothing'" in done.stdout
