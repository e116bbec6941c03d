"""LocalStack as the tests of the deployed system use it: it takes every key, and refuses nobody anything.

One that somebody else started may run its functions anywhere. A small function tells: the tests need it to reach this
machine, where the tool server is, on the Python that the package is built for.
"""

from __future__ import annotations

import io
import json
import secrets
import socket
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.deployed import processes
from tests.deployed.enforcing import Emulator
from tests.emulators import localstack
from tests.emulators.server import HOST

PREFIX = "localstack-lambda-"
TELLS = """
import socket, sys
def handler(event, _):
    try:
        socket.create_connection((event["host"], event["port"]), 2).close()
    except OSError:
        return {"reaches": False, "python": list(sys.version_info[:2])}
    return {"reaches": True, "python": list(sys.version_info[:2])}
"""


@contextmanager
def serve() -> Iterator[Emulator]:
    """Yield one that runs already, or one started here."""
    with localstack.serve() as endpoint_url:
        known_as = (PREFIX, f"-{urlsplit(endpoint_url).port}")
        emulator = Emulator("localstack", endpoint_url, known_as, wakes_early=True, has_api=False)
        with told(emulator) as function:
            here = list(sys.version_info[:2])
            if not function["reaches"] or function["python"] != here:
                pytest.skip(f"functions: they run elsewhere, or not on Python {here[0]}.{here[1]}: {function}")
            are_here = bool(processes.found(*known_as))
        yield emulator if are_here else replace(emulator, functions=())


@contextmanager
def told(emulator: Emulator) -> Iterator[dict[str, Any]]:
    """Yield what a function sees of this machine; it is there meanwhile."""
    client, name = emulator.client("lambda"), f"tells-{secrets.token_hex(4)}"
    client.create_function(
        FunctionName=name,
        Runtime=f"python3.{sys.version_info.minor}",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="tells.handler",
        Code={"ZipFile": zipped("tells.py", TELLS)},
        Timeout=30,
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    with socket.create_server((HOST, 0)) as server:
        asked = json.dumps({"host": HOST, "port": server.getsockname()[1]})
        answer: dict[str, Any] = json.load(client.invoke(FunctionName=name, Payload=asked)["Payload"])
        yield answer
    client.delete_function(FunctionName=name)


def zipped(name: str, text: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, text)
    return stream.getvalue()
