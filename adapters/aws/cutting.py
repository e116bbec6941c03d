"""Cutting what is to be sent into calls, within the bounds that SQS and EventBridge share here."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

MAX_BATCH = 10
MAX_BYTES = 262_144
"""Of one message, and of all in one call: what the queues are set up to take, less than AWS could."""

T = TypeVar("T")


def cut(items: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """Yield as few calls as possible, in order; one that is too large by itself is alone, where it spoils no other."""
    batch: list[T] = []
    octets = 0
    for item in items:
        added = size(item)
        if batch and (len(batch) == MAX_BATCH or octets + added > MAX_BYTES):
            yield batch
            batch, octets = [], 0
        batch.append(item)
        octets += added
    if batch:
        yield batch


def size_of_text(text: str) -> int:
    """Return its bytes in UTF-8."""
    return len(text.encode())
