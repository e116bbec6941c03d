"""The relay: a Lambda function on the stream of the outbox table. It publishes signals and removes their rows."""

import logging
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from core.domain.errors import TransientError
from core.domain.signal import Signal
from core.usecases.relay import BATCH, Relay
from entrypoints import telemetry
from entrypoints.container.functions import build_function
from entrypoints.container.stream import Record, sequence, signal
from entrypoints.function_logs import function_logger
from entrypoints.meters import Meters
from entrypoints.remaining import Invocation, Remaining
from entrypoints.starting import settings, starting
from entrypoints.telemetry import Key

NEEDS = ("bus_name",)
RELAY = "relay"

log = logging.getLogger("actonce.relay")

Response = dict[str, list[dict[str, str]]]


class StreamRelay:
    """Publishes records in their order, ten at a time, up to the first ten of which one failed.

    A stream is read again from the first record that is named as failed, so those behind it are not begun. Whatever
    becomes of them there, their rows stay until they are published, and the sweeper publishes rows.
    """

    def __init__(self, relay: Relay, meters: Meters, remaining: Remaining) -> None:
        """Keep the parts."""
        self._relay = relay
        self._meters = meters
        self._remaining = remaining

    def __call__(self, event: dict[str, Any], context: Invocation) -> Response:
        """Return the number of the first record that failed, if one did."""
        self._remaining.begin(context)
        records: Sequence[Record] = event["Records"]
        try:
            for start in range(0, len(records), BATCH):
                failed = self._first_failed(records[start : start + BATCH])
                if failed is not None:
                    return {"batchItemFailures": [{"itemIdentifier": sequence(failed)}]}
            return {"batchItemFailures": []}
        finally:
            self._meters.flush()

    def _first_failed(self, records: Sequence[Record]) -> Record | None:
        if self._remaining.is_over():
            return records[0]
        read = [(record, self._read(record)) for record in records]
        signals = [one for _, one in read if isinstance(one, Signal)]
        refused = self._publish(signals)
        self._meters.add(telemetry.SIGNALS_PUBLISHED, len(signals) - len(refused))
        failed = [record for record, one in read if isinstance(one, ValueError) or one in refused]
        if failed:
            self._meters.add(telemetry.SIGNALS_FAILED, len(failed))
        return failed[0] if failed else None

    def _publish(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        if not signals:
            return ()
        try:
            return self._relay.publish(signals)
        except TransientError as trouble:
            self._meters.add(telemetry.TROUBLES, doing=RELAY)
            log.warning("trouble", extra={"fields": {Key.DOING: RELAY, Key.ERROR_CODE: trouble.error_code}})
            return signals

    def _read(self, record: Record) -> Signal | ValueError | None:
        try:
            return signal(record)
        except ValueError as fault:
            log.exception("unreadable", extra={"fields": {Key.DOING: RELAY, Key.SEQUENCE: sequence(record)}})
            return fault


@cache
def _function() -> Callable[[dict[str, Any], Invocation], Response]:
    """Build everything once; the first invocation pays for it."""
    meters, remaining, logger = Meters(), Remaining(), function_logger()
    with starting():
        container = build_function(settings(), needs=NEEDS, meter=meters, is_over=remaining.is_over)
        relay = StreamRelay(container.relay(), meters, remaining)
    return logger.inject_lambda_context(relay)


def handler(event: dict[str, Any], context: Invocation) -> Response:
    """Publish the signals that a batch of the stream brings."""
    return _function()(event, context)
