"""ministack: most of the AWS services that we use, in one process and in memory."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.emulators.server import HOST, served

LAUNCHER = Path(__file__).with_name("ministack_launch.py")
WITHOUT_THIS_FOLDER = "-P"


def missing() -> str | None:
    """Say in a line what to install, if anything."""
    if importlib.util.find_spec("ministack") is None:
        return "ministack is missing. Run: make venv"
    return None


@contextmanager
def serve() -> Iterator[str]:
    """Yield the endpoint URL."""
    with served(lambda _: [sys.executable, WITHOUT_THIS_FOLDER, str(LAUNCHER)], settings) as endpoint_url:
        yield endpoint_url


def settings(port: int) -> dict[str, str]:
    """Left to itself it binds every interface and starts an MQTT listener."""
    return {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_HOST": "localhost",
    }
