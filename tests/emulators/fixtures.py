"""Fixtures: each emulator starts when a test first asks for it, once in a process; moto is new in every test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.emulators import dynamodb_local as dynamodb_local_server
from tests.emulators import localstack as localstack_server
from tests.emulators import ministack as ministack_server
from tests.emulators.chosen import chosen
from tests.emulators.server import need


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs on the chosen emulator, by its fixture or as a parameter."""
    for item in items:
        chosen_here = getattr(getattr(item, "callspec", None), "params", {}).values()
        if "emulator" in getattr(item, "fixturenames", ()) or chosen() in [
            it for it in chosen_here if isinstance(it, str)
        ]:
            item.add_marker("emulated")


@pytest.fixture(scope="session", autouse=True)
def no_aws_settings_of_the_machine() -> Iterator[None]:
    """Keep profiles, credentials and endpoints of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def ministack() -> Iterator[str]:
    """Give the endpoint URL; the state is shared, so a test names its own tables and queues."""
    need(ministack_server.missing())
    with ministack_server.serve() as endpoint_url:
        yield endpoint_url


@pytest.fixture(scope="session")
def localstack() -> Iterator[str]:
    """Give the endpoint URL; the state is shared, so a test names its own tables and queues."""
    need(localstack_server.missing())
    with localstack_server.serve() as endpoint_url:
        yield endpoint_url


@pytest.fixture(scope="session")
def emulator(request: pytest.FixtureRequest) -> str:
    """Give the endpoint URL of the one that ACTONCE_EMULATOR names, by default ministack."""
    endpoint_url: str = request.getfixturevalue(chosen())
    return endpoint_url


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """Give the endpoint URL; the state is shared, so a test names its own tables."""
    need(dynamodb_local_server.missing())
    with dynamodb_local_server.serve() as endpoint_url:
        yield endpoint_url


@pytest.fixture
def moto() -> Iterator[None]:
    """Answer in this process, to clients made without an endpoint; the state ends with the test."""
    from moto import mock_aws

    with mock_aws():
        yield
