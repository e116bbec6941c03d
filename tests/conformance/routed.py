"""A connector as a deployment calls it: found in the table of routes, with the guards in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from adapters.connectors.guarded import GuardedConnector
from adapters.connectors.routing import ConnectorTable, Route
from adapters.connectors.shares import Bounds
from adapters.system.clock import SystemClock
from core.domain.answer import Answer, Finding
from core.domain.request import Request
from ports.connector import Connector, Gate

Said = TypeVar("Said")


class Routed:
    """The connector port around another. Its breaker is as new, so that no scene closes it for the next."""

    def __init__(self, connector: Connector) -> None:
        self._noting = Noting(connector)
        self._guarded = GuardedConnector(self._noting, SystemClock(), Bounds(), "subject")

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        return self._unraised(self._of(request).call(request, gate, before))

    def look_up(self, request: Request, before: str | None) -> Finding:
        return self._unraised(self._of(request).look_up(request, before))

    def before_image(self, request: Request) -> str | None:
        return self._unraised(self._of(request).before_image(request))

    def _of(self, request: Request) -> Connector:
        found = ConnectorTable([Route(request.tool, self._guarded)]).offering(request.tool, request.key.tenant_id)
        assert found is not None
        return found

    def _unraised(self, said: Said) -> Said:
        """The guard answers for a connector that raises; here it must not have to."""
        assert self._noting.raised == []
        return said


class Noting:
    """Lets everything pass, and notes what was raised."""

    def __init__(self, inner: Connector) -> None:
        self._inner = inner
        self.raised: list[str] = []

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        return self._noted(lambda: self._inner.call(request, gate, before))

    def look_up(self, request: Request, before: str | None) -> Finding:
        return self._noted(lambda: self._inner.look_up(request, before))

    def before_image(self, request: Request) -> str | None:
        return self._noted(lambda: self._inner.before_image(request))

    def _noted(self, verb: Callable[[], Said]) -> Said:
        try:
            return verb()
        except Exception as fault:
            self.raised.append(type(fault).__name__)
            raise
