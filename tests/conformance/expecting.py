"""What each fault may be answered with, and whether it leaves a write: the suite's one table."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.answer import Answer, Applied, NotSent, Refused, Unknown
from tests.conformance.subject import Fault

SILENCE_MS = 300
"""How long a call waits that nobody answers."""
CALM_MS = 8_000
"""How long a call may take that is answered; a busy machine needs some of it."""
SLACK_S = 4.0
LATE_S = 0.8
LAG_S = 0.4
RETRY_AFTER_S = 3

SILENT = frozenset({Fault.SILENCE_BEFORE, Fault.SILENCE_AFTER, Fault.LATE_APPLY, Fault.LATE_REPLY, Fault.DRIP})
"""Whoever meets one of these waits until the time of the call is over."""

APPLIED = frozenset(
    {
        Fault.DROP_AFTER,
        Fault.RESET_AFTER,
        Fault.SILENCE_AFTER,
        Fault.LATE_APPLY,
        Fault.LATE_REPLY,
        Fault.ERROR_AFTER,
        Fault.MALFORMED,
        Fault.DRIP,
        Fault.OVERSIZE,
        Fault.COLLISION,
    }
)
"""The fake writes."""

ALLOWED: Mapping[Fault, tuple[type[Answer], ...]] = {
    **dict.fromkeys(Fault, (Unknown,)),
    # The meaning of the status: throttled before execution.
    Fault.THROTTLE: (NotSent,),
    Fault.UNAVAILABLE: (Unknown, NotSent),
    Fault.REFUSE: (Refused,),
    # Which of these depends on where the credentials come from, and on who judges them.
    Fault.UNAUTHORIZED: (Refused, NotSent, Unknown),
    Fault.ECHO: (Refused, Unknown),
    # The system itself says that it wrote; only a look-up can see more.
    Fault.COLLISION: (Applied, Unknown),
}

READ_FAULTS = frozenset(Fault) - {
    Fault.DROP_BEFORE,
    Fault.RESET_BEFORE,
    Fault.SILENCE_BEFORE,
    Fault.ERROR_BEFORE,
    Fault.LATE_APPLY,
    Fault.COLLISION,
    Fault.MIXED_UP,
}
"""Faults of a read; before and after are the same to it."""


def seconds_of(fault: Fault) -> float:
    """Return how late a fault is, or what it asks to wait."""
    match fault:
        case Fault.LATE_APPLY | Fault.LATE_REPLY:
            return LATE_S
        case Fault.THROTTLE | Fault.UNAVAILABLE:
            return RETRY_AFTER_S
        case _:
            return 0.0


def timeout_of(fault: Fault | None) -> int:
    """Return how long the call may take, in milliseconds."""
    return SILENCE_MS if fault in SILENT else CALM_MS
