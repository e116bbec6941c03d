"""What is recorded of one send when it is answered, in whichever layer keeps the record."""

from typing import Any

from core.domain.answer import Answer, Applied, Hold, NotSent, Refused, Unknown
from core.domain.attempt import Fault
from core.domain.changing import changed
from core.domain.contract import EffectContract
from core.domain.effect import Send, SendAnswer
from core.domain.errors import ErrorClass

INLINE_BYTES = 64 * 1024
CODE_BYTES = 64
MESSAGE_BYTES = 300
_UNSPENT = frozenset({Hold.SWITCH_UNREADABLE, Hold.TOO_LATE, Hold.NOT_READY, Hold.BUSY, Hold.BREAKER_OPEN})

_HOLD_CLASSES = {
    Hold.THROTTLED: ErrorClass.RATE_LIMIT,
    Hold.BUSY: ErrorClass.RATE_LIMIT,
    Hold.UNREACHABLE: ErrorClass.DOWNSTREAM,
    Hold.BREAKER_OPEN: ErrorClass.DOWNSTREAM,
}


def answered(send: Send, answer: SendAnswer, now_ms: int, **changes: Any) -> Send:  # noqa: ANN401 - as changed is
    """Return a send with its answer recorded."""
    return changed(send, answer=answer, answered_at_ms=now_ms, **changes)


def not_applied(send: Send, answer: Refused | NotSent | Unknown, now_ms: int) -> Send:
    """Return a send with an answer recorded that does not say that it happened."""
    match answer:
        case Refused():
            fault = _fault(answer.error_class, answer.code, answer.message)
            waits = {"retryable": answer.retryable, "retry_after_ms": answer.retry_after_ms}
            return answered(send, SendAnswer.REFUSED, now_ms, fault=fault, **waits)
        case NotSent():
            return answered(
                send,
                SendAnswer.NOT_SENT,
                now_ms,
                fault=_hold_fault(answer),
                retry_after_ms=answer.retry_after_ms,
                spent=answer.hold not in _UNSPENT,
            )
        case Unknown():
            return answered(send, SendAnswer.UNKNOWN, now_ms, fault=_unknown_fault(answer))


def speaks_of_earlier(answer: Answer, contract: EffectContract) -> bool:
    """Tell whether a refusal is true of every send until it: a provider's first answer to our key, said once more.

    One that may be accepted later is not, whatever it says of itself: an earlier send may yet arrive, and be accepted.
    """
    if not isinstance(answer, Refused) or answer.retryable:
        return False
    return answer.replayed and contract is EffectContract.PROVIDER_KEY


def _hold_fault(answer: NotSent) -> Fault:
    error_class = _HOLD_CLASSES.get(answer.hold, ErrorClass.VALIDATION)
    return _fault(error_class, answer.hold.value, answer.detail or "The call was not sent.")


def _unknown_fault(answer: Unknown) -> Fault:
    if answer.timed_out:
        return _fault(ErrorClass.TIMEOUT, "TIMEOUT", answer.reason)
    return _fault(ErrorClass.DOWNSTREAM, "DOWNSTREAM_ERROR", answer.reason)


def _fault(error_class: ErrorClass, code: str, message: str) -> Fault:
    # Every send keeps its own, and all of them must fit into one row.
    return Fault(error_class, cut(code, CODE_BYTES), cut(message, MESSAGE_BYTES))


def cut(text: str, most: int) -> str:
    """Return as much of a text as ``most`` bytes of UTF-8 hold."""
    return text if len(text) * 4 <= most else text.encode()[:most].decode(errors="ignore")


def flaw_of(answer: Applied) -> Fault | None:
    """Return what is wrong with a write that is there, None where nothing is."""
    if answer.flaw is None:
        return None
    return Fault(ErrorClass.DOWNSTREAM, answer.flaw.value, "The write is there, but it is not what was asked for.")
