"""The door of the relay: the stream of the outbox."""

from collections.abc import Mapping
from typing import Any

from adapters.aws.outbox_stream import sequence_of, signal_in
from core.domain.signal import Signal

Record = Mapping[str, Any]


def signal(record: Record) -> Signal | None:
    """Return the signal that a record of the outbox's stream brings, None where it brings none.

    Raises:
        ValueError: it shows no row of an outbox.
    """
    return signal_in(record)


def sequence(record: Record) -> str:
    """Return the number by which a record of a stream is reported as failed."""
    return sequence_of(record)
