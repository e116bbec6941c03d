"""Faults on demand: what happens to the next write or the next read. The names are those of the conformance suite."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

BEFORE = frozenset(
    {
        "drop_before",
        "reset_before",
        "silence_before",
        "throttle",
        "error_before",
        "unavailable",
        "refuse",
        "unauthorized",
        "echo",
        "redirect",
        "mixed_up",
    }
)
AFTER = frozenset(
    {
        "drop_after",
        "reset_after",
        "silence_after",
        "late_apply",
        "late_reply",
        "error_after",
        "malformed",
        "drip",
        "oversize",
        "collision",
    }
)
NAMES = BEFORE | AFTER
SPOKEN = frozenset({"throttle", "error_before", "error_after", "unavailable", "refuse", "unauthorized", "echo"})
"""Answered in the vendor's own words."""
KINDS = ("write", "read")
MAX_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Fault:
    """``seconds``: the delay of a late one, or what Retry-After asks for."""

    name: str
    seconds: float = 0.0


class Plan:
    """The faults still to come, by kind of request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, deque[Fault]] = {kind: deque() for kind in KINDS}

    def add(self, kind: object, name: object, seconds: object) -> None:
        """Add one; a ValueError names what is wrong."""
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
        if name not in NAMES:
            raise ValueError(f"no fault is called {name!r}; the faults are {', '.join(sorted(NAMES))}")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= MAX_SECONDS:
            raise ValueError(f"seconds must be between 0 and {MAX_SECONDS:g}")
        with self._lock:
            self._next[str(kind)].append(Fault(str(name), float(seconds)))

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            for queue in self._next.values():
                queue.clear()

    def take(self, kind: str) -> Fault | None:
        """Return the next fault of a kind, None where there is none."""
        with self._lock:
            return self._next[kind].popleft() if self._next[kind] else None


def planned(plan: Plan, document: Any) -> None:  # noqa: ANN401 - whatever came
    """Add what a control request asks for."""
    if not isinstance(document, dict):
        raise ValueError("a fault is a JSON object")
    plan.add(document.get("on", "write"), document.get("fault"), document.get("seconds", 0.0))
