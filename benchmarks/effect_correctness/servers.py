"""Servers beside the trials: a free port for each, and a wait until it serves. Standard library only."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
START_S = 30.0
POLL_S = 0.05


def free_port() -> int:
    """Return a port of this host that nobody has now."""
    with socket.socket() as made:
        made.bind((HOST, 0))
        port: int = made.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Return when somebody serves a port of this host; raise TimeoutError when nobody does."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with socket.socket() as made:
            if made.connect_ex((HOST, port)) == 0:
                return
        time.sleep(POLL_S)
    raise TimeoutError(f"nobody serves port {port}")


@contextmanager
def oracle(ledger: Path) -> Iterator[int]:
    """Run the oracle as a process of its own, and yield its port."""
    command = [sys.executable, str(Path(__file__).with_name("oracle.py")), str(ledger)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the oracle has no stdout")
            yield int(json.loads(process.stdout.readline())["port"])
        finally:
            process.kill()
