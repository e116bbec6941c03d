"""What is left of an invocation: Lambda freezes or ends a function that has answered, or has not in time."""

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


class Remaining:
    """Two moments before the end: when the last call of a tool may start, and when the function must answer."""

    def __init__(self) -> None:
        """Nothing is left before the first invocation."""
        self._calls_end = self._answer_at = float("-inf")

    def begin(self, invocation: Invocation) -> None:
        """Note that an invocation begins."""
        now, left_ms = monotonic(), invocation.get_remaining_time_in_millis()
        self._calls_end = now + (left_ms - min(CALLS_END_MS, left_ms * CALLS_END_SHARE)) / 1000
        self._answer_at = now + (left_ms - min(ANSWER_MS, left_ms * ANSWER_SHARE)) / 1000

    def is_over(self) -> bool:
        """Tell whether nothing that takes long may begin any more."""
        return monotonic() >= self._calls_end

    def left_s(self) -> float:
        """Return the seconds until the function must answer, 0 or more."""
        return max(0.0, self._answer_at - monotonic())
