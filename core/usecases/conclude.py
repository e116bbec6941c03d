"""Conclude: say why an orchestration ends before anything was prepared; what was prepared is not touched."""

from core.domain.attempt import EffectKind
from core.domain.claiming import Order
from core.domain.errors import IntentNotFoundError, PermanentError
from core.domain.execution import Execution, LostError, StaleError
from core.domain.orchestration import Orchestration, holds
from core.usecases.record import Record
from core.usecases.start import Start
from ports.executions import Executions

TRIES = 8


class Conclude:
    """Fails what an orchestration holds and has prepared nothing for, and what nobody ever claimed."""

    def __init__(self, executions: Executions, start: Start, record: Record) -> None:
        """Keep the parts."""
        self._executions = executions
        self._start = start
        self._record = record

    def __call__(self, ours: Orchestration, error: PermanentError) -> Execution | None:
        """Record the error, and return what is stored then; None where an intent never appeared, which is refused.

        Raises:
            TransientError: a store of ours could not be reached.
        """
        order, existing = ours.order, None
        for _ in range(TRIES):
            existing = self._executions.load(order.key)
            try:
                if existing is None:
                    return self._never_claimed(order, error)
                if not _is_unprepared(existing, ours):
                    return existing
                return self._record.refused(existing, error)
            except (LostError, StaleError):
                # Somebody was faster; what they wrote is judged by itself.
                continue
        raise StaleError(existing)

    def _never_claimed(self, order: Order, error: PermanentError) -> Execution | None:
        try:
            intent = self._start.intent(order)
        except IntentNotFoundError:
            self._start.refuse_missing(order.key)
            return None
        return self._record.refused_at_once(order, intent, self._start.claim_of(order), error)


def _is_unprepared(existing: Execution, ours: Orchestration) -> bool:
    attempt = existing.attempt
    return holds(ours, attempt) and attempt.work is EffectKind.ACTION and existing.open_effect is None
