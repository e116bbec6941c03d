"""The sweeper: a Lambda function on a schedule. It settles what is due, publishes the rest, tells the gauges."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from core.domain.errors import TransientError
from core.usecases.relay import Relay
from core.usecases.sweep import Sweep
from entrypoints import telemetry
from entrypoints.container.functions import build_function
from entrypoints.counting import count_outcome, is_news
from entrypoints.function_logs import function_logger
from entrypoints.meters import Meters
from entrypoints.remaining import Invocation, Remaining
from entrypoints.starting import settings, starting
from entrypoints.telemetry import Key
from ports.clock import Clock
from ports.dead_letters import DeadLetters
from ports.gauges import Gauges

NEEDS = ("queue_url", "dead_letter_queue_url", "bus_name", "artifacts_bucket")
MOST_SWEPT, MOST_PUBLISHED = 100, 1_000
# Whoever waits for a due date, a queue or a state machine, comes first; the sweeper is for what nobody came for.
GRACE_MS = 15_000

log = logging.getLogger("actonce.sweeper")


class Sweeper:
    """Each part by itself: what goes wrong in one does not keep the others from being done.

    Trouble is for the next time; a fault of ours is raised when all is done, so that Lambda counts an error.
    """

    def __init__(
        self,
        sweep: Sweep,
        relay: Relay,
        gauges: Gauges,
        dead_letters: DeadLetters,
        clock: Clock,
        meters: Meters,
        remaining: Remaining,
    ) -> None:
        """Keep the parts."""
        self._sweep = sweep
        self._relay = relay
        self._gauges = gauges
        self._dead_letters = dead_letters
        self._clock = clock
        self._meters = meters
        self._remaining = remaining
        self._faults: list[Exception] = []

    def __call__(self, _: dict[str, Any], context: Invocation) -> dict[str, int]:
        """Return how many were swept and published."""
        self._remaining.begin(context)
        self._faults.clear()
        done: dict[str, int] = {}
        try:
            # The outbox first: a backlog of due work must not keep signals back.
            self._try("relay", lambda: done.update(published=self._publish()))
            self._try("sweep", lambda: done.update(swept=self._swept(f"sweeper:{context.aws_request_id}")))
            for gauge in (self._tell_doubts, self._tell_overdue, self._tell_unpublished, self._tell_dead_letters):
                self._try("gauge", gauge)
        finally:
            self._meters.flush()
        if self._faults:
            raise self._faults.pop()
        return done

    def _publish(self) -> int:
        published = self._relay(MOST_PUBLISHED, is_over=self._remaining.is_over)
        self._meters.add(telemetry.SIGNALS_PUBLISHED, published)
        return published

    def _swept(self, owner: str) -> int:
        begun_ms = self._clock.now_ms()
        swept = self._sweep(owner, MOST_SWEPT, grace_ms=GRACE_MS, is_over=self._remaining.is_over)
        self._meters.add(telemetry.SWEPT, swept.seen)
        self._meters.add(telemetry.SWEEPS_POSTPONED, swept.postponed)
        for execution in swept.reached:
            if is_news(execution, owner, begun_ms):
                count_outcome(self._meters, execution)
        return swept.seen

    def _tell_doubts(self) -> None:
        doubts = self._gauges.doubts()
        self._meters.add(telemetry.IN_DOUBT, doubts.count)
        self._meters.add(telemetry.IN_DOUBT_AGE, self._age_s(doubts.oldest_at_ms))

    def _tell_overdue(self) -> None:
        self._meters.add(telemetry.OVERDUE_AGE, self._age_s(self._gauges.oldest_due_ms()))

    def _tell_unpublished(self) -> None:
        self._meters.add(telemetry.RELAY_AGE, self._age_s(self._gauges.oldest_unpublished_ms()))

    def _tell_dead_letters(self) -> None:
        self._meters.add(telemetry.DEAD_LETTERS, self._dead_letters.count())

    def _age_s(self, since_ms: int | None) -> float:
        return 0.0 if since_ms is None else max(0, self._clock.now_ms() - since_ms) / 1000

    def _try(self, doing: str, part: Callable[[], None]) -> None:
        try:
            part()
        except TransientError as trouble:
            self._meters.add(telemetry.TROUBLES, doing=doing)
            log.warning("trouble", extra={"fields": {Key.DOING: doing, Key.ERROR_CODE: trouble.error_code}})
        except Exception as fault:
            log.exception("unforeseen", extra={"fields": {Key.DOING: doing}})
            self._faults.append(fault)


@cache
def _function() -> Callable[[dict[str, Any], Invocation], dict[str, int]]:
    """Build everything once; the first invocation pays for it."""
    meters, remaining, logger = Meters(), Remaining(), function_logger()
    with starting():
        container = build_function(settings(), needs=NEEDS, meter=meters, is_over=remaining.is_over)
        sweeper = Sweeper(
            container.sweep(),
            container.relay(),
            container.gauges(),
            container.dead_letters(),
            container.clock(),
            meters,
            remaining,
        )
    return logger.inject_lambda_context(sweeper)


def handler(event: dict[str, Any], context: Invocation) -> dict[str, int]:
    """Sweep, publish, and tell the gauges."""
    return _function()(event, context)
