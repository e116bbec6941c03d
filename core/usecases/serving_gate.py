"""What stands on either side of a target's call: its gate, and the connector of a tool that nobody offers."""

from core.domain.answer import Answer, CannotTell, Finding, Hold, NotSent
from core.domain.request import Request
from core.domain.serving import Window
from ports.clock import Clock
from ports.connector import Gate


class Unoffered:
    """The connector port of a tool that nobody offers here."""

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:  # noqa: ARG002 - the protocol
        """Reach nothing."""
        return NotSent(Hold.NOT_READY, f"No connector is configured for the tool {request.tool}.")

    def look_up(self, request: Request, before: str | None) -> Finding:  # noqa: ARG002 - the protocol
        """Tell nothing."""
        return CannotTell(f"No connector is configured for the tool {request.tool}.")

    def before_image(self, request: Request) -> str | None:  # noqa: ARG002 - the protocol
        """Read nothing."""
        return None


class ServingGate:
    """The gate of one call of a target: kill switches and expiry were asked by the executor; here only time counts."""

    def __init__(self, clock: Clock, allowed: Window) -> None:
        """Keep when the call may run."""
        self._clock = clock
        self._allowed = allowed

    def closed(self) -> NotSent | None:
        """Return why the call must not start, None when it may start now."""
        if self._clock.now_ms() > self._allowed.start_by_ms:
            return NotSent(Hold.TOO_LATE, "The call would end after its deadline.")
        return None
