"""A publisher's side: lines become events that are checked before they are sent, so that no worker must bury them."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.domain.errors import InvalidEventError, PayloadConflictError
from entrypoints.publishing import Source, batches
from ports.approvals import Approvals
from ports.intents import Intents
from ports.queue import Queue
from ports.wire.bounds import MAX_BODY_BYTES
from ports.wire.messages import ApprovedEvent, parse_message

ADDED_BY_A_BUS_BYTES = 1_024
"""What EventBridge writes around a detail before our queue is given it: ids, time, account, region."""


@dataclass(frozen=True, slots=True)
class Approval:
    """An event that is valid; ``number`` counts the lines that are not blank, from 1."""

    number: int
    body: str
    event: ApprovedEvent


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line is not sent, or was not taken; ``is_invalid``: it never will be."""

    number: int
    reason: str
    is_invalid: bool


class Outlet(Protocol):
    """Where checked events go."""

    @property
    def max_bytes(self) -> int:
        """Bytes of the largest event that can be delivered from there."""
        ...

    def put(self, approvals: Sequence[Approval]) -> Sequence[Refusal]:
        """Put them, and return those that were not taken."""
        ...


class ToBus:
    """Onto an event bus; whoever publishes ids alone stores the intents."""

    max_bytes = MAX_BODY_BYTES - ADDED_BY_A_BUS_BYTES

    def __init__(self, bus: Approvals) -> None:
        """Keep the bus."""
        self._bus = bus

    def put(self, approvals: Sequence[Approval]) -> Sequence[Refusal]:
        """Put them, and return those that the bus refused or did not answer for."""
        refused = self._bus.put([it.body for it in approvals])
        return [Refusal(approvals[place].number, f"not taken: {code}", False) for place, code in refused.items()]


class ToQueue:
    """Into the work queue itself; ``intents``: what events embed is stored there first, and so can be seen at once."""

    max_bytes = MAX_BODY_BYTES

    def __init__(self, queue: Queue, intents: Intents | None = None) -> None:
        """Keep the queue."""
        self._queue = queue
        self._intents = intents

    def put(self, approvals: Sequence[Approval]) -> Sequence[Refusal]:
        """Put all of them.

        Raises:
            StoreUnavailableError: some were perhaps not taken; publishing all again is harmless.
        """
        for approval in approvals:
            if self._intents is not None and approval.event.intent is not None:
                # Another body under a known id is sent all the same: a worker says so where it counts.
                with contextlib.suppress(PayloadConflictError):
                    self._intents.put(approval.event.intent)
        self._queue.send([it.body for it in approvals])
        return []


class Nowhere:
    """A dry run; ``max_bytes`` is that of where it would go."""

    def __init__(self, max_bytes: int) -> None:
        """Keep the bound."""
        self.max_bytes = max_bytes

    def put(self, approvals: Sequence[Approval]) -> Sequence[Refusal]:
        """Send nothing; every one could be."""
        del approvals
        return []


def approve(lines: Source, outlet: Outlet, *, source: str, first: int = 1) -> Iterator[tuple[int, Sequence[Refusal]]]:
    """Send each valid line as it comes; yield how many were taken and what was refused, batch by batch.

    ``source``: what an event must say that it comes from. ``first``: the number of the first line.

    Raises:
        StoreUnavailableError: some of a batch were perhaps not taken; publishing all again is harmless.
    """
    for batch in batches(lines):
        judged = [_judged(number, body, source, outlet.max_bytes) for number, body in enumerate(batch, first)]
        first += len(batch)
        approvals = [it for it in judged if isinstance(it, Approval)]
        refusals = [it for it in judged if isinstance(it, Refusal)]
        lost = outlet.put(approvals) if approvals else []
        yield len(approvals) - len(lost), [*refusals, *lost]


def _judged(number: int, body: str, source: str, max_bytes: int) -> Approval | Refusal:
    """Hold a line against all that a worker would hold it against."""
    try:
        event = parse_message(body, source=source)
    except InvalidEventError as fault:
        return Refusal(number, fault.message, is_invalid=True)
    if not isinstance(event, ApprovedEvent):
        return Refusal(number, "It is no event of a publisher.", is_invalid=True)
    if len(body.encode()) > max_bytes:
        return Refusal(number, f"It is over {max_bytes} bytes, and could not be delivered.", is_invalid=True)
    return Approval(number, body, event)
