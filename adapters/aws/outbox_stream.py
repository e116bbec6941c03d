"""The stream of the outbox table: each record shows a row as it was put there."""

from collections.abc import Mapping
from typing import Any

from adapters.aws import items
from core.domain.errors import StoreUnavailableError
from core.domain.signal import Signal

INSERT = "INSERT"


def sequence_of(record: Mapping[str, Any]) -> str:
    """Return the number by which a record is reported as failed."""
    return str(record["dynamodb"]["SequenceNumber"])


def signal_in(record: Mapping[str, Any]) -> Signal | None:
    """Return the signal that a record brings, None where it tells of a row that was changed or removed.

    Raises:
        ValueError: it shows no row of an outbox.
    """
    if record["eventName"] != INSERT:
        return None
    try:
        return items.signal_of(record["dynamodb"]["NewImage"])
    except (KeyError, TypeError, StoreUnavailableError) as fault:
        # By its class alone: a message may quote the row.
        raise ValueError(f"the record shows no row of an outbox: {type(fault).__name__}") from None
