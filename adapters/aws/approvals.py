"""Approved events onto an EventBridge bus."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from adapters.aws.cutting import cut
from adapters.aws.faults import calling
from core.domain.canonical import compact
from ports.clock import Clock

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef, PutEventsResultEntryTypeDef

TRIES = 5
FIRST_PAUSE_MS = 200
"""The longest pause before the second try; it doubles with each."""
NO_ANSWER = "NO_ANSWER"
"""Of an entry that an answer says nothing about."""
WORTH_ANOTHER_TRY = frozenset(
    {"InternalException", "InternalFailure", "ServiceUnavailable", "ThrottlingException", NO_ANSWER}
)

_Numbered = tuple[int, "PutEventsRequestEntryTypeDef"]


class EventBridgeApprovals:
    """The approvals port. An answer of 200 may still refuse entries: each is looked at, and only those go again."""

    def __init__(self, client: EventBridgeClient, bus_name: str, clock: Clock) -> None:
        """Keep the client, which repeats whole calls by itself; ``bus_name`` is a name or an ARN."""
        self._client = client
        self._bus_name = bus_name
        self._clock = clock

    def put(self, events: Sequence[str]) -> Mapping[int, str]:
        """Put events that were checked before; a place that is refused has EventBridge's own code."""
        entries = [(place, self._entry(event)) for place, event in enumerate(events)]
        refused: dict[int, str] = {}
        for batch in cut(entries, lambda it: _size(it[1])):
            refused |= self._put(batch)
        return refused

    def _put(self, waiting: Sequence[_Numbered]) -> Mapping[int, str]:
        """Put one call's entries, those that are worth it again and again; return the codes that were the last word."""
        refused: dict[int, str] = {}
        for tried in range(1, TRIES + 1):
            codes = self._try(waiting)
            is_last = tried == TRIES
            again = {place for place, code in codes.items() if code in WORTH_ANOTHER_TRY and not is_last}
            refused |= {place: code for place, code in codes.items() if place not in again}
            if not again:
                break
            waiting = [it for it in waiting if it[0] in again]
            self._clock.pause(FIRST_PAUSE_MS << (tried - 1))
        return refused

    def _try(self, batch: Sequence[_Numbered]) -> Mapping[int, str]:
        """Return the codes of those that were not taken."""
        answer = calling(self._client.put_events, Entries=[entry for _, entry in batch])
        results = [*answer.get("Entries", []), *[_silent()] * len(batch)]
        codes = {place: _code(result) for (place, _), result in zip(batch, results, strict=False)}
        return {place: code for place, code in codes.items() if code}

    def _entry(self, event: str) -> PutEventsRequestEntryTypeDef:
        document = json.loads(event)
        return {
            "EventBusName": self._bus_name,
            "Source": document["source"],
            "DetailType": document["detail-type"],
            "Detail": compact(document["detail"]),
        }


def _silent() -> PutEventsResultEntryTypeDef:
    return {}


def _code(result: PutEventsResultEntryTypeDef) -> str:
    """Return why an entry was not taken, empty where it was."""
    if result.get("EventId") and not result.get("ErrorCode"):
        return ""
    return result.get("ErrorCode") or NO_ANSWER


def _size(entry: PutEventsRequestEntryTypeDef) -> int:
    """Return the bytes that EventBridge counts; neither time nor resources are given."""
    texts = entry.get("Source", ""), entry.get("DetailType", ""), entry.get("Detail", "")
    return sum(len(text.encode()) for text in texts)
