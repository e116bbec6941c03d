from __future__ import annotations

from types import SimpleNamespace

import pytest

from adapters.aws.opening import LateClient
from core.domain.errors import ConfigurationError


def test_a_late_client_is_opened_once_and_by_its_first_use() -> None:
    opened: list[object] = []

    def opening() -> object:
        opened.append(None)
        return SimpleNamespace(get=lambda: "a row", put=lambda: "done")

    client = LateClient(opening)
    assert opened == []

    assert [client.get(), client.get(), client.put()] == ["a row", "a row", "done"]
    assert len(opened) == 1


def test_a_late_client_that_cannot_be_opened_says_so_whenever_it_is_used() -> None:
    def opening() -> object:
        raise ConfigurationError("No AWS region is known.")

    client = LateClient(opening)

    for _ in range(2):
        with pytest.raises(ConfigurationError, match="region"):
            client.get()
