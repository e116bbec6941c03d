"""Relay: publish what the outbox holds, and take the mark away afterwards."""

from collections.abc import Callable, Sequence

from core.domain.signal import Signal
from ports.outbox import Outbox
from ports.signals import Signals

BATCH = 10
PAGE = 100


class Relay:
    """At least once: a crash between publishing and unmarking publishes again, under the same signal id."""

    def __init__(self, outbox: Outbox, signals: Signals) -> None:
        """Keep the ports."""
        self._outbox = outbox
        self._signals = signals

    def __call__(self, limit: int = 1_000, *, is_over: Callable[[], bool] = lambda: False) -> int:
        """Publish up to ``limit`` pending signals; return how many were accepted.

        ``is_over`` is asked before each batch; once it says so, the rest is left for the next time.

        Raises:
            StoreUnavailableError: the outbox or the way out could not be reached; nothing is lost.
        """
        accepted = 0
        refused: list[Signal] = []
        while accepted < limit and len(refused) < limit and not is_over():
            wanted = min(PAGE, limit - accepted)
            page = [it for it in self._outbox.pending(wanted + len(refused)) if it not in refused][:wanted]
            if not page:
                break
            for first in range(0, len(page), BATCH):
                batch = page[first : first + BATCH]
                back = self.publish(batch)
                accepted += len(batch) - len(back)
                # Some may be refused for ever; those behind them must not wait for it.
                refused += back
                if is_over():
                    break
        return accepted

    def publish(self, batch: Sequence[Signal]) -> Sequence[Signal]:
        """Publish up to 10 signals of the outbox, unmark those that were accepted, and return the others.

        Raises:
            StoreUnavailableError: as above; some may have been accepted.
        """
        refused = self._signals.publish(batch)
        self._outbox.published([signal for signal in batch if signal not in refused])
        return refused
