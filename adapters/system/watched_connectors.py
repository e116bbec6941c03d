"""Connectors with a meter beside them, and with an hour after which no call starts."""

from collections.abc import Callable

from core.domain.answer import Answer, Finding, Hold, NotSent
from core.domain.making import dataclass
from core.domain.request import Request
from ports.clock import Clock
from ports.connector import Connector, Connectors, Gate
from ports.tool_meter import ToolMeter

IsOver = Callable[[], bool]


class WatchedConnectors:
    """The connectors port around another."""

    def __init__(self, inner: Connectors, clock: Clock, meter: ToolMeter, is_over: IsOver) -> None:
        """Keep the connectors. ``is_over`` tells whether it is too late for a call to start."""
        self._inner = inner
        self._clock = clock
        self._meter = meter
        self._is_over = is_over

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        connector = self._inner.offering(tool, tenant_id)
        return None if connector is None else WatchedConnector(connector, self._clock, self._meter, self._is_over)


@dataclass(frozen=True, slots=True)
class WatchedConnector:
    """The connector port around another; what is answered passes unchanged."""

    inner: Connector
    clock: Clock
    meter: ToolMeter
    is_over: IsOver

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        begun_ms = self.clock.monotonic_ms()
        answer = self.inner.call(request, Curfew(gate, self.is_over), before)
        self.meter.called(request.tool, answer, self.clock.monotonic_ms() - begun_ms)
        return answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        begun_ms = self.clock.monotonic_ms()
        finding = self.inner.look_up(request, before)
        self.meter.looked_up(request.tool, finding, self.clock.monotonic_ms() - begun_ms)
        return finding

    def before_image(self, request: Request) -> str | None:
        return self.inner.before_image(request)


@dataclass(frozen=True, slots=True)
class Curfew:
    """A gate that is closed once it is over, whatever the other one says.

    A process that is about to be frozen must not begin a call: its first byte might leave when it is thawed, long
    after its deadline.
    """

    inner: Gate
    is_over: IsOver

    def closed(self) -> NotSent | None:
        if self.is_over():
            return NotSent(Hold.TOO_LATE, "The function ends before the call could.")
        return self.inner.closed()
