"""Execute: carry out an approved action, at most once, from wherever an earlier worker left it."""

from core.domain.claiming import Order, claim
from core.domain.draft import Draft
from core.domain.effect import Effect
from core.domain.errors import (
    ExecutionAlreadyInProgressError,
    PayloadConflictError,
    PermanentError,
    StoreUnavailableError,
)
from core.domain.execution import AlreadyFinishedError, Execution, LostError, StaleError
from core.domain.keys import IntentKey
from core.domain.timing import Timing
from core.usecases.advance import Advance
from core.usecases.invoke import Invoke
from core.usecases.prepare import Prepare
from core.usecases.record import Record
from core.usecases.start import Start
from core.usecases.transact import Transact
from ports.executions import Executions
from ports.wake_ups import WakeUps


class Execute:
    """Composes the other use cases. Every step is derived from what is stored, so a crash loses no knowledge."""

    def __init__(  # noqa: PLR0913 - the composition of the whole protocol
        self,
        *,
        executions: Executions,
        wake_ups: WakeUps,
        timing: Timing,
        transact: Transact,
        start: Start,
        prepare: Prepare,
        invoke: Invoke,
        record: Record,
        advance: Advance,
    ) -> None:
        """Keep the parts."""
        self._executions = executions
        self._wake_ups = wake_ups
        self._timing = timing
        self._transact = transact
        self._start = start
        self._prepare = prepare
        self._invoke = invoke
        self._record = record
        self._advance = advance

    def __call__(self, order: Order) -> Execution:
        """Carry out an order and return how far it came: ended, parked, or with a due date.

        A duplicate of finished, parked or running work changes nothing and returns what is there.

        Raises:
            IntentNotFoundError: there is no such intent yet; deliver again within the grace period.
            PayloadConflictError: the id was used with another body; the refusal is written.
            TransientError: a store of ours could not be reached; deliver again.
        """
        try:
            execution, effect = self._begin(order)
        except StaleError as stale:
            if stale.existing is None:
                raise
            return self._again(order, stale.existing)
        except PayloadConflictError as conflict:
            self._start.refuse(order, conflict)
            raise
        return self._work(execution, effect)

    def resume(self, key: IntentKey, owner: str) -> Execution | None:
        """Go on with what is stored; None where no attempt is. For wake-ups, retries, undo and the sweeper."""
        existing = self._executions.load(key)
        if existing is None:
            return None
        if self._advance.is_early(existing):
            # A queue that cannot delay for long enough delivers early; it is asked again.
            self._arrange_wake_up(existing)
            return existing
        return self._take_over(existing, owner)

    def _begin(self, order: Order) -> tuple[Execution, Effect | None]:
        """Claim and prepare in one transaction; StaleError when there is an attempt already."""
        intent = self._start.intent(order)
        by = self._start.claim_of(order)

        def claiming(draft: Draft) -> None:
            claim(draft, intent, by, self._timing)
            draft.intent = order.intent

        try:
            call = self._advance.plan(intent)
        except PermanentError as refusal:
            return self._record.refused_at_once(order, intent, by, refusal), None
        if call.terms.before_tool is not None:
            # The before-image is read only by whoever holds the claim.
            return self._transact.once(None, claiming), None
        return self._prepare.with_claim(call, claiming)

    def _again(self, order: Order, existing: Execution) -> Execution:
        self._start.check_same(order, existing)
        return self._take_over(existing, order.owner)

    def _take_over(self, existing: Execution, owner: str) -> Execution:
        if self._advance.is_early(existing) or not existing.attempt.is_open:
            return existing
        try:
            claimed = self._advance.taken_over(existing, owner)
        except (AlreadyFinishedError, ExecutionAlreadyInProgressError):
            return existing
        return self._work(claimed, None)

    def _work(self, execution: Execution, prepared: Effect | None) -> Execution:
        """Take step after step until it ends, parks or must wait."""
        held = (execution.attempt.owner, execution.attempt.generation)
        try:
            if prepared is not None:
                execution = self._invoke(execution, prepared)
            for _ in range(2 * self._timing.max_sends):
                attempt = execution.attempt
                if not attempt.is_open or attempt.waiting or (attempt.owner, attempt.generation) != held:
                    break
                execution = self._advance(execution)
        except LostError:
            # Somebody else goes on; whatever this worker learned is already written.
            return self._executions.load(execution.attempt.key) or execution
        self._arrange_wake_up(execution)
        return execution

    def _arrange_wake_up(self, execution: Execution) -> None:
        attempt = execution.attempt
        if attempt.is_open and attempt.waiting and attempt.due_at_ms is not None:
            try:
                self._wake_ups.at(attempt.key, attempt.owner, attempt.due_at_ms)
            except StoreUnavailableError:
                # The due date is stored; the sweeper comes by.
                return
