"""The same words against AWS: in this process on moto, and the worker as a process on an emulator."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.emulators import clients
from tests.integration.aws_desk import PAGING_KEY, AwsDesk, an_aws_desk
from tests.integration.desk import ACTONCE, NAMED, event, many, one, place_in

WAIT_S = 30
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> AwsDesk:
    request.getfixturevalue("moto")
    return an_aws_desk(tmp_path, None)


def test_what_is_published_is_seen_cancelled_and_listed(desk: AwsDesk) -> None:
    said = desk.ok("publish", desk.events(*[event(number) for number in range(1, 4)]))
    assert said.strip() == "3 published. They are carried out by actonce worker."
    assert desk.status(1)["status"] == "PENDING"
    for number in range(1, 4):
        desk.ok("cancel", f"intent-{number}", *NAMED)
    assert desk.status(1)["status"] == "CANCELLED"
    first = desk("list", "-t", "tenant-1", "--limit", "2", "--json")
    place = place_in(first.stderr)
    rest = desk.ok("list", "-t", "tenant-1", "--limit", "2", "--json", "--place", place)
    names = {it["action_intent_id"] for it in many(first.stdout) + many(rest)}
    assert names == {"intent-1", "intent-2", "intent-3"}
    stranger = desk("list", "-t", "tenant-2", "--place", place)
    assert (stranger.exit_code, "next_token" in stranger.stderr) == (2, True)
    assert "verified" in desk.ok("timeline", "intent-1", *NAMED)
    assert "Verified" in desk.ok("ledger", "verify")


def test_switches_registry_inbox_and_dead_letters_have_the_same_words(desk: AwsDesk) -> None:
    desk.ok("stop", "--global", "--reason", "incident")
    assert "every tenant" in desk.ok("switches")
    desk.ok("resume", "--global")
    assert "0 new" in desk.ok("registry", "apply")
    assert "internal.create_note" in desk.ok("registry", "list")
    assert "empty" in desk.ok("inbox")
    assert "no dead letters" in desk.ok("dead-letters")
    assert "0 looked at" in desk.ok("sweep")


def test_run_says_in_one_line_how_aws_is_worked(desk: AwsDesk) -> None:
    done = desk("run", desk.events(event()))
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "actonce publish" in done.stderr
    assert "actonce worker" in done.stderr


def test_a_line_that_is_too_long_for_the_queue_is_said_and_the_others_are_sent(desk: AwsDesk) -> None:
    done = desk("publish", desk.events(event(1), "x" * 300_000, event(2)))
    assert (done.exit_code, done.stdout.partition(".")[0]) == (2, "2 published")
    assert "event 2: The body is over 262144 bytes." in done.stderr
    assert "1 are not valid and were not sent" in done.stderr


def test_the_doctor_looks_at_every_part_and_shows_no_secret(desk: AwsDesk) -> None:
    done = desk("doctor")
    assert done.exit_code == 0, done.output
    for what in ("credentials", "attempts", "queue", "dead-letter queue", "bus", "bucket", "paging secret", "tools"):
        assert what in done.stdout, what
    assert PAGING_KEY not in done.output


def test_the_doctor_names_each_part_that_is_missing(desk: AwsDesk) -> None:
    text = desk.config.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(("bus_name", "queue_url"))]
    changed = [line.replace('artifacts_bucket = "', 'artifacts_bucket = "no-') for line in kept]
    desk.config.write_text("\n".join(changed), encoding="utf-8")
    done = desk("doctor")
    assert done.exit_code == 5
    failed = [line for line in done.stdout.splitlines() if line.startswith("fail")]
    assert [line.split()[1] for line in failed] == ["queue", "bus", "bucket"]


@pytest.mark.usefixtures("moto")
def test_a_command_misses_only_the_settings_that_it_needs(tmp_path: Path) -> None:
    desk = AwsDesk(tmp_path, None, "actonce-")
    desk.config.write_text('target = "aws"\n[aws]\nregion = "eu-central-1"\n', encoding="utf-8")
    for command, missing in (
        (("publish", desk.events(event())), "set queue_url under"),
        (("retry", "intent-1", *NAMED), "set queue_url under"),
        (("list", "-t", "tenant-1"), "set paging_secret under"),
        (("dead-letters",), "set dead_letter_queue_url under"),
        (("sweep",), "set queue_url, bus_name, artifacts_bucket under"),
    ):
        done = desk(*command)
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1), command
        assert missing in done.stderr
    unavailable = desk("status", "intent-1", *NAMED)
    assert (unavailable.exit_code, len(unavailable.stderr.splitlines())) == (7, 1)


@pytest.mark.service
def test_a_worker_settles_what_comes_tells_it_and_stops_on_a_signal(
    tmp_path: Path, emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    desk = an_aws_desk(tmp_path, emulator)
    desk.ok("publish", desk.events(*[event(number) for number in range(1, 21)]))
    clients.sqs(emulator).send_message(QueueUrl=desk.queue_url("work"), MessageBody="garbage")
    command = [str(ACTONCE), "--config", str(desk.config), "worker", "--stop-s", "15"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ, text=True) as process:
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until and len(succeeded(desk)) < 20:
            time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=WAIT_S)
    assert (process.returncode, len(succeeded(desk))) == (0, 20), said
    stopped = many(said)[-1]
    assert (stopped["event"], stopped["settled"], stopped["ended_in_time"], stopped["left"]) == ("stopped", 21, True, 0)
    assert [it["body"] for it in many(desk.ok("dead-letters", "--json"))] == ["garbage"]
    assert one(desk.ok("status", "intent-1", *NAMED, "--json"))["evidence"] == "RESPONSE"
    shown = desk("doctor").stdout
    assert "all published" in shown
    assert "Verified" in desk.ok("ledger", "verify")


def succeeded(desk: AwsDesk) -> list[str]:
    shown = desk.ok("list", "-t", "tenant-1", "--status", "SUCCEEDED", "--limit", "100", "--json")
    return [it["action_intent_id"] for it in many(shown)]
