"""What a connector may answer, as closed unions: to a call one of four, to a look-up one of three."""

from core.domain.choice import Choice
from core.domain.errors import ErrorClass
from core.domain.making import dataclass

MAX_REF_BYTES = 16 * 1024
REF_OVERHEAD = 70
FIRST_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object in an external system that the effect made, changed or removed."""

    system: str
    object_type: str
    object_id: str
    object_url: str | None = None


def kept(refs: tuple[ObjectRef, ...]) -> tuple[ObjectRef, ...]:
    """Return as many of the first references as are kept, 16 KB of UTF-8 in all; the response names the others.

    They are stored with the effect, the outcome and the signal, which must stay within what a row can hold, lest a
    write that is proved could never be told.
    """
    left = MAX_REF_BYTES
    for place, ref in enumerate(refs):
        parts = (ref.system, ref.object_type, ref.object_id, ref.object_url or "")
        left -= len("".join(parts).encode()) + REF_OVERHEAD
        # Never only one of several: who removes "the" object, and says that nothing is left, goes by their number.
        if left < 0 and place > 1:
            return refs[:place]
    return refs


class Flaw(Choice):
    """A write that is proved, and proved not to be what was asked."""

    PARTIAL = "PARTIAL_WRITE"
    CONTRADICTS = "CONTRADICTS_REQUEST"


class Hold(Choice):
    """Why a call provably never reached the external system."""

    SWITCH_CLOSED = "KILL_SWITCH_ENABLED"
    SWITCH_UNREADABLE = "KILL_SWITCH_UNREADABLE"
    EXPIRED = "INTENT_EXPIRED"
    TOO_LATE = "CALL_WINDOW_PASSED"
    UNREACHABLE = "UNREACHABLE"
    THROTTLED = "RATE_LIMIT_EXCEEDED"
    NOT_READY = "NOT_READY"
    BUSY = "CONNECTOR_BUSY"
    BREAKER_OPEN = "BREAKER_OPEN"


class Cause(Choice):
    """What is wrong with the external system, or with the way to it, where that is why there is no better answer."""

    TRANSPORT = "TRANSPORT"
    SERVER = "SERVER_ERROR"


def cause_of(status: int) -> Cause | None:
    """Return what an HTTP status says of the system itself: a 5xx alone."""
    return Cause.SERVER if status >= FIRST_SERVER_ERROR else None


@dataclass(frozen=True, slots=True)
class Applied:
    """It happened. ``replayed`` says that the provider repeated its first answer to our key."""

    refs: tuple[ObjectRef, ...] = ()
    response: str = ""
    replayed: bool = False
    flaw: Flaw | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The connector's table lists this answer as proof that this send changed nothing.

    ``retryable`` says that the same send may be accepted later, ``retry_after_ms`` the wait that was asked for, 0 for
    none; ``replayed`` that it is the first send's answer.
    """

    error_class: ErrorClass
    code: str
    message: str
    retryable: bool = False
    replayed: bool = False
    retry_after_ms: int = 0


@dataclass(frozen=True, slots=True)
class NotSent:
    """Provably never reached. ``retry_after_ms`` is the wait that was asked for, 0 for none."""

    hold: Hold
    detail: str = ""
    retry_after_ms: int = 0
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Everything else: the write may exist, or come to exist."""

    reason: str
    timed_out: bool = False
    cause: Cause | None = None


Answer = Applied | Refused | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class Happened:
    """The postcondition holds."""

    refs: tuple[ObjectRef, ...] = ()
    response: str = ""


@dataclass(frozen=True, slots=True)
class NotHappened:
    """The postcondition does not hold, as of now."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The look-up failed, or what it found fits neither."""

    reason: str
    changed_otherwise: bool = False


Finding = Happened | NotHappened | CannotTell
