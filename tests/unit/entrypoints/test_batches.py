"""A batch's answer names exactly the records that must be delivered again."""

from __future__ import annotations

import logging

import pytest

from entrypoints.batches import NotDoneError, Record, answered

EVENT = {"Records": [{"messageId": name, "body": name} for name in ("done", "left", "broken", "last")]}


def settle(record: Record) -> None:
    if record["body"] == "left":
        raise NotDoneError
    if record["body"] == "broken":
        raise LookupError("a fault of ours")


def test_what_is_not_done_is_delivered_again_and_its_neighbours_are_not(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = answered(EVENT, settle)
    assert response == {"batchItemFailures": [{"itemIdentifier": "left"}, {"itemIdentifier": "broken"}]}
    assert [it.message for it in caplog.records] == ["unforeseen"]


def test_an_empty_batch_leaves_nothing() -> None:
    assert answered({"Records": []}, settle) == {"batchItemFailures": []}
