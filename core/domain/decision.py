"""What to do next about an effect, derived from its answers, its contract and the policy; never guessed.

Every clause of design 3.2 is one small function here, so that it can be read, tested and mutated by itself.
"""

from core.domain.answer import CannotTell, Hold, NotHappened
from core.domain.attempt import Brief, EffectKind, Fault
from core.domain.contract import LOOKED_UP, SAME_OBJECT, EffectContract
from core.domain.effect import Effect, EffectState, SendAnswer
from core.domain.errors import ErrorClass
from core.domain.intent import is_expired
from core.domain.making import dataclass
from core.domain.timing import Timing

BARRING = frozenset({Hold.SWITCH_CLOSED.value, Hold.EXPIRED.value})


@dataclass(frozen=True, slots=True)
class SendNext:
    """Prepare and call once more. ``absent`` says that all earlier sends are proved to have changed nothing."""

    absent: bool = False


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask whether the postcondition holds."""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Do nothing before ``at_ms``. ``looked`` says that a look-up was spent."""

    at_ms: int
    looked: bool = False


@dataclass(frozen=True, slots=True)
class Park:
    """Send nothing more; ask the operator."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """Every send is proved unapplied and none may follow. ``absent`` as in SendNext."""

    fault: Fault
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing is left to decide."""


Step = SendNext | LookUp | WaitUntil | Park | Fail | Settled


def decide(effect: Effect, brief: Brief, now_ms: int, timing: Timing) -> Step:
    """Return the next step for a prepared effect."""
    if effect.state is not EffectState.OPEN:
        return Settled()
    if effect.is_unsent:
        return SendNext()
    if effect.last.answer is None and now_ms <= quiet_at(effect, timing):
        return WaitUntil(quiet_at(effect, timing) + 1)
    if effect.last.answer in {SendAnswer.REFUSED, SendAnswer.NOT_SENT} or not effect.unproved:
        return _after_proof(effect, brief, now_ms, timing)
    return _in_doubt(effect, brief, now_ms, timing)


def decide_found(  # noqa: PLR0913 - all that a look-up's verdict rests on
    effect: Effect,
    brief: Brief,
    finding: NotHappened | CannotTell,
    *,
    looked_at_ms: int,
    now_ms: int,
    timing: Timing,
    look_ups: int,
    parked: bool,
) -> Step:
    """Return the next step after a look-up begun at ``looked_at_ms`` that did not find the effect."""
    if isinstance(finding, CannotTell):
        return _undecided(finding, now_ms, timing, look_ups)
    barred = bar(effect, brief, now_ms, timing)
    if is_absence_proved(effect, looked_at_ms, timing):
        if parked or barred is not None:
            return Fail(barred or _last_fault(effect), absent=True)
        return SendNext(absent=True)
    if effect.terms.contract in SAME_OBJECT and barred is None and not parked:
        return _paced(effect, now_ms, timing)
    if effect.terms.absence_proof_ms is not None:
        return WaitUntil(max(absence_at(effect, timing), now_ms) + 1, looked=True)
    return Park("the look-up does not find it, and the provider declares no bound on late application")


def quiet_at(effect: Effect, timing: Timing) -> int:
    """Return when the last call is over everywhere: its deadline, the settle delay, and the skew of clocks."""
    return effect.last.deadline_ms + effect.terms.settle_delay_ms + timing.max_skew_ms


def landed_at(effect: Effect, timing: Timing) -> int:
    """Return after when no unproved send can still land; 0 where every send is proved one way or the other.

    A late send must not write again what an undo has removed.
    """
    doubtful = [send for send in effect.unproved if send.answer is not SendAnswer.APPLIED]
    latest = max((send.deadline_ms for send in doubtful), default=None)
    bound_ms = max(effect.terms.settle_delay_ms, effect.terms.absence_proof_ms or 0)
    return 0 if latest is None else latest + bound_ms + timing.max_skew_ms


def shown_at(effect: Effect, timing: Timing) -> int:
    """Return after when an undo's look-up can no longer miss what the effect wrote."""
    applied = [send.answered_at_ms for send in effect.sends if send.answer is SendAnswer.APPLIED]
    answered_ms = max(applied, default=0)
    return max(landed_at(effect, timing), answered_ms + effect.terms.settle_delay_ms + timing.max_skew_ms)


def absence_at(effect: Effect, timing: Timing) -> int:
    """Return after when a look-up that finds nothing proves absence."""
    return effect.last.deadline_ms + (effect.terms.absence_proof_ms or 0) + timing.max_skew_ms


def is_absence_proved(effect: Effect, looked_at_ms: int, timing: Timing) -> bool:
    """Tell whether finding nothing at that moment proves that no send was or will be applied."""
    return effect.terms.absence_proof_ms is not None and looked_at_ms > absence_at(effect, timing)


def bar(effect: Effect, brief: Brief, now_ms: int, timing: Timing) -> Fault | None:
    """Return why no further send is allowed, None when one is."""
    last = effect.last
    if effect.kind is EffectKind.ACTION and is_expired(brief.expires_at_epoch, now_ms):
        return Fault(ErrorClass.VALIDATION, "INTENT_EXPIRED", "The approval expired before it could be sent.")
    if last.fault is not None and last.fault.error_code in BARRING:
        return last.fault
    if last.answer is SendAnswer.REFUSED and not last.retryable:
        return last.fault
    if effect.spent >= brief.policy.max_sends or effect.send_no >= timing.max_sends + effect.opened_after:
        return _last_fault(effect)
    return None


def is_key_held(effect: Effect, now_ms: int, timing: Timing) -> bool:
    """Tell whether the provider will still know our key when a send prepared now reaches it."""
    latest = now_ms + timing.call_slack_ms + effect.request.timeout_ms + timing.max_skew_ms
    return latest < effect.key_since_ms + effect.terms.key_retention_ms


def _after_proof(effect: Effect, brief: Brief, now_ms: int, timing: Timing) -> Step:
    """The last send changed nothing; earlier ones may have."""
    barred = bar(effect, brief, now_ms, timing)
    if not effect.unproved:
        return Fail(barred) if barred else _paced(effect, now_ms, timing)
    return _in_doubt(effect, brief, now_ms, timing)


def _in_doubt(effect: Effect, brief: Brief, now_ms: int, timing: Timing) -> Step:
    """Some send may have been applied: what follows is the contract's to say."""
    contract = effect.terms.contract
    barred = bar(effect, brief, now_ms, timing)
    if contract is EffectContract.PROVIDER_KEY:
        return _by_key(effect, barred, now_ms, timing)
    if contract in LOOKED_UP:
        ready_at = effect.last.answered_at_ms + effect.terms.settle_delay_ms
        return WaitUntil(ready_at) if effect.last.answer and now_ms < ready_at else LookUp()
    return Park("the tool's contract is opaque: nothing can tell whether it happened")


def _by_key(effect: Effect, barred: Fault | None, now_ms: int, timing: Timing) -> Step:
    if barred is not None:
        return Park(f"no further send is allowed ({barred.error_code}), and an earlier one may have happened")
    step = _paced(effect, now_ms, timing)
    sent_at = step.at_ms if isinstance(step, WaitUntil) else now_ms
    if not is_key_held(effect, sent_at, timing):
        return Park("the provider no longer replays by our key, and an earlier send may have happened")
    return step


def _paced(effect: Effect, now_ms: int, timing: Timing) -> SendNext | WaitUntil:
    """Send again, but not before the provider's wait or our backoff is over."""
    last = effect.last
    begun = last.answered_at_ms if last.answer else last.deadline_ms
    ready_at = begun + max(last.retry_after_ms, timing.backoff(effect.send_no - effect.opened_after))
    return WaitUntil(ready_at) if now_ms < ready_at else SendNext()


def _undecided(finding: CannotTell, now_ms: int, timing: Timing, look_ups: int) -> WaitUntil | Park:
    if finding.changed_otherwise:
        return Park(f"the object was changed by somebody else: {finding.reason}")
    if look_ups + 1 >= timing.look_up_limit:
        return Park(f"the look-up cannot tell: {finding.reason}")
    return WaitUntil(now_ms + timing.backoff(look_ups + 1), looked=True)


def _last_fault(effect: Effect) -> Fault:
    unanswered = Fault(ErrorClass.TIMEOUT, "TIMEOUT", "The call was never answered.")
    return effect.last.fault or unanswered
