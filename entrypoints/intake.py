"""Intake: one delivery of the queue becomes one call of a use case, and its answer one verb of the queue."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from traceback import extract_tb

from core.domain.errors import (
    ExecutionAlreadyInProgressError,
    IntentNotFoundError,
    PermanentError,
    TransientError,
    UnknownExecutionError,
)
from core.domain.execution import AlreadyFinishedError, Execution, LostError
from core.domain.keys import IntentKey
from core.domain.timing import Timing
from core.usecases.execute import Execute
from core.usecases.start import Start
from ports.clock import Clock
from ports.queue import Delivery, Queue
from ports.wire.messages import WakeUp, parse_message

log = logging.getLogger("actonce.intake")

ENDED_BEFORE = (AlreadyFinishedError, ExecutionAlreadyInProgressError, LostError)


class Verdict(StrEnum):
    """What became of a delivery."""

    ACKNOWLEDGED = "acknowledged"
    PUT_BACK = "put_back"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True, slots=True)
class Handled:
    """A delivery that left our hands. ``execution`` is how far its intent came, as far as this worker knows."""

    message_id: str
    verdict: Verdict
    key: IntentKey | None = None
    execution: Execution | None = None
    error_code: str | None = None
    reason: str | None = None


class Intake:
    """Handles deliveries one by one; no delivery's trouble reaches its neighbours."""

    def __init__(
        self,
        queue: Queue,
        execute: Execute,
        start: Start,
        clock: Clock,
        *,
        timing: Timing,
        source: str,
        max_receives: int,
    ) -> None:
        """Keep the parts. ``max_receives`` bounds how often an unforeseen fault is tried again."""
        self._queue = queue
        self._execute = execute
        self._start = start
        self._clock = clock
        self._timing = timing
        self._source = source
        self._max_receives = max_receives

    def __call__(self, delivery: Delivery) -> Handled:
        """Handle a delivery; whatever happens, it is acknowledged, put back or dead-lettered."""
        try:
            handled = self._handle(delivery)
        except TransientError as trouble:
            handled = self._put_back(delivery, trouble.error_code, self._timing.backoff(delivery.receive_count))
        except Exception as unforeseen:  # noqa: BLE001 - the last line: a fault of ours must not stop the others
            handled = self._unforeseen(delivery, unforeseen)
        if log.isEnabledFor(logging.INFO):
            log.info("handled", extra={"fields": _fields(delivery, handled)})
        return handled

    def _handle(self, delivery: Delivery) -> Handled:
        key = None
        try:
            message = parse_message(delivery.body, source=self._source)
            key = message.key
            if isinstance(message, WakeUp):
                execution = self._execute.resume(message.key, message.owner)
            else:
                execution = self._execute(message.order(f"queue:{delivery.message_id}"))
        except IntentNotFoundError as missing:
            return self._missing(delivery, key, missing)
        except ENDED_BEFORE:
            execution = None
        except PermanentError as refusal:
            return self._dead_letter(delivery, key, refusal)
        self._queue.acknowledge(delivery)
        return Handled(delivery.message_id, Verdict.ACKNOWLEDGED, key, execution)

    def _missing(self, delivery: Delivery, key: IntentKey | None, missing: IntentNotFoundError) -> Handled:
        """Wait for the intent as long as the grace lasts; then say that it never came."""
        left_ms = delivery.first_sent_at_ms + self._timing.intent_grace_ms - self._clock.now_ms()
        if key is not None and left_ms <= 0:
            self._start.refuse_missing(key)
        if key is None or left_ms <= 0:
            return self._dead_letter(delivery, key, missing)
        delay_ms = min(left_ms, self._timing.backoff(delivery.receive_count))
        return self._put_back(delivery, missing.error_code, delay_ms, key)

    def _unforeseen(self, delivery: Delivery, error: Exception) -> Handled:
        last = extract_tb(error.__traceback__)[-1]
        where = f"{last.name}:{last.lineno}"
        fields = {"message_id": delivery.message_id, "error": type(error).__name__, "where": where}
        log.error("unforeseen", extra={"fields": fields})
        if delivery.receive_count < self._max_receives:
            delay_ms = self._timing.backoff(delivery.receive_count)
            return self._put_back(delivery, UnknownExecutionError.error_code, delay_ms)
        refusal = UnknownExecutionError(f"An unforeseen fault of this system: {type(error).__name__} in {where}.")
        try:
            return self._dead_letter(delivery, None, refusal)
        except TransientError as trouble:
            return self._put_back(delivery, trouble.error_code, self._timing.backoff(delivery.receive_count))

    def _dead_letter(self, delivery: Delivery, key: IntentKey | None, refusal: PermanentError) -> Handled:
        self._queue.dead_letter(delivery, f"{refusal.error_code}: {refusal.message}")
        return Handled(
            delivery.message_id,
            Verdict.DEAD_LETTERED,
            key,
            error_code=refusal.error_code,
            reason=refusal.message,
        )

    def _put_back(self, delivery: Delivery, code: str, delay_ms: int, key: IntentKey | None = None) -> Handled:
        try:
            self._queue.put_back(delivery, delay_ms=delay_ms)
        except TransientError:
            # It comes back by itself when its visibility ends.
            log.warning("not put back", extra={"fields": {"message_id": delivery.message_id}})
        return Handled(delivery.message_id, Verdict.PUT_BACK, key, error_code=code)


def _fields(delivery: Delivery, handled: Handled) -> dict[str, object]:
    status = handled.execution.attempt.status.value if handled.execution else None
    return {
        "message_id": delivery.message_id,
        "receive_count": delivery.receive_count,
        "verdict": handled.verdict.value,
        "intent": str(handled.key) if handled.key else None,
        "status": status,
        "error_code": handled.error_code,
    }
