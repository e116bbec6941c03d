"""Intake: one delivery of the queue becomes one call of a use case, and its answer one verb of the queue."""

import json
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from traceback import extract_tb
from typing import Protocol

from core.domain.claiming import Order
from core.domain.errors import (
    ExecutionAlreadyInProgressError,
    IntentNotFoundError,
    PermanentError,
    TransientError,
    UnknownExecutionError,
)
from core.domain.execution import AlreadyFinishedError, Execution, LostError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.timing import Timing
from core.usecases.start import Start
from entrypoints.handled import Handled, Verdict, owner_of
from entrypoints.telemetry import Key
from ports.clock import Clock
from ports.queue import Delivery, Queue
from ports.wire.messages import ApprovedEvent, WakeUp, parse_message

log = logging.getLogger("actonce.intake")

MAX_READ_AHEAD = 1_024
MOST_SHOWN = 128
"""Characters of an argument in a log line."""

ENDED_BEFORE = (AlreadyFinishedError, ExecutionAlreadyInProgressError, LostError)


class CarriesOut(Protocol):
    """What deliveries ask for: Execute, or Launch where an orchestrator takes the steps."""

    def __call__(self, order: Order) -> Execution | None:
        """Carry out an order."""
        ...

    def resume(self, key: IntentKey, owner: str) -> Execution | None:
        """Go on with what is stored."""
        ...


class Intake:
    """Handles deliveries one by one; no delivery's trouble reaches its neighbours."""

    def __init__(  # noqa: PLR0913 - what a delivery goes through, and within which bounds
        self,
        queue: Queue,
        execute: CarriesOut,
        start: Start,
        clock: Clock,
        *,
        timing: Timing,
        source: str,
        max_receives: int,
        log_fields: Collection[str] = (),
        plan_ahead: Callable[[Intent], None] = lambda _: None,
    ) -> None:
        """Keep the parts. ``max_receives`` bounds how often an unforeseen fault is tried again.

        ``log_fields`` are the names of arguments that may stand in the logs. ``plan_ahead`` is shown the intents
        that came inside what is read ahead.
        """
        self._queue = queue
        self._execute = execute
        self._start = start
        self._clock = clock
        self._timing = timing
        self._source = source
        self._max_receives = max_receives
        self._log_fields = frozenset(log_fields)
        self._plan_ahead = plan_ahead
        self._read: dict[str, ApprovedEvent | WakeUp] = {}

    def read_ahead(self, deliveries: Sequence[Delivery]) -> None:
        """Parse what was received together, and plan it, in a row: several times quicker than between two commits."""
        if len(self._read) > MAX_READ_AHEAD:
            # Those were put back or dropped; whatever is still to come is parsed when it comes.
            self._read.clear()
        intents: list[Intent] = []
        for delivery in deliveries:
            # Whatever is wrong with it is told when its turn comes.
            with suppress(Exception):
                message = parse_message(delivery.body, source=self._source)
                self._read[delivery.message_id] = message
                if isinstance(message, ApprovedEvent) and message.intent is not None:
                    intents.append(message.intent)
        for intent in intents:
            with suppress(Exception):
                self._plan_ahead(intent)

    def __call__(self, delivery: Delivery) -> Handled:
        """Handle a delivery; whatever happens, it is acknowledged, put back or dead-lettered."""
        try:
            handled = self._handle(delivery)
        except TransientError as trouble:
            handled = self._put_back(delivery, trouble.error_code, self._timing.backoff(delivery.receive_count))
        except Exception as unforeseen:  # noqa: BLE001 - the last line: a fault of ours must not stop the others
            handled = self._unforeseen(delivery, unforeseen)
        if log.isEnabledFor(logging.INFO):
            log.info("handled", extra={"fields": self._fields(delivery, handled)})
        return handled

    def _handle(self, delivery: Delivery) -> Handled:
        key = owner = None
        try:
            message = self._read.pop(delivery.message_id, None) or parse_message(delivery.body, source=self._source)
            key = message.key
            if isinstance(message, WakeUp):
                owner = message.owner
                execution = self._execute.resume(message.key, owner)
            else:
                owner = owner_of(delivery.message_id)
                execution = self._execute(message.order(owner))
        except IntentNotFoundError as missing:
            return self._missing(delivery, key, missing)
        except ENDED_BEFORE:
            execution = None
        except PermanentError as refusal:
            return self._dead_letter(delivery, key, refusal)
        self._queue.acknowledge(delivery)
        return Handled(delivery.message_id, Verdict.ACKNOWLEDGED, key, execution, owner=owner)

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
        fields = {Key.MESSAGE_ID: delivery.message_id, Key.ERROR: type(error).__name__, Key.WHERE: where}
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
            log.warning("not put back", extra={"fields": {Key.MESSAGE_ID: delivery.message_id}})
        return Handled(delivery.message_id, Verdict.PUT_BACK, key, error_code=code)

    def _fields(self, delivery: Delivery, handled: Handled) -> dict[str, object]:
        attempt = handled.execution.attempt if handled.execution else None
        return {
            Key.MESSAGE_ID: delivery.message_id,
            Key.RECEIVE_COUNT: delivery.receive_count,
            Key.VERDICT: handled.verdict.value,
            Key.INTENT: str(handled.key) if handled.key else None,
            Key.STATUS: attempt.status.value if attempt else None,
            Key.ERROR_CODE: handled.error_code,
            Key.TRACE_ID: attempt.brief.trace_id if attempt else None,
            Key.DECISION_TRACE_ID: attempt.brief.decision_trace_id if attempt else None,
            Key.ARGUMENTS: self._shown(handled.execution),
        }

    def _shown(self, execution: Execution | None) -> dict[str, object] | None:
        """Return those arguments of the action that a deployment named, None where there are none of them."""
        action = execution.action if execution and self._log_fields else None
        if action is None:
            return None
        arguments = json.loads(action.request.arguments)
        found = {name: arguments[name] for name in sorted(self._log_fields & arguments.keys())}
        plain = {name: it for name, it in found.items() if isinstance(it, str | int | float)}
        return {name: it[:MOST_SHOWN] if isinstance(it, str) else it for name, it in plain.items()} or None
