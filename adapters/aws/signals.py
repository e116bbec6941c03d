"""Signals on an EventBridge bus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from adapters.aws.cutting import cut
from adapters.aws.faults import calling
from core.domain.errors import StoreUnavailableError
from core.domain.signal import Signal
from ports.wire.event import DEFAULT_SOURCE
from ports.wire.signal import signal_json

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef

_Numbered = tuple[int, "PutEventsRequestEntryTypeDef"]


class EventBridgeSignals:
    """The signals port: at least once, in no order."""

    def __init__(self, client: EventBridgeClient, bus_name: str, source: str = DEFAULT_SOURCE) -> None:
        """Keep the client; ``bus_name`` is a name or an ARN."""
        self._client = client
        self._bus_name = bus_name
        self._source = source

    def publish(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        """Publish by as few calls as their bounds allow; what one call loses does not keep back the others.

        Raises:
            StoreUnavailableError: a call failed, and no signal is known to be accepted.
        """
        accepted: set[int] = set()
        trouble: StoreUnavailableError | None = None
        for batch in cut(self._entries(signals), lambda it: _size(it[1])):
            try:
                accepted |= self._put(batch)
            except StoreUnavailableError as fault:
                trouble = fault
        if trouble is not None and not accepted:
            raise trouble
        return [signal for place, signal in enumerate(signals) if place not in accepted]

    def _put(self, batch: Sequence[_Numbered]) -> set[int]:
        """Return the places of those that have an event id and no error; an answer that says less accepts less."""
        answer = calling(self._client.put_events, Entries=[entry for _, entry in batch])
        results = answer.get("Entries", [])
        return {
            place
            for (place, _), result in zip(batch, results, strict=False)
            if result.get("EventId") and not result.get("ErrorCode")
        }

    def _entries(self, signals: Sequence[Signal]) -> Iterator[_Numbered]:
        return enumerate(self._entry(signal) for signal in signals)

    def _entry(self, signal: Signal) -> PutEventsRequestEntryTypeDef:
        return {
            "EventBusName": self._bus_name,
            "Source": self._source,
            "DetailType": signal.type.value,
            "Detail": signal_json(signal),
        }


def _size(entry: PutEventsRequestEntryTypeDef) -> int:
    """Return the bytes that EventBridge counts; neither time nor resources are given."""
    texts = entry.get("Source", ""), entry.get("DetailType", ""), entry.get("Detail", "")
    return len("".join(texts).encode())
