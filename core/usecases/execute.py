"""Execute: carry out an approved action, at most once, from wherever an earlier worker left it."""

from core.domain.attempt import EffectKind
from core.domain.claiming import Order, claim, take_over
from core.domain.decision import SendNext, shown_at
from core.domain.draft import Draft
from core.domain.effect import Effect
from core.domain.errors import (
    BeforeImageError,
    ExecutionAlreadyInProgressError,
    PayloadConflictError,
    PermanentError,
    StoreUnavailableError,
)
from core.domain.execution import AlreadyFinishedError, Execution, LostError, StaleError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.request import MappedCall
from core.domain.timing import Timing
from core.usecases.compensate import Compensate
from core.usecases.invoke import Invoke
from core.usecases.map_tool import MapTool
from core.usecases.prepare import Prepare
from core.usecases.reconcile import Reconcile
from core.usecases.record import Record
from core.usecases.start import Start
from core.usecases.transact import Transact
from core.usecases.validate import Validate
from ports.clock import Clock
from ports.executions import Executions
from ports.wake_ups import WakeUps


class Execute:
    """Composes the other use cases. Every step is derived from what is stored, so a crash loses no knowledge."""

    def __init__(  # noqa: PLR0913 - the composition of the whole protocol
        self,
        *,
        executions: Executions,
        wake_ups: WakeUps,
        clock: Clock,
        timing: Timing,
        transact: Transact,
        start: Start,
        validate: Validate,
        map_tool: MapTool,
        prepare: Prepare,
        invoke: Invoke,
        reconcile: Reconcile,
        compensate: Compensate,
        record: Record,
    ) -> None:
        """Keep the parts."""
        self._executions = executions
        self._wake_ups = wake_ups
        self._clock = clock
        self._timing = timing
        self._transact = transact
        self._start = start
        self._validate = validate
        self._map_tool = map_tool
        self._prepare = prepare
        self._invoke = invoke
        self._reconcile = reconcile
        self._compensate = compensate
        self._record = record

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
        if self._is_early(existing):
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
            call = self._plan(intent)
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
        if self._is_early(existing) or not existing.attempt.is_open:
            return existing
        try:
            claimed = self._transact.on(existing, lambda draft: take_over(draft, owner, self._timing))
        except (AlreadyFinishedError, ExecutionAlreadyInProgressError):
            return existing
        return self._work(claimed, None)

    def _is_early(self, existing: Execution) -> bool:
        attempt = existing.attempt
        return attempt.waiting and attempt.due_at_ms is not None and self._clock.now_ms() < attempt.due_at_ms

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
                execution = self._step(execution)
        except LostError:
            # Somebody else goes on; whatever this worker learned is already written.
            return self._executions.load(execution.attempt.key) or execution
        self._arrange_wake_up(execution)
        return execution

    def _step(self, execution: Execution) -> Execution:
        effect = execution.open_effect
        if effect is None:
            return self._first(execution)
        execution, step = self._reconcile.judge(execution, effect)
        if not isinstance(step, SendNext):
            return execution
        execution, effect = self._prepare.next(execution, effect, absent=step.absent)
        return self._invoke(execution, effect)

    def _first(self, execution: Execution) -> Execution:
        standing = execution.standing
        shown_at_ms = shown_at(standing, self._timing) if standing else 0
        if self._clock.now_ms() <= shown_at_ms:
            return self._record.postponed(execution, shown_at_ms + 1)
        try:
            call = self._plan_open(execution)
        except PermanentError as refusal:
            return self._record.refused(execution, refusal)
        prepared = self._prepare.first(execution, call)
        if prepared is None:
            return self._unread(execution)
        return self._invoke(*prepared)

    def _unread(self, execution: Execution) -> Execution:
        """What an update is about to change cannot be read: try again, and give up while nothing was sent."""
        look_ups = execution.attempt.look_ups + 1
        if look_ups >= self._timing.look_up_limit:
            return self._record.refused(execution, BeforeImageError("What it is to change cannot be read."))
        until_ms = self._clock.now_ms() + self._timing.backoff(look_ups)
        return self._record.postponed(execution, until_ms, looked=True)

    def _plan_open(self, execution: Execution) -> MappedCall:
        """Map what is open: the action from its intent, the undo from the evidence."""
        if execution.attempt.work is EffectKind.UNDO:
            return self._compensate(execution)
        order = Order(execution.attempt.key, execution.attempt.owner)
        return self._plan(self._start.intent(order))

    def _plan(self, intent: Intent) -> MappedCall:
        return self._map_tool(intent, self._validate(intent))

    def _arrange_wake_up(self, execution: Execution) -> None:
        attempt = execution.attempt
        if attempt.is_open and attempt.waiting and attempt.due_at_ms is not None:
            try:
                self._wake_ups.at(attempt.key, attempt.owner, attempt.due_at_ms)
            except StoreUnavailableError:
                # The due date is stored; the sweeper comes by.
                return
