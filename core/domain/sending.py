"""Prepare: nothing is sent before the exact request is stored, and every send is its own prepare (design 3.1)."""

from core.domain.attempt import Attempt, EffectKind
from core.domain.changing import changed
from core.domain.claiming import fence
from core.domain.contract import EffectContract
from core.domain.decision import is_key_held, quiet_at
from core.domain.draft import Draft
from core.domain.effect import Effect, EffectState, Send
from core.domain.execution import LostError
from core.domain.ledger import LedgerEvent
from core.domain.making import dataclass
from core.domain.request import MappedCall, frozen
from core.domain.timing import Timing


@dataclass(frozen=True, slots=True)
class Sending:
    """That one send may follow the one that was judged: ``judged_send_no``, 0 where nothing is prepared yet.

    ``absent`` says that all earlier sends are proved to have changed nothing. ``judged_at_ms`` is when that was so,
    and ``work`` what it was about.
    """

    judged_send_no: int = 0
    absent: bool = False
    judged_at_ms: int = 0
    work: EffectKind | None = EffectKind.ACTION


def prepare_first(
    draft: Draft, call: MappedCall, *, owner: str, generation: int, before: str | None, timing: Timing
) -> Effect:
    """Freeze the request and store the first send of the work that is open.

    Raises:
        LostError: another generation holds the intent, or somebody prepared already.
    """
    attempt = draft.attempt
    fence(attempt, owner, generation)
    work = open_work(attempt)
    if draft.effect(work, attempt.run) is not None:
        raise LostError("The effect was prepared by somebody else.")
    earlier = _earlier_use(draft, work)
    standing = draft.execution.standing if work is EffectKind.UNDO else None
    # Each run's undo removes something else, so it has a key of its own run.
    key_run = attempt.run if work is EffectKind.UNDO else attempt.key_run
    effect = Effect(
        kind=work,
        run=attempt.run,
        key_run=key_run,
        request=earlier.request if earlier else frozen(call, work.value, key_run),
        before=before,
        key_since_ms=earlier.key_since_ms if earlier else draft.now_ms,
        undoes_run=standing.run if standing is not None else 0,
    )
    if attempt.look_ups:
        draft.set(look_ups=0)
    return _add_send(draft, effect, timing)


def prepare_next(
    draft: Draft, *, owner: str, generation: int, judged_send_no: int, absent: bool, timing: Timing
) -> Effect:
    """Store one more send of the frozen request.

    ``judged_send_no`` is the send on which the decision rests; ``absent`` marks all earlier sends as proved absent.

    Raises:
        LostError: another generation or a later send came between, or that send may still be under way.
    """
    attempt = draft.attempt
    fence(attempt, owner, generation)
    effect = draft.effect(open_work(attempt), attempt.run)
    if effect is None or effect.state is not EffectState.OPEN or effect.send_no != judged_send_no:
        raise LostError("The effect moved on since it was judged.")
    if not is_last_over(effect, draft.now_ms, timing):
        raise LostError("The last send may still be under way.")
    is_by_key = effect.terms.contract is EffectContract.PROVIDER_KEY and effect.unproved and not absent
    if is_by_key and not is_key_held(effect, draft.now_ms, timing):
        # Judged in time, and held up since: whoever comes next judges anew.
        raise LostError("The provider may have forgotten the key since it was judged.")
    if absent:
        effect = changed(effect, sends=tuple(changed(it, absent=it.absent or it.is_unproved) for it in effect.sends))
    return _add_send(draft, effect, timing)


def is_last_over(effect: Effect, now_ms: int, timing: Timing) -> bool:
    """Tell whether the last send was answered, or its deadline and settle delay are past for every clock."""
    return effect.is_unsent or effect.last.answer is not None or now_ms > quiet_at(effect, timing)


def open_work(attempt: Attempt) -> EffectKind:
    """Return the kind of effect that is being worked on; LostError when nothing is, or it is parked."""
    if attempt.work is None or attempt.parked is not None:
        raise LostError("Nothing is open on this intent.")
    return attempt.work


def _earlier_use(draft: Draft, work: EffectKind) -> Effect | None:
    """Return the effect whose frozen request and key a retry must use again, None where it maps anew.

    A retry after "did not happen" sends what was frozen then, under the same key, so that a provider which holds
    the key cannot be made to write twice by an operator's error.
    """
    attempt = draft.attempt
    if work is not EffectKind.ACTION or attempt.key_run == attempt.run:
        return None
    same_key = [it for it in draft.execution.effects if it.kind is work and it.key_run == attempt.key_run]
    return max(same_key, key=lambda it: it.run, default=None)


def _add_send(draft: Draft, effect: Effect, timing: Timing) -> Effect:
    attempt = draft.attempt
    deadline_ms = timing.deadline(draft.now_ms, effect.request.timeout_ms)
    lease_until_ms = max(attempt.lease_until_ms, timing.lease_end(deadline_ms))
    is_counted = effect.kind is EffectKind.ACTION and not effect.is_unsent and effect.last.spent
    is_new_run = is_counted and effect.spent % attempt.brief.policy.sends_per_attempt == 0
    send = Send(effect.send_no + 1, attempt.generation, draft.now_ms, deadline_ms)
    effect = effect.with_send(send)
    draft.put(effect)
    draft.set(
        lease_until_ms=lease_until_ms,
        due_at_ms=lease_until_ms + timing.max_skew_ms + 1,
        attempt_count=attempt.attempt_count + (1 if is_new_run else 0),
    )
    draft.note(
        LedgerEvent.EFFECT_PREPARED,
        {
            "kind": effect.kind.value,
            "send_no": send.number,
            "tool": effect.request.tool,
            "effect_key": effect.request.effect_key,
            "request_sha256": effect.request.sha256,
            "deadline_ms": deadline_ms,
        },
    )
    return effect
