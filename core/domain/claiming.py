"""Claim: who may work on an intent, and with which fencing number (design 3.1)."""

from core.domain.attempt import Attempt, AttemptStatus, Brief, EffectKind
from core.domain.draft import Draft
from core.domain.errors import ExecutionAlreadyInProgressError, PayloadConflictError
from core.domain.execution import AlreadyFinishedError, LostError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.ledger import LedgerEvent
from core.domain.making import dataclass
from core.domain.timing import Timing


@dataclass(frozen=True, slots=True)
class Order:
    """What a delivery asks for: carry out this intent, for this owner. ``intent`` where the event embeds it."""

    key: IntentKey
    owner: str
    intent: Intent | None = None
    approval_source: str | None = None
    auto_executed: bool | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks. ``owner`` is what survives a redelivery; ``attempt_id`` and ``trace_id`` are fresh ids."""

    owner: str
    attempt_id: str
    trace_id: str
    approval_source: str | None = None
    auto_executed: bool | None = None


def claim(draft: Draft, intent: Intent, by: Claim, timing: Timing) -> None:
    """Open an attempt, or take one over.

    Raises:
        PayloadConflictError: the stored attempt is for another body under the same id.
        AlreadyFinishedError: finished or parked.
        ExecutionAlreadyInProgressError: another owner's lease is live.
    """
    if not draft.exists:
        draft.open(first_attempt(intent.key, intent.fingerprint, brief_of(intent, by), by, draft.now_ms))
        draft.set(**_lease(draft.now_ms, timing))
        draft.note(LedgerEvent.EXECUTION_STARTED, {"owner": by.owner, "fingerprint": intent.fingerprint})
        return
    check_same(draft, intent.fingerprint)
    take_over(draft, by.owner, timing)


def take_over(draft: Draft, owner: str, timing: Timing) -> None:
    """Claim an existing attempt again: the same owner at any time, anybody once the lease is over.

    Raises:
        AlreadyFinishedError: finished or parked.
        ExecutionAlreadyInProgressError: another owner's lease is live.
    """
    attempt = draft.attempt
    if not attempt.is_open:
        raise AlreadyFinishedError(f"The attempt is {attempt.status.value}.")
    is_same_owner = attempt.owner == owner
    is_lease_over = draft.now_ms > attempt.lease_until_ms + timing.max_skew_ms
    if not (is_same_owner or is_lease_over):
        raise ExecutionAlreadyInProgressError("Another worker holds this intent.")
    draft.set(
        owner=owner,
        generation=attempt.generation + 1,
        waiting=False,
        **_lease(draft.now_ms, timing),
    )
    draft.note(LedgerEvent.EXECUTION_STARTED, {"owner": owner, "takeover": True})


def check_same(draft: Draft, fingerprint: str) -> None:
    """Raise PayloadConflictError unless the attempt is for this very intent."""
    if draft.attempt.fingerprint != fingerprint:
        raise PayloadConflictError("This intent id was used before with another body; the first one stands.")


def fence(attempt: Attempt, owner: str, generation: int) -> None:
    """Raise LostError unless this owner's generation is the current one."""
    if attempt.generation != generation or attempt.owner != owner:
        raise LostError("A newer generation holds this intent.")


def first_attempt(key: IntentKey, fingerprint: str, brief: Brief, by: Claim, now_ms: int) -> Attempt:
    """Return the row that a first claim writes."""
    return Attempt(
        key=key,
        version=0,
        nonce="",
        fingerprint=fingerprint,
        status=AttemptStatus.RUNNING,
        owner=by.owner,
        generation=1,
        lease_until_ms=0,
        run=1,
        key_run=1,
        attempt_count=1,
        attempt_id=by.attempt_id,
        brief=brief,
        started_at_ms=now_ms,
        work=EffectKind.ACTION,
    )


def brief_of(intent: Intent, by: Claim) -> Brief:
    """Return what the attempt keeps of the intent."""
    return Brief(
        action_type=intent.action_type,
        registry_version=intent.registry_version,
        trace_id=by.trace_id,
        decision_trace_id=intent.trace_id,
        expires_at_epoch=intent.expires_at_epoch,
        policy=intent.policy,
        approval_source=by.approval_source,
        auto_executed=by.auto_executed,
    )


def _lease(now_ms: int, timing: Timing) -> dict[str, int]:
    lease_until_ms = now_ms + timing.lease_ms
    # The sweeper looks again when the lease is over for every clock.
    return {"lease_until_ms": lease_until_ms, "due_at_ms": lease_until_ms + timing.max_skew_ms + 1}
