"""A connector that raises has not answered: whatever it raised is said as what is known, which is nothing."""

import logging

from core.domain.answer import Answer, CannotTell, Finding, Unknown
from core.domain.request import Request
from ports.connector import Connector, Gate

_LOG = logging.getLogger("actonce.connector")


class GuardedConnector:
    """Stands around every connector that is routed to, ours and theirs."""

    def __init__(self, inner: Connector) -> None:
        """Keep the connector."""
        self.inner = inner

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        """Call; a raise may have come after the write, so it is Unknown."""
        try:
            return self.inner.call(request, gate, before)
        except Exception as fault:  # noqa: BLE001 - the boundary to code that others write
            return Unknown(_said(request, fault))

    def look_up(self, request: Request, before: str | None) -> Finding:
        """Look; a raise tells nothing."""
        try:
            return self.inner.look_up(request, before)
        except Exception as fault:  # noqa: BLE001 - the boundary to code that others write
            return CannotTell(_said(request, fault))

    def before_image(self, request: Request) -> str | None:
        """Read; a raise is a read that failed."""
        try:
            return self.inner.before_image(request)
        except Exception as fault:  # noqa: BLE001 - the boundary to code that others write
            _said(request, fault)
            return None


def _said(request: Request, fault: Exception) -> str:
    # By its class alone: a message of unknown origin may hold a secret.
    name = type(fault).__name__
    _LOG.error("connector raised", extra={"tool": request.tool, "fault": name})
    return f"The connector raised {name}."
