"""The sealer: a Lambda function on a schedule. It signs and keeps what the ledger held on each day that is over."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from core.domain.sealing import DAY_MS, starts_ms
from core.usecases.seal import Seal, Sealed
from entrypoints import telemetry
from entrypoints.container.functions import build_function
from entrypoints.function_logs import function_logger
from entrypoints.meters import Meters
from entrypoints.remaining import Invocation, Remaining
from entrypoints.starting import settings, starting
from entrypoints.telemetry import Key
from ports.clock import Clock

NEEDS = ("heads_bucket", "heads_key")

log = logging.getLogger("actonce.sealer")


class Sealer:
    """Seals what is due, and tells how old the oldest day is that should be sealed and is not.

    One tenant's trouble is logged and told by that age. That a store is out of reach is raised: Lambda tries again.
    """

    def __init__(self, seal: Seal, clock: Clock, meters: Meters, remaining: Remaining) -> None:
        """Keep the parts."""
        self._seal = seal
        self._clock = clock
        self._meters = meters
        self._remaining = remaining

    def __call__(self, _: dict[str, Any], context: Invocation) -> dict[str, int]:
        """Return how many days were sealed, and how many tenants were left for trouble."""
        self._remaining.begin(context)
        try:
            done = self._seal(is_over=self._remaining.is_over)
            self._tell(done)
        finally:
            self._meters.flush()
        return {"sealed": done.days, "troubled": len(done.troubles)}

    def _tell(self, done: Sealed) -> None:
        for tenant_id, trouble in done.troubles:
            self._meters.add(telemetry.TROUBLES, doing="seal")
            fields = {Key.DOING: "seal", Key.TENANT: tenant_id, Key.ERROR_CODE: trouble.error_code}
            log.warning("trouble", extra={"fields": fields})
        self._meters.add(telemetry.DAYS_SEALED, done.days)
        self._meters.add(telemetry.UNSEALED_AGE, self._age_s(done))

    def _age_s(self, done: Sealed) -> float:
        if done.oldest_open is None:
            return 0.0
        return max(0, self._clock.now_ms() - starts_ms(done.oldest_open) - DAY_MS) / 1000


@cache
def _function() -> Callable[[dict[str, Any], Invocation], dict[str, int]]:
    """Build everything once; the first invocation pays for it."""
    meters, remaining, logger = Meters(), Remaining(), function_logger()
    with starting():
        container = build_function(settings(), needs=NEEDS, meter=meters, is_over=remaining.is_over)
        sealer = Sealer(container.seal(), container.clock(), meters, remaining)
    return logger.inject_lambda_context(sealer)


def handler(event: dict[str, Any], context: Invocation) -> dict[str, int]:
    """Seal what is due."""
    return _function()(event, context)
