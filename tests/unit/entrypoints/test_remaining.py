from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from entrypoints.remaining import Remaining


@dataclass
class Left:
    left_ms: int
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


def begun(left_ms: int) -> Remaining:
    remaining = Remaining()
    remaining.begin(Left(left_ms))
    return remaining


def test_before_the_first_invocation_nothing_may_begin() -> None:
    assert (Remaining().is_over(), Remaining().left_s()) == (True, 0)


def test_no_call_begins_in_the_last_three_seconds_and_the_answer_is_due_a_second_before_the_end() -> None:
    assert begun(60_000).left_s() == pytest.approx(59, abs=0.5)
    assert not begun(60_000).is_over()
    # A quarter and a tenth of what is shorter.
    assert begun(4_000).left_s() == pytest.approx(3.6, abs=0.3)
    assert not begun(4_000).is_over()


def test_when_nothing_is_left_nothing_begins_and_nobody_waits() -> None:
    assert (begun(0).is_over(), begun(0).left_s()) == (True, 0)


def test_a_thread_that_an_invocation_left_behind_may_begin_nothing_in_the_time_of_the_next() -> None:
    """The next one's answer freezes the process, and a call begun just before it would go out when it is thawed."""
    remaining, ended, seen = Remaining(), threading.Event(), []
    first = remaining.begin(Left(60_000))

    def work() -> None:
        remaining.join(first)
        seen.append(remaining.is_over())
        ended.wait(5)
        seen.append(remaining.is_over())

    thread = threading.Thread(target=work)
    thread.start()
    while not seen:
        pass
    remaining.end(first)
    remaining.begin(Left(60_000))
    ended.set()
    thread.join()
    assert seen == [False, True]
    assert not remaining.is_over()
