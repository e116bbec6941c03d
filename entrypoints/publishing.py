"""Publishing: the lines of a file or of a pipe become messages of the queue, bounded in memory."""

from collections.abc import Callable, Iterator
from typing import Protocol

from core.domain.errors import InvalidEventError
from ports.queue import Queue
from ports.wire.bounds import MAX_BODY_BYTES

CHUNK_BYTES = 256 * 1024


class Source(Protocol):
    """Something to read bytes from, as they come."""

    def read1(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes, empty at the end."""
        ...


def publish(queue: Queue, source: Source, observe: Callable[[int], None]) -> int:
    """Send each line, durably, in batches as they come; return how many lines the queue refused.

    What a line says is for the worker to judge. ``observe`` is told how many were sent after each batch.

    Raises:
        StoreUnavailableError: the last batch may or may not be sent; publishing all again is harmless.
    """
    refused = 0
    for batch in batches(source):
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
