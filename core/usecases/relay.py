"""Relay: publish what the outbox holds, and take the mark away afterwards."""

from ports.outbox import Outbox
from ports.signals import Signals

BATCH = 10


class Relay:
    """At least once: a crash between publishing and unmarking publishes again, under the same signal id."""

    def __init__(self, outbox: Outbox, signals: Signals) -> None:
        """Keep the ports."""
        self._outbox = outbox
        self._signals = signals

    def __call__(self, limit: int = 1_000) -> int:
        """Publish up to ``limit`` pending signals; return how many were accepted.

        Raises:
            StoreUnavailableError: the outbox or the way out could not be reached; nothing is lost.
        """
        accepted = 0
        while accepted < limit:
            batch = self._outbox.pending(BATCH)
            if not batch:
                break
            refused = self._signals.publish(batch)
            done = [signal for signal in batch if signal not in refused]
            self._outbox.published(done)
            accepted += len(done)
            if refused:
                break
        return accepted
