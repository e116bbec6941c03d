"""What a target behind a gateway records of an effect, and what follows from it: the inner of the two layers.

The record is an effect with its sends, judged by the same decisions as the executor's own.
"""

from core.domain.answer import Answer, Applied, Flaw, Happened, Refused, Unknown, kept
from core.domain.answering import INLINE_BYTES, answered, cut, flaw_of, not_applied, speaks_of_earlier
from core.domain.attempt import Brief, EffectKind, Fault
from core.domain.changing import changed
from core.domain.decision import Fail, Park, Step, WaitUntil
from core.domain.effect import Effect, EffectState, Evidence, Send, SendAnswer
from core.domain.errors import ErrorClass, TransientError
from core.domain.intent import ExecutionPolicy
from core.domain.keys import IntentKey
from core.domain.making import dataclass
from core.domain.proof import Proof
from core.domain.request import Request
from core.domain.timing import Timing

REPLY_SHARE = 0.2
"""Of the time that is left, what is kept for the way back; a call here ends before the executor stops waiting."""
LEAST_CALL_MS = 50
_NEVER_S = 2**53 // 1000
_PATIENT = ExecutionPolicy(retry_count=1_000_000)

BRIEF = Brief("", None, "", "", _NEVER_S, _PATIENT)
"""Expiry, switches and how often to send are the executor's business, which asks again or does not."""


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """One row per tenant, account, tool and effect key. Each change raises ``version`` and leaves its ``nonce``."""

    effect: Effect
    version: int
    nonce: str

    @property
    def place(self) -> "RecordPlace":
        """Where it stands."""
        request = self.effect.request
        return RecordPlace(request.key, request.tool, request.effect_key)


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """What names a record; the intent is not part of it, for the effect key is made of it."""

    key: IntentKey
    tool: str
    effect_key: str


class RecordMovedError(TransientError):
    """The record is not the one that was judged; carries it as it is now, None where there is none."""

    error_code = "RECORD_MOVED"

    def __init__(self, existing: TargetRecord | None) -> None:
        """Keep the record, so that the loser judges again without a read."""
        super().__init__("The record was changed by somebody else.")
        self.existing = existing


@dataclass(frozen=True, slots=True)
class Window:
    """How long a call may take that is begun now, when it may begin at the latest, and when it is over everywhere."""

    timeout_ms: int
    start_by_ms: int
    deadline_ms: int

    @property
    def is_open(self) -> bool:
        """Tell whether there is time for a call."""
        return self.timeout_ms >= LEAST_CALL_MS


def window(proof: Proof, now_ms: int, left_ms: int, timing: Timing) -> Window:
    """Return when a call for this proof may run: it ends before the executor's own deadline, by every clock.

    ``left_ms`` is what is left of this process's own time.
    """
    deadline_ms = proof.expires_ms - timing.max_skew_ms
    share = 1 - REPLY_SHARE
    timeout_ms = max(0, int(min(proof.timeout_ms * share, (deadline_ms - now_ms) * share, left_ms * share)))
    return Window(timeout_ms, deadline_ms - timeout_ms, deadline_ms)


def opened(request: Request, before: str | None, now_ms: int) -> Effect:
    """Return the effect of a first call, without a send yet."""
    return Effect(EffectKind.ACTION, run=1, key_run=1, request=request, before=before, key_since_ms=now_ms)


def with_next_send(effect: Effect, deadline_ms: int, now_ms: int, *, absent: bool = False) -> Effect:
    """Return the effect with one more send prepared. ``absent``: all earlier ones are proved unapplied."""
    if absent:
        effect = _all_absent(effect)
    return effect.with_send(Send(effect.send_no + 1, 1, now_ms, deadline_ms))


def settled(effect: Effect, send_no: int, answer: Answer, now_ms: int) -> Effect:
    """Return the effect with a call's answer in it; the truth is taken from whoever brings it, however late."""
    send = next(it for it in effect.sends if it.number == send_no)
    if isinstance(answer, Applied):
        if effect.state in {EffectState.APPLIED, EffectState.FLAWED}:
            return effect
        effect = effect.with_send(answered(send, SendAnswer.APPLIED, now_ms, fault=flaw_of(answer)))
        state = EffectState.APPLIED if answer.flaw is None else EffectState.FLAWED
        evidence = Evidence.KEY_REPLAY if answer.replayed else Evidence.RESPONSE
        response = cut(answer.response, INLINE_BYTES)
        return changed(effect, state=state, evidence=evidence, refs=kept(answer.refs), response=response)
    if send.answer is not None:
        return effect
    effect = effect.with_send(not_applied(send, answer, now_ms))
    if speaks_of_earlier(answer, effect.terms.contract):
        return _all_absent(effect, up_to=send_no)
    return effect


def found(effect: Effect, finding: Happened) -> Effect:
    """Return the effect as a look-up found it."""
    response = cut(finding.response, INLINE_BYTES)
    return changed(
        effect, state=EffectState.APPLIED, evidence=Evidence.READ_BACK, refs=kept(finding.refs), response=response
    )


def disproved(effect: Effect, step: Fail) -> Effect:
    """Return the effect as proved not to have happened, nor to happen."""
    return changed(_all_absent(effect) if step.absent else effect, state=EffectState.UNAPPLIED)


def replay(effect: Effect) -> Answer | None:
    """Return once more what is settled, None where nothing is."""
    match effect.state:
        case EffectState.OPEN:
            return None
        case EffectState.UNAPPLIED:
            return _refused(effect.last.fault, retryable=False)
        case EffectState.APPLIED:
            return Applied(effect.refs, effect.response or "", replayed=True)
        case EffectState.FLAWED:
            return Applied(effect.refs, effect.response or "", replayed=True, flaw=_flaw(effect))


def held_up(effect: Effect, step: Step) -> Answer:
    """Return what to say when nothing may be sent now.

    Unknown while any send may have been applied; otherwise a refusal, which speaks of every call under this key.
    """
    if effect.unproved:
        reason = step.reason if isinstance(step, Park) else "an earlier call under this key is not settled yet"
        return Unknown(f"Nothing was sent: {reason}.")
    if isinstance(step, Fail):
        return _refused(step.fault, retryable=False)
    return _refused(effect.last.fault, retryable=isinstance(step, WaitUntil))


def _refused(fault: Fault | None, *, retryable: bool) -> Refused:
    fault = fault or Fault(ErrorClass.TIMEOUT, "TIMEOUT", "The call was never answered.")
    return Refused(fault.error_class, fault.error_code, fault.message, retryable=retryable, replayed=not retryable)


def _flaw(effect: Effect) -> Flaw:
    codes = {it.fault.error_code for it in effect.sends if it.answer is SendAnswer.APPLIED and it.fault is not None}
    return Flaw.CONTRADICTS if Flaw.CONTRADICTS.value in codes else Flaw.PARTIAL


def _all_absent(effect: Effect, *, up_to: int | None = None) -> Effect:
    last = effect.send_no if up_to is None else up_to
    return changed(
        effect,
        sends=tuple(changed(it, absent=it.absent or (it.is_unproved and it.number <= last)) for it in effect.sends),
    )
