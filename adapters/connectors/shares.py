"""What each tenant may take of a connector: so many calls and look-ups at a time, behind a breaker of its own."""

import threading
from collections import OrderedDict

from adapters.connectors.breaker import Breaker
from core.domain.making import dataclass
from ports.clock import Clock

MOST_TENANTS = 10_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one connector, for each tenant apart.

    ``calls`` and ``look_ups`` at a time; ``failures`` in a row after which no call is let through for ``open_ms``.
    """

    calls: int = 16
    look_ups: int = 8
    failures: int = 5
    open_ms: int = 30_000


class Share:
    """One tenant's."""

    def __init__(self, bounds: Bounds, clock: Clock) -> None:
        """Begin unused."""
        self.calls = threading.BoundedSemaphore(bounds.calls)
        self.look_ups = threading.BoundedSemaphore(bounds.look_ups)
        self.breaker = Breaker(clock, failures=bounds.failures, open_ms=bounds.open_ms)


class Shares:
    """The shares of the latest ten thousand tenants; one that is forgotten begins anew, closed and unused."""

    def __init__(self, bounds: Bounds, clock: Clock) -> None:
        """Begin with none."""
        self._bounds = bounds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Share] = OrderedDict()

    def of(self, tenant_id: str) -> Share:
        """Return a tenant's share."""
        with self._lock:
            share = self._kept.get(tenant_id)
            if share is None:
                share = self._kept[tenant_id] = Share(self._bounds, self._clock)
                if len(self._kept) > MOST_TENANTS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(tenant_id)
            return share
