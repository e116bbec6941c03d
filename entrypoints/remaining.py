"""What is left of an invocation: Lambda freezes or ends a function that has answered, or has not in time."""

import threading
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

CALLS_END_MS, ANSWER_MS = 3_000, 1_000
# Of an invocation too short for these.
CALLS_END_SHARE, ANSWER_SHARE = 0.25, 0.1


class Invocation(Protocol):
    """What we ask of the context that Lambda gives with an invocation."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the function."""
        ...


@dataclass(slots=True)
class Term:
    """One invocation's time, on this process's monotonic clock in seconds."""

    calls_end: float = float("-inf")
    answer_at: float = float("-inf")


class Remaining:
    """Two moments before the end: when the last call of a tool may start, and when the function must answer.

    A thread belongs to the invocation that it was begun for, and to no later one: what an earlier invocation left
    behind must not begin a call in the time of the next, whose answer freezes the process at any moment.
    """

    def __init__(self) -> None:
        """Nothing is left before the first invocation."""
        self.latest = Term()
        self._own = threading.local()

    def begin(self, invocation: Invocation) -> Term:
        """Note that an invocation begins."""
        now, left_ms = monotonic(), invocation.get_remaining_time_in_millis()
        self.latest = Term(
            calls_end=now + (left_ms - min(CALLS_END_MS, left_ms * CALLS_END_SHARE)) / 1000,
            answer_at=now + (left_ms - min(ANSWER_MS, left_ms * ANSWER_SHARE)) / 1000,
        )
        return self.latest

    def join(self, term: Term) -> None:
        """Let the thread that asks belong to an invocation."""
        self._own.term = term

    def end(self, term: Term) -> None:
        """Note that an invocation answers: none of its threads may begin anything any more."""
        term.calls_end = term.answer_at = float("-inf")

    def is_over(self) -> bool:
        """Tell whether nothing that takes long may begin any more in this thread."""
        term: Term = getattr(self._own, "term", self.latest)
        return monotonic() >= term.calls_end

    def left_s(self) -> float:
        """Return the seconds until the function must answer, 0 or more."""
        return max(0.0, self.latest.answer_at - monotonic())
