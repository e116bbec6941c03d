"""Publishing: the lines of a file or of a pipe become messages of the queue, bounded in memory."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Protocol

from core.domain.errors import InvalidEventError, PayloadConflictError
from ports.intents import Intents
from ports.queue import Queue
from ports.wire.bounds import MAX_BODY_BYTES
from ports.wire.messages import ApprovedEvent, parse_message

CHUNK_BYTES = 256 * 1024


class Source(Protocol):
    """Something to read bytes from, as they come."""

    def read1(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes, empty at the end."""
        ...


def publish(queue: Queue, source: Source, observe: Callable[[int], None], *, intents: Intents | None = None) -> int:
    """Send each line, durably, in batches as they come; return how many lines the queue refused.

    ``observe`` is told how many were sent after each batch.

    ``intents``: where what the events embed is stored as well, so that it can be seen and cancelled before a worker
    claims it; None where a worker claims at once.

    Raises:
        StoreUnavailableError: the last batch may or may not be sent; publishing all again is harmless.
    """
    refused = 0
    for batch in batches(source):
        if intents is not None:
            _remember(intents, batch)
        sent = _send(queue, batch)
        refused += len(batch) - sent
        observe(sent)
    return refused


def _send(queue: Queue, batch: list[str]) -> int:
    """Return how many were sent; one that the queue refuses keeps back no other."""
    try:
        queue.send(batch)
    except InvalidEventError:
        if len(batch) == 1:
            return 0
        return sum(_send(queue, [body]) for body in batch)
    return len(batch)


def _remember(intents: Intents, bodies: list[str]) -> None:
    for body in bodies:
        # What is refused here is sent all the same: a worker says so where it counts, ledgered and dead-lettered.
        with contextlib.suppress(InvalidEventError, PayloadConflictError):
            message = parse_message(body)
            if isinstance(message, ApprovedEvent) and message.intent is not None:
                intents.put(message.intent)


def batches(source: Source) -> Iterator[list[str]]:
    """Yield the lines of each piece that comes; blank ones are skipped, an endless one is cut and so refused later."""
    rest = b""
    is_cut = False
    while piece := source.read1(CHUNK_BYTES):
        *whole, rest = (rest + piece).split(b"\n")
        if is_cut and whole:
            # The end of a line whose beginning was sent, to be refused by its size.
            del whole[0]
            is_cut = False
        if is_cut:
            rest = b""
        elif len(rest) > MAX_BODY_BYTES:
            whole.append(rest[: MAX_BODY_BYTES + 1])
            rest, is_cut = b"", True
        yield from _batch(whole)
    if not is_cut:
        yield from _batch([rest])


def _batch(lines: list[bytes]) -> Iterator[list[str]]:
    texts = [text for text in (line.strip() for line in lines) if text]
    if texts:
        # A backslash and x are no JSON, so that a line that is not UTF-8 is refused and never altered.
        yield [text[: MAX_BODY_BYTES + 1].decode("utf-8", errors="backslashreplace") for text in texts]
