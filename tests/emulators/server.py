"""An emulator as a process of its own: started on a free port, waited for, killed at the end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.emulators import clients

HOST = "127.0.0.1"
START_LIMIT_S = 60.0
STOP_LIMIT_S = 10.0
POLL_S = 0.1
LOG_TAIL_BYTES = 8_000
LEASH = (sys.executable, str(Path(__file__).with_name("leash.py")))


class DidNotStart(Exception):
    """Carries the end of the emulator's log; look there."""


def need(fault: str | None) -> None:
    """Skip on a laptop that lacks an emulator; fail in CI, where a skip would hide that nothing was tested."""
    if fault is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(fault, pytrace=False)
    pytest.skip(fault)


@contextmanager
def served(
    command: Callable[[int], list[str]], settings: Callable[[int], dict[str, str]] = lambda _: {}
) -> Iterator[str]:
    """Run the command for a port in an empty folder and environment, and yield its endpoint once it answers."""
    port = free_port()
    endpoint_url = f"http://{HOST}:{port}"
    with tempfile.TemporaryDirectory(prefix="emulator-") as folder, Path(folder, "log").open("w+b") as log:
        process = subprocess.Popen(
            [*LEASH, *command(port)],
            cwd=folder,
            env=environment(folder) | settings(port),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            if not answers_in_time(process, endpoint_url):
                raise DidNotStart(f"{command(port)} within {START_LIMIT_S} s:\n{tail(Path(folder, 'log'))}")
            yield endpoint_url
        finally:
            process.communicate(timeout=STOP_LIMIT_S)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def environment(folder: str) -> dict[str, str]:
    """Show the emulator nothing of the machine but where programs are."""
    return {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}


def answers_in_time(process: subprocess.Popen[bytes], endpoint_url: str) -> bool:
    """Every emulator here speaks DynamoDB; the process must live, lest a stranger on its port answered."""
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        if answers(endpoint_url):
            return process.poll() is None
        time.sleep(POLL_S)
    return False


def answers(endpoint_url: str) -> bool:
    client = clients.dynamodb(endpoint_url)
    try:
        client.list_tables()
    except (BotoCoreError, ClientError):
        return False
    finally:
        client.close()
    return True


def tail(log: Path) -> str:
    return log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")
