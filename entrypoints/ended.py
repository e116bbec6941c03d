"""Ended: a Lambda function on the queue of executions that failed, timed out or were aborted; it settles the rest."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from core.domain.errors import ExecutionAbortedError, InvalidEventError, TransientError
from core.domain.execution import Execution
from core.domain.orchestration import Orchestration, holds
from core.usecases.conclude import Conclude
from core.usecases.reconcile import Reconcile
from entrypoints import telemetry
from entrypoints.batches import NotDoneError, Record, Response, answered
from entrypoints.consumer import LEFT
from entrypoints.container.functions import build_function, delivery
from entrypoints.counting import count_outcome
from entrypoints.function_logs import function_logger
from entrypoints.handled import Verdict
from entrypoints.meters import Meters
from entrypoints.remaining import Invocation, Remaining
from entrypoints.starting import settings, starting
from entrypoints.telemetry import Key
from ports.orchestrator import Orchestrator
from ports.queue import Delivery, Queue
from ports.wire.ended import parse_ended

NEEDS = ("queue_url", "dead_letter_queue_url", "state_machine_arn")

log = logging.getLogger("actonce.ended")


class Ended:
    """Whatever such an execution left is settled by the evidence; what it had not prepared has failed, and says so.

    What may still be sent is left to the sweeper, which goes on with it when it is due.
    """

    def __init__(
        self,
        conclude: Conclude,
        reconcile: Reconcile,
        queue: Queue,
        meters: Meters,
        remaining: Remaining,
        orchestrator: Orchestrator | None = None,
    ) -> None:
        """Keep the use cases. ``queue`` buries what is no event of an ended execution of ours.

        ``orchestrator`` is asked what an execution was started with, where its event does not say it.
        """
        self._conclude = conclude
        self._reconcile = reconcile
        self._queue = queue
        self._meters = meters
        self._remaining = remaining
        self._orchestrator = orchestrator

    def __call__(self, event: dict[str, Any], context: Invocation) -> Response:
        """Return the ids of the records that must be delivered again."""
        term = self._remaining.begin(context)

        def settled(record: Record) -> None:
            verdict = self._handled(delivery(record))
            self._meters.add(telemetry.DELIVERIES, verdict=verdict)
            if verdict in {LEFT, Verdict.PUT_BACK.value}:
                raise NotDoneError

        try:
            return answered(event, settled)
        finally:
            self._remaining.end(term)
            self._meters.flush()

    def settle(self, ours: Orchestration, status: str) -> Execution | None:
        """Settle what is left of an execution, and return it; None where its intent is gone.

        Raises:
            TransientError: a store of ours could not be reached.
        """
        aborted = ExecutionAbortedError(f"The execution ended before anything was prepared: {status}.")
        execution = self._conclude(ours, aborted)
        if execution is not None and holds(ours, execution.attempt):
            execution = self._reconcile(execution)
        return execution

    def _handled(self, message: Delivery) -> str:
        if self._remaining.is_over():
            return LEFT
        try:
            ours, status = self.read(message.body)
            execution = self.settle(ours, status)
        except TransientError as trouble:
            return self._told(message, Verdict.PUT_BACK, trouble.error_code)
        except InvalidEventError as refusal:
            self._queue.dead_letter(message, f"{refusal.error_code}: {refusal.message}")
            return self._told(message, Verdict.DEAD_LETTERED, refusal.error_code)
        if execution is not None and execution.attempt.owner == ours.order.owner and not execution.attempt.is_open:
            count_outcome(self._meters, execution)
        return self._told(message, Verdict.ACKNOWLEDGED, None, execution)

    def read(self, body: str) -> tuple[Orchestration, str]:
        """Return which execution a message tells of, and how it ended.

        Raises:
            InvalidEventError: of none of ours.
            TransientError: what it was started with could not be read.
        """
        ended = parse_ended(body)
        ours = ended.asked
        if ours is None and self._orchestrator is not None:
            ours = self._orchestrator.find(ended.name)
        if ours is None:
            raise InvalidEventError(f"The execution {ended.name} is gone, or none of ours.")
        return ours, ended.status

    def _told(
        self, message: Delivery, verdict: Verdict, error_code: str | None, execution: Execution | None = None
    ) -> str:
        attempt = execution.attempt if execution else None
        fields = {
            Key.MESSAGE_ID: message.message_id,
            Key.VERDICT: verdict.value,
            Key.ERROR_CODE: error_code,
            Key.INTENT: str(attempt.key) if attempt else None,
            Key.STATUS: attempt.status.value if attempt else None,
            Key.TRACE_ID: attempt.brief.trace_id if attempt else None,
        }
        log.info("ended", extra={"fields": fields})
        return verdict.value


@cache
def _function() -> Callable[[dict[str, Any], Invocation], Response]:
    """Build everything once; the first invocation pays for it."""
    meters, remaining, logger = Meters(), Remaining(), function_logger()
    with starting():
        container = build_function(settings(), needs=NEEDS, meter=meters, is_over=remaining.is_over, of_batch=True)
        ended = Ended(
            container.conclude(),
            container.reconcile(),
            container.queue(),
            meters,
            remaining,
            container.orchestrator(),
        )
    return logger.inject_lambda_context(ended)


def handler(event: dict[str, Any], context: Invocation) -> Response:
    """Settle what ended executions left."""
    return _function()(event, context)
