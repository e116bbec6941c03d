from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import chain

import pytest

from adapters.memory.clock import CountingIds, FakeClock
from adapters.memory.queue import MemoryQueue
from core.domain.errors import InvalidEventError
from entrypoints.publishing import CHUNK_BYTES, batches, publish
from ports.wire.bounds import MAX_BODY_BYTES
from ports.wire.messages import parse_message


class Drip:
    """A pipe that gives a few bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content = io.BytesIO(content)
        self._size = size

    def read1(self, size: int = -1, /) -> bytes:
        return self._content.read(min(size, self._size))


def lines(content: bytes, size: int = CHUNK_BYTES) -> list[str]:
    return list(chain.from_iterable(batches(Drip(content, size))))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_come_whole_however_the_pipe_cuts_them(size: int) -> None:
    assert lines(b"one\n\n  \r\ntwo\r\n\xc3\xa9t\xc3\xa9", size) == ["one", "two", "été"]


def test_nothing_gives_nothing() -> None:
    assert lines(b"") == []


def test_what_came_is_sent_before_more_is_awaited() -> None:
    assert list(batches(Drip(b"a\nb\nc\n", 2))) == [["a"], ["b"], ["c"]]


@pytest.mark.parametrize("size", [1_000, CHUNK_BYTES])
def test_an_endless_line_is_bounded_refused_and_harms_no_other(size: int) -> None:
    first, endless, last = lines(b"first\n" + b"x" * (5 * MAX_BODY_BYTES) + b"\nlast\n", size)
    assert (first, last) == ("first", "last")
    assert len(endless) == MAX_BODY_BYTES + 1
    with pytest.raises(InvalidEventError, match="over"):
        parse_message(endless)


def test_a_line_that_is_not_utf_8_is_refused_and_never_altered() -> None:
    (line,) = lines(b'{"a": "\xff"}')
    with pytest.raises(InvalidEventError, match="not JSON"):
        parse_message(line)


def test_each_line_becomes_a_message() -> None:
    queue, counts = MemoryQueue(FakeClock(), CountingIds()), list[int]()
    publish(queue, io.BytesIO(b"one\ntwo\n"), counts.append)
    assert [it.body for it in queue.receive(10, visibility_ms=1)] == ["one", "two"]
    assert sum(counts) == 2


class NarrowQueue(MemoryQueue):
    """A queue that takes no body over ten characters, and then nothing of its batch."""

    def send(self, bodies: Sequence[str], *, delay_ms: int = 0) -> None:
        if any(len(body) > 10 for body in bodies):
            raise InvalidEventError("too long")
        super().send(bodies, delay_ms=delay_ms)


def test_a_line_that_the_queue_refuses_is_counted_and_keeps_back_no_other() -> None:
    queue, counts = NarrowQueue(FakeClock(), CountingIds()), list[int]()
    assert publish(queue, io.BytesIO(b"one\nmuch too long\ntwo\n"), counts.append) == 1
    assert [it.body for it in queue.receive(10, visibility_ms=1)] == ["one", "two"]
    assert counts == [2]
