"""The starter: a Lambda function on the queue. It hands each approved action to the state machine."""

from collections.abc import Callable
from functools import cache
from typing import Any

from entrypoints import telemetry
from entrypoints.batches import Response
from entrypoints.consumer import Consumer
from entrypoints.container.functions import build_starter
from entrypoints.function_logs import function_logger
from entrypoints.handled import Handled
from entrypoints.meters import Meters
from entrypoints.remaining import Invocation, Remaining
from entrypoints.starting import settings, starting

NEEDS = ("queue_url", "dead_letter_queue_url", "state_machine_arn")


def count_started(meters: Meters, handled: Handled, _: int) -> None:
    """Count one delivery; what became of its action the state machine counts."""
    meters.add(telemetry.DELIVERIES, verdict=handled.verdict.value)


@cache
def _function() -> Callable[[dict[str, Any], Invocation], Response]:
    """Build everything once; the first invocation pays for it."""
    meters, remaining, logger = Meters(), Remaining(), function_logger()
    with starting():
        container = build_starter(settings(), needs=NEEDS, meter=meters, is_over=remaining.is_over)
        starter = Consumer(container.intake(), container.clock(), meters, remaining, logger, count=count_started)
    return logger.inject_lambda_context(starter)


def handler(event: dict[str, Any], context: Invocation) -> Response:
    """Start the executions that a batch of approved events and wake-ups asks for."""
    return _function()(event, context)
