"""LocalStack as the tests of the deployed system use it: it takes every key, and refuses nobody anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.deployed.enforcing import Emulator
from tests.emulators import localstack


@contextmanager
def serve() -> Iterator[Emulator]:
    """Yield one that runs already, or one started here."""
    with localstack.serve() as endpoint_url:
        port = urlsplit(endpoint_url).port
        yield Emulator("localstack", endpoint_url, ("localstack-lambda-", f"-{port}"))
