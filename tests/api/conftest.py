from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.stand import Stand, a_stand

API = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each of two processes a browser and about half of the work; pytest-xdist reads the mark."""
    for item in items:
        if item.path.is_relative_to(API):
            is_of_console = "browser" in item.path.parts and item.path.name != "test_signing_in.py"
            item.add_marker(pytest.mark.xdist_group("console" if is_of_console else "the rest"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One for all tests of a module; none of them may change what is stored."""
    with a_stand(tmp_path_factory.mktemp("stand")) as stand:
        yield stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with a_stand(tmp_path) as own:
        yield own
