"""What a token keeps back is not said to be absent."""

from __future__ import annotations

from pathlib import Path

from tests.api.afar import Afar
from tests.api.service import serving
from tests.api.test_cli_over_api import a_pair, seeded
from tests.unit.connectors.peers import free_port


def test_what_the_token_keeps_back_is_not_said_to_be_absent(tmp_path: Path) -> None:
    here, there = seeded(tmp_path)
    with serving(there, "-t", "acme", "-a", "empty") as service:
        pair = a_pair(tmp_path, service, here)
        assert "doubt-acme-emea" in pair.here.ok("inbox", "-t", "acme")
        assert pair.afar("inbox").stdout == "The inbox is empty: nothing that this token may see is in doubt.\n"
        assert pair.afar("counts").stdout == "There are no executions that this token may see.\n"
        assert pair.afar("list").stdout == "There are no such executions that this token may see.\n"
        assert "nothing that this token may see is in doubt" in pair.afar("doctor").stdout
        assert "custom:account_ids" not in pair.afar("doctor").stdout
    assert "There are no executions of nobody." in pair.here.ok("counts", "-t", "nobody")
    assert "nothing is in doubt" in pair.here.ok("inbox", "-t", "nobody")


def test_the_doctor_says_that_a_token_of_no_account_sees_no_execution(tmp_path: Path) -> None:
    done = Afar(tmp_path, f"http://127.0.0.1:{free_port()}")("doctor")
    (told,) = [it for it in done.stdout.splitlines() if "accounts" in it]
    assert told.split()[:2] == ["warn", "accounts"]
    assert "Get one with custom:account_ids" in told
