"""The consumer: a Lambda function on the queue. Each record goes through the intake; the answer names what failed."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import cache
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.logging import Logger

from entrypoints import telemetry
from entrypoints.batches import NotDoneError, Record, Response, answered
from entrypoints.container.functions import build_function, delivery
from entrypoints.counting import count_handled
from entrypoints.function_logs import function_logger
from entrypoints.handled import Handled, Verdict
from entrypoints.meters import Meters
from entrypoints.remaining import Invocation, Remaining, Term
from entrypoints.starting import settings, starting
from entrypoints.telemetry import Key
from ports.clock import Clock

if TYPE_CHECKING:
    from entrypoints.intake import Intake

log = logging.getLogger("actonce.consumer")

NEEDS = ("queue_url", "dead_letter_queue_url", "artifacts_bucket")
MOST_THREADS = 64
LEFT = "left"

Counting = Callable[[Meters, Handled, int], None]
Job = tuple[Record, "Future[Handled]"]


class Consumer:
    """Works on all records of a batch at once, and answers when they are done or the time is over.

    What is not done then is delivered again; its thread goes on if Lambda lets it, and either finds the other's work.
    """

    def __init__(
        self,
        intake: "Intake",
        clock: Clock,
        meters: Meters,
        remaining: Remaining,
        logger: Logger,
        *,
        count: Counting = count_handled,
    ) -> None:
        """Keep the parts."""
        self._intake = intake
        self._clock = clock
        self._meters = meters
        self._remaining = remaining
        self._logger = logger
        self._count = count

    def __call__(self, event: dict[str, Any], context: Invocation) -> Response:
        """Return the ids of the records that must be delivered again."""
        term = self._remaining.begin(context)
        begun = self._begin(event["Records"], term)

        def settled(record: Record) -> None:
            if self._result(begun[record["receiptHandle"]]) is Verdict.PUT_BACK:
                raise NotDoneError

        try:
            return answered(event, settled)
        finally:
            self._remaining.end(term)
            self._meters.flush()

    def _begin(self, records: Sequence[Record], term: Term) -> "dict[str, Future[Handled]]":
        jobs: SimpleQueue[Job] = SimpleQueue()
        begun: dict[str, Future[Handled]] = {}
        for record in records:
            begun[record["receiptHandle"]] = Future()
            jobs.put((record, begun[record["receiptHandle"]]))
        for number in range(min(len(records), MOST_THREADS)):
            threading.Thread(target=self._work, args=(jobs, term), name=f"actonce-{number}", daemon=True).start()
        return begun

    def _work(self, jobs: "SimpleQueue[Job]", term: Term) -> None:
        self._remaining.join(term)
        while not self._remaining.is_over():
            try:
                record, future = jobs.get_nowait()
            except Empty:
                return
            try:
                future.set_result(self._handle(record))
            except Exception:
                log.exception("unforeseen", extra={"fields": {Key.DOING: "record"}})
                future.set_exception(NotDoneError())

    def _handle(self, record: Record) -> Handled:
        self._logger.thread_safe_append_keys(**{Key.CORRELATION_ID.value: record["messageId"]})
        begun_ms = self._clock.now_ms()
        handled = self._intake(delivery(record))
        self._count(self._meters, handled, begun_ms)
        return handled

    def _result(self, future: "Future[Handled]") -> Verdict:
        try:
            return future.result(timeout=self._remaining.left_s()).verdict
        except TimeoutError as over:
            self._meters.add(telemetry.DELIVERIES, verdict=LEFT)
            raise NotDoneError from over


@cache
def _function() -> Callable[[dict[str, Any], Invocation], Response]:
    """Build everything once; the first invocation pays for it."""
    meters, remaining, logger = Meters(), Remaining(), function_logger()
    with starting():
        container = build_function(settings(), needs=NEEDS, meter=meters, is_over=remaining.is_over, of_batch=True)
        consumer = Consumer(container.intake(), container.clock(), meters, remaining, logger)
    return logger.inject_lambda_context(consumer)


def handler(event: dict[str, Any], context: Invocation) -> Response:
    """Carry out a batch of approved events and wake-ups."""
    return _function()(event, context)
