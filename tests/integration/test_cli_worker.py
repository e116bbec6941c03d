"""`actonce worker` as a process: signals, what it logs, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.sqlite.database import Database
from adapters.sqlite.queue import SqliteQueue
from adapters.system.clock import SystemClock, SystemIds
from tests.integration.desk import ACTONCE, Desk, an_open_desk, event, many

WAIT_S = 20


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return an_open_desk(tmp_path)


@contextmanager
def working(desk: Desk, *before: str, after: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    """Start a worker, and yield it once it works."""
    command = [str(ACTONCE), "--config", str(desk.config), *before, "worker", *after]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        states = [json.loads(process.stderr.readline())["event"] for _ in range(2)]
        assert states == ["starting", "working"]
        try:
            yield process
        finally:
            process.kill()


def published(desk: Desk, count: int) -> None:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        if (desk.folder / "signals.jsonl").exists() and len(desk.signals()) >= count:
            return
        time.sleep(0.05)
    raise AssertionError("the signals did not come")


def enqueue(desk: Desk, body: str) -> None:
    database = Database(desk.folder / "actonce.db")
    try:
        SqliteQueue(database, SystemClock(), SystemIds()).send([body])
    finally:
        database.close()


def until_empty(desk: Desk) -> None:
    database = Database(desk.folder / "actonce.db")
    left = "SELECT count(*) FROM messages"
    try:
        until = time.monotonic() + WAIT_S
        while database.read(lambda connection: connection.execute(left).fetchone())[0]:
            assert time.monotonic() < until, "the queue is not emptied"
            time.sleep(0.05)
    finally:
        database.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_settles_what_comes_until_a_signal_and_ends_with_zero(desk: Desk, number: signal.Signals) -> None:
    with working(desk) as process:
        desk.ok("publish", desk.events(event(1), event(2)))
        # No check of ours stands before a queue that others write to as well.
        enqueue(desk, "garbage")
        published(desk, 2)
        until_empty(desk)
        process.send_signal(number)
        shown, said = process.communicate(timeout=WAIT_S)
    assert (process.returncode, shown) == (0, "")
    stopping, stopped = many(said)
    assert (stopping["event"], stopped["event"]) == ("stopping", "stopped")
    assert (stopped["settled"], stopped["ended_in_time"], stopped["left"]) == (3, True, 0)
    assert {it["level"] for it in (stopping, stopped)} == {"info"}


def test_a_verbose_worker_logs_each_delivery_and_nothing_of_its_content(desk: Desk) -> None:
    desk.ok("publish", desk.events(event(1)))
    with working(desk, "--verbose", after=("--workers", "2", "--stop-s", "5")) as process:
        published(desk, 1)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0
    (line,) = [it for it in many(said) if it["event"] == "handled"]
    assert line["status"] == "SUCCEEDED"
    assert "Call them" not in said


def test_a_worker_applies_the_registry_files_and_begins_a_database(tmp_path: Path) -> None:
    (tmp_path / "actonce.toml").write_text("[tenants]\nunknown = 'enabled'\n", encoding="utf-8")
    desk = Desk(tmp_path)
    with working(desk):
        desk.ok("publish", desk.events(event(1)))
        published(desk, 1)


def test_a_fault_of_this_program_ends_a_worker_with_one(desk: Desk) -> None:
    with working(desk) as process:
        database = Database(desk.folder / "actonce.db")
        database.write(lambda connection: connection.execute("DROP TABLE messages"))
        database.close()
        _, said = process.communicate(timeout=WAIT_S)
    assert process.returncode == 1
    assert many(said)[-1]["fault"] == "OperationalError"


def test_a_worker_that_cannot_start_says_so_in_one_line(desk: Desk) -> None:
    done = desk("worker", "--workers", "0")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "run.workers" in done.stderr
    missing = desk("--target", "aws", "worker")
    assert missing.exit_code == 2
    assert missing.stderr.splitlines()[-1].endswith(
        "set queue_url, dead_letter_queue_url, bus_name, artifacts_bucket under [aws], or ACTONCE_AWS_QUEUE_URL,"
        " ACTONCE_AWS_DEAD_LETTER_QUEUE_URL, ACTONCE_AWS_BUS_NAME, ACTONCE_AWS_ARTIFACTS_BUCKET in the environment."
    )


def test_settings_come_from_the_environment_alone(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "ACTONCE_DB": "store.db",
        "ACTONCE_WORKERS": "3",
        "ACTONCE_STOP_S": "1",
        "ACTONCE_TARGET": "",
    }
    command = [str(ACTONCE), "worker"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        starting = json.loads(process.stderr.readline())
        assert json.loads(process.stderr.readline())["event"] == "working"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=WAIT_S)
    assert (starting["workers"], starting["target"]) == (3, "embedded")
    assert many(said)[0]["stop_s"] == 1
    assert (process.returncode, (tmp_path / "store.db").is_file()) == (0, True)
