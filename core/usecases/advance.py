"""Advance: one step of open work. Execute takes step after step; an orchestrator puts its own states between them."""

from core.domain.attempt import EffectKind
from core.domain.claiming import Order, take_over
from core.domain.decision import SendNext, shown_at
from core.domain.errors import BeforeImageError, PermanentError
from core.domain.execution import Execution, LostError
from core.domain.intent import Intent
from core.domain.request import MappedCall
from core.domain.sending import Sending
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


class Advance:
    """Every step is derived from what is stored, so it does not matter who took the one before it."""

    def __init__(  # noqa: PLR0913 - the composition of the whole protocol
        self,
        *,
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

    def __call__(self, execution: Execution) -> Execution:
        """Take one step for whoever holds the claim, and return what is stored then.

        Raises:
            LostError: somebody else goes on; whatever this worker learned is already written.
            TransientError: a store of ours could not be reached; deliver again.
        """
        execution, sending = self.judged(execution)
        return execution if sending is None else self.sent(execution, sending)

    def taken_over(self, existing: Execution, owner: str) -> Execution:
        """Claim an attempt that is open.

        Raises:
            AlreadyFinishedError, ExecutionAlreadyInProgressError: it is finished, or another owner's lease is live.
        """
        return self._transact.on(existing, lambda draft: take_over(draft, owner, self._timing))

    def is_early(self, execution: Execution) -> bool:
        """Tell whether it waits for a moment that has not come."""
        attempt = execution.attempt
        return attempt.waiting and attempt.due_at_ms is not None and self._clock.now_ms() < attempt.due_at_ms

    def judged(self, execution: Execution) -> tuple[Execution, Sending | None]:
        """Decide what follows. A send is left to ``sent``; whatever else follows is written."""
        effect, work = execution.open_effect, execution.attempt.work
        if effect is None:
            return execution, Sending(work=work)
        judged_at_ms = self._clock.now_ms()
        execution, step = self._reconcile.judge(execution, effect)
        if not isinstance(step, SendNext):
            return execution, None
        return execution, Sending(effect.send_no, step.absent, judged_at_ms, work)

    def sent(self, execution: Execution, sending: Sending) -> Execution:
        """Prepare, call once and settle; or record why nothing can be sent.

        Raises:
            LostError: it is not what was judged any more.
        """
        effect = execution.open_effect
        found = (execution.attempt.work, effect.send_no if effect else 0)
        if found != (sending.work, sending.judged_send_no):
            raise LostError("The execution moved on since it was judged.")
        if effect is None:
            return self._first(execution)
        if self._clock.now_ms() > sending.judged_at_ms + self._timing.lease_ms:
            # What a look-up saw is no ground to send on for ever: the object may have been changed since.
            raise LostError("It was judged too long ago.")
        execution, effect = self._prepare.next(execution, effect, absent=sending.absent)
        return self._invoke(execution, effect)

    def plan(self, intent: Intent) -> MappedCall:
        """Return the call that an intent asks for.

        Raises:
            PermanentError: it may not be carried out as it stands.
            TransientError: a store could not be read; nothing is known.
        """
        return self._map_tool(intent, self._validate(intent))

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
        return self.plan(self._start.intent(Order(execution.attempt.key, execution.attempt.owner)))
