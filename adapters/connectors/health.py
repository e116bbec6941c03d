"""What an answer to a call says about the health of the external system, apart from what it says about the effect."""

from enum import Enum, auto

from core.domain.answer import Answer, Applied, Hold, NotSent, Refused, Unknown
from ports.connector import Gate


class Health(Enum):
    """``UNTOLD``: nothing was heard of it, or nothing that speaks of its health."""

    WELL = auto()
    FAILING = auto()
    UNTOLD = auto()


class Witness:
    """A gate around another that remembers whether it was open: only then something was sent."""

    def __init__(self, inner: Gate) -> None:
        """Keep the gate."""
        self._inner = inner
        self.was_open = False

    def closed(self) -> NotSent | None:
        """Ask the other one."""
        closed = self._inner.closed()
        self.was_open = closed is None
        return closed


def health_of(answer: Answer, *, was_sent: bool) -> Health:
    """Return what an answer says. What it was answered must have come from the system to speak for it.

    A refusal, a throttle or a 4xx is a system that works; a connector that refuses by itself has not asked it.
    """
    match answer:
        case Applied():
            return Health.WELL
        case Unknown():
            return Health.FAILING if answer.timed_out or answer.cause is not None else Health.UNTOLD
        case NotSent() if answer.hold is Hold.UNREACHABLE or answer.cause is not None:
            return Health.FAILING
        case Refused() | NotSent(hold=Hold.THROTTLED):
            return Health.WELL if was_sent else Health.UNTOLD
        case NotSent():
            return Health.UNTOLD
