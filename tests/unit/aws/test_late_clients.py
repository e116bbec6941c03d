from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from adapters.aws.artifacts import S3Artifacts
from adapters.aws.opening import LateClient
from core.domain.errors import ConfigurationError, StoreUnavailableError
from core.domain.keys import IntentKey


def test_a_late_client_is_opened_once_and_by_its_first_use() -> None:
    opened: list[object] = []

    def opening() -> object:
        opened.append(None)
        return SimpleNamespace(get=lambda: "a row", put=lambda: "done")

    client = LateClient(opening)
    assert opened == []

    assert [client.get(), client.get(), client.put()] == ["a row", "a row", "done"]
    assert len(opened) == 1


@pytest.mark.parametrize("fault", [ConfigurationError("No AWS region is known."), OSError("EMFILE"), ValueError()])
def test_a_late_client_that_cannot_be_opened_is_a_store_out_of_reach_whenever_it_is_used(fault: Exception) -> None:
    def opening() -> object:
        raise fault

    client = LateClient(opening)

    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match=r"region|cannot be opened: (OSError|ValueError)"):
            client.get()


def test_an_artifact_whose_client_cannot_be_opened_keeps_no_answer_from_being_settled() -> None:
    def opening() -> object:
        raise ConfigurationError("The AWS session cannot be opened: ValueError.")

    client: Any = LateClient(opening)
    artifacts = S3Artifacts(client, "bucket")

    with pytest.raises(StoreUnavailableError):
        artifacts.put(IntentKey("acme", "emea", "intent-7"), "a long answer")
