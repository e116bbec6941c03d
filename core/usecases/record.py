"""Record: write down how an execution ended before anything was prepared."""

from core.domain.attempt import EffectKind, Fault
from core.domain.claiming import Claim, Order, claim, fence
from core.domain.draft import Draft
from core.domain.errors import PermanentError
from core.domain.execution import Execution, LostError
from core.domain.intent import Intent
from core.domain.settling import failed, wait
from core.domain.telling import undo_failed
from core.domain.timing import Timing
from core.usecases.transact import Transact


class Record:
    """Records refusals by name, and waits; what was sent is settled by Invoke and Reconcile."""

    def __init__(self, transact: Transact, timing: Timing) -> None:
        """Keep the ports."""
        self._transact = transact
        self._timing = timing

    def refused_at_once(self, order: Order, intent: Intent, by: Claim, error: PermanentError) -> Execution:
        """Claim and fail in one transaction, for an intent that has no attempt yet.

        Raises:
            StaleError: it has one.
        """

        def transition(draft: Draft) -> None:
            claim(draft, intent, by, self._timing)
            draft.intent = order.intent
            failed(draft, Fault.of(error), None)

        return self._transact.once(None, transition)

    def refused(self, execution: Execution, error: PermanentError) -> Execution:
        """Fail a claimed attempt whose work has prepared nothing.

        Raises:
            LostError: another generation took over, or something is prepared.
        """
        attempt = execution.attempt

        def transition(draft: Draft) -> None:
            _check_same(draft, execution)
            if attempt.work is EffectKind.UNDO:
                undo_failed(draft, None, Fault.of(error))
            else:
                failed(draft, Fault.of(error), None)

        return self._transact.on(execution, transition)

    def postponed(self, execution: Execution, until_ms: int, *, looked: bool = False) -> Execution:
        """Give a claimed attempt back until a moment; ``looked`` counts a read that was tried in vain.

        Raises:
            LostError: another generation took over, or something is prepared.
        """

        def transition(draft: Draft) -> None:
            _check_same(draft, execution)
            wait(draft, until_ms, looked=looked)

        return self._transact.on(execution, transition)


def _check_same(draft: Draft, judged: Execution) -> None:
    """Raise LostError unless the claim is current, and what is open is what was judged."""
    fence(draft.attempt, judged.attempt.owner, judged.attempt.generation)
    now = (draft.attempt.work, draft.execution.open_effect)
    if now != (judged.attempt.work, judged.open_effect):
        raise LostError("The execution moved on since it was judged.")
