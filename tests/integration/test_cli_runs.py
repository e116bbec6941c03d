"""`actonce run`: what it tells, what comes twice, and how it stops."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.integration.desk import ACTONCE, NAMED, Desk, an_open_desk, event, many, one
from tests.unit.entrypoints.installing import a_note, an_event

MANY = 1_000


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return an_open_desk(tmp_path)


def test_a_run_tells_every_outcome_and_ends_with_zero_when_all_is_settled(desk: Desk) -> None:
    outcomes = many(desk.ok("run", desk.events(event(1), event(2)), "--json"))
    assert {(it["action_intent_id"], it["status"], it["evidence"]) for it in outcomes} == {
        ("intent-1", "SUCCEEDED", "RESPONSE"),
        ("intent-2", "SUCCEEDED", "RESPONSE"),
    }
    assert sorted(desk.signals()) == [("intent-1", "ACTION_EXECUTED"), ("intent-2", "ACTION_EXECUTED")]


def test_a_run_reads_stdin_and_shows_a_table(desk: Desk) -> None:
    shown = desk.ok("run", "-", typed=event() + "\n")
    assert "SUCCEEDED" in shown
    assert desk.ok("run").strip() == "Nothing was waiting."


def test_a_run_with_refused_lines_names_them_and_ends_with_six(desk: Desk) -> None:
    done = desk("run", desk.events("garbage", event()), "--json")
    assert done.exit_code == 6
    outcome, refused = many(done.stdout)
    assert outcome["status"] == "SUCCEEDED"
    assert (refused["status"], refused["error_code"]) == ("REFUSED", "INVALID_EVENT")
    (letter,) = many(desk.ok("dead-letters", "--json"))
    assert (letter["body"], letter["message_id"]) == ("garbage", refused["message_id"])
    assert "INVALID_EVENT" in desk.ok("dead-letters")


def test_a_failed_action_is_an_outcome_like_any_other(desk: Desk) -> None:
    missing = an_event(a_note(1, ""))
    assert one(desk.ok("run", desk.events(missing), "--json"))["error_code"] == "MISSING_REQUIRED_PARAMETER"


def test_published_events_wait_for_a_run(desk: Desk) -> None:
    assert "2 published" in desk.ok("publish", desk.events(event(1), event(2)))
    assert "1 published" in desk.ok("publish", "-", typed=event(3))
    assert len(many(desk.ok("run", "--json"))) == 3


def test_the_same_event_twice_has_one_effect(desk: Desk) -> None:
    outcome = one(desk.ok("run", desk.events(event(), event()), "--json"))
    assert one(desk.ok("run", desk.events(event()), "--json")) == outcome
    assert (desk.objects(), desk.signals()) == (1, [("intent-1", "ACTION_EXECUTED")])


@pytest.mark.parametrize("processes", [1, 2])
def test_the_same_event_a_thousand_times_in_parallel_has_one_effect(desk: Desk, processes: int) -> None:
    desk.ok("publish", desk.events(*[event()] * MANY))
    command = [str(ACTONCE), "--config", str(desk.config), "run", "--workers", "16"]
    started = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(processes)]
    assert [process.wait(timeout=100) for process in started] == [0] * processes
    # Two relays may publish the same signal, under one id.
    assert (desk.objects(), set(desk.signals())) == (1, {("intent-1", "ACTION_EXECUTED")})
    assert len(desk.signals()) <= processes
    assert desk.status()["attempt_count"] == 1


def test_the_same_id_with_another_payload_is_refused_and_the_first_outcome_stands(desk: Desk) -> None:
    desk.ok("run", desk.events(event()))
    before = desk.status()
    done = desk("run", desk.events(event(content="Send them money"), event(content="Send them money")), "--json")
    assert done.exit_code == 6
    assert {it["error_code"] for it in many(done.stdout)} == {"PAYLOAD_CONFLICT"}
    assert (desk.status(), desk.objects()) == (before, 1)
    main, refused = one(desk.ok("timeline", "intent-1", *NAMED, "--json"))["chains"]
    assert (main["verified"], refused["verified"]) == (True, True)
    assert [it["event"] for it in refused["entries"]] == ["PAYLOAD_CONFLICT"]
    assert desk.signals() == [("intent-1", "ACTION_EXECUTED"), ("intent-1", "ACTION_REFUSED")]


def test_logs_are_json_lines_on_stderr_and_only_when_asked_for(desk: Desk) -> None:
    command = [str(ACTONCE), "--config", str(desk.config)]
    quiet = subprocess.run([*command, "run", desk.events(event(1))], capture_output=True, text=True, check=True)
    assert quiet.stderr == ""
    noisy = subprocess.run(
        [*command, "--verbose", "run", desk.events(event(2)), "--json"], capture_output=True, text=True, check=True
    )
    assert one(noisy.stdout)["status"] == "SUCCEEDED"
    (line,) = [it for it in many(noisy.stderr) if it["event"] == "handled"]
    assert (line["status"], line["intent"]) == ("SUCCEEDED", "tenant-1/account-1/intent-2")
    assert "Call them" not in noisy.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_follower_settles_what_comes_and_stops_gracefully(desk: Desk, number: signal.Signals) -> None:
    command = [str(ACTONCE), "--config", str(desk.config), "run", "--follow", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        desk.ok("publish", "-", typed=event())
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["status"] == "SUCCEEDED"
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "")
    assert desk.signals() == [("intent-1", "ACTION_EXECUTED")]


def test_a_run_that_waits_for_stdin_stops_on_a_signal(desk: Desk) -> None:
    command = [str(ACTONCE), "--config", str(desk.config), "run", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(event().encode() + b"\n")
        process.stdin.flush()
        until = time.monotonic() + 20
        while time.monotonic() < until and not (desk.folder / "signals.jsonl").exists():
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        shown, said = process.stdout.read() if process.stdout else b"", process.stderr.read() if process.stderr else b""
        assert process.wait(timeout=20) == 0
    assert b"SUCCEEDED" in shown
    assert b"stopping" in said
