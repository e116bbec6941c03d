from __future__ import annotations

from typing import Any

import pytest

from adapters.aws.items import signal_item
from adapters.aws.outbox_stream import sequence_of, signal_in
from core.domain.keys import IntentKey
from core.domain.signal import Signal, SignalType

SIGNAL = Signal(
    signal_id="exec-intent-1-account-1-ACTION_REFUSED",
    type=SignalType.ACTION_REFUSED,
    key=IntentKey("tenant-1", "account-1", "intent-1"),
    revision=0,
    at_ms=1_900_000_000_000,
    trace_id="trace",
    decision_trace_id="decision",
    reason="secret words",
    error_code="PAYLOAD_CONFLICT",
)


def record(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON of AWS
    row = {"SequenceNumber": "42", "NewImage": signal_item(SIGNAL)}
    return {"eventName": "INSERT", "dynamodb": row | changes}


def test_a_row_that_was_put_is_the_signal_that_was_written() -> None:
    assert signal_in(record()) == SIGNAL
    assert sequence_of(record()) == "42"


@pytest.mark.parametrize("name", ["REMOVE", "MODIFY"])
def test_a_row_that_was_changed_or_removed_brings_none(name: str) -> None:
    assert signal_in({**record(), "eventName": name}) is None


@pytest.mark.parametrize(
    "image", [{}, {"sk": {"S": "x"}}, {**signal_item(SIGNAL), "at": {"S": "secret words"}}, {"sk": "secret words"}]
)
def test_what_shows_no_row_is_told_without_its_words(image: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no row of an outbox") as told:
        signal_in(record(NewImage=image))
    assert "secret" not in str(told.value)
    assert told.value.__suppress_context__
