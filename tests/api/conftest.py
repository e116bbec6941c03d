from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.stand import Stand, a_stand


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One for all tests of a module; none of them may change what is stored."""
    with a_stand(tmp_path_factory.mktemp("stand")) as stand:
        yield stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with a_stand(tmp_path) as own:
        yield own
