"""The connector port: what talks to an external system."""

from typing import Protocol

from core.domain.answer import Answer, Finding, NotSent
from core.domain.request import Request


class Gate(Protocol):
    """Asked by a connector just before the first byte of a write leaves, and by nobody else."""

    def closed(self) -> NotSent | None:
        """Return why the call must not start, None when it may start now, and only now."""
        ...


class Connector(Protocol):
    """One external system. No verb raises for what the system said or failed to say: it answers.

    No verb retries; each ends within the request's ``timeout_ms``, by the client's own clock.
    """

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        """Send the frozen request once.

        The gate is asked once, when all that can be done before the first byte is done; a closed gate is the answer.
        ``before`` is the before-image that was stored with the request, for a condition on the write; None: there is
        none.
        """
        ...

    def look_up(self, request: Request, before: str | None) -> Finding:
        """Ask whether the request's postcondition holds, by a read only; errors and mismatches are CannotTell."""
        ...

    def before_image(self, request: Request) -> str | None:
        """Return what an update is about to change, with the provider's version, as JSON text.

        Only asked where the terms name a ``before_tool``. None: it could not be read now.
        """
        ...


class Connectors(Protocol):
    """Which connector offers which tool."""

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        """Return the connector of a tool for a tenant, None where none is configured."""
        ...
