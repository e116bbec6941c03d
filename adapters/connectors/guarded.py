"""What stands around every connector that is routed to, ours and theirs: what it raises, takes and breaks ends here."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from adapters.connectors.breaker import Shut
from adapters.connectors.health import Health, Witness, health_of
from adapters.connectors.shares import Bounds, Share, Shares
from core.domain.answer import Answer, CannotTell, Finding, Hold, NotSent, Unknown
from core.domain.request import Request
from ports.clock import Clock
from ports.connector import Connector, Gate

BUSY_MS = 1_000
"""The wait that a call is told which finds no place; by then some have ended."""
GRACE_MS = 1_000
"""So much longer than its time a connector may take before it is said to overstay: threads wait for each other."""

_LOG = logging.getLogger("actonce.connector")

Read = TypeVar("Read")


class GuardedConnector:
    """The connector port around another.

    Whatever it keeps back is kept back before the connector is asked, so that no call that was sent is ever NotSent
    by it. What is read to settle doubt passes an open breaker, and has places of its own.
    """

    def __init__(self, inner: Connector, clock: Clock, bounds: Bounds, name: str) -> None:
        """Keep the connector. ``name``: as it is configured, for the log."""
        self.inner = inner
        self._clock = clock
        self._name = name
        self._shares = Shares(bounds, clock)

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        """Call, where there is a place and the breaker is closed; a raise may have come after the write: Unknown."""
        share = self._shares.of(request.key.tenant_id)
        if not share.calls.acquire(blocking=False):
            return NotSent(Hold.BUSY, "As many calls as this tenant may make at a time are under way.", BUSY_MS)
        try:
            return self._admitted(share, request, gate, before)
        finally:
            share.calls.release()

    def look_up(self, request: Request, before: str | None) -> Finding:
        """Look; a raise tells nothing."""
        return self._reading(request, lambda it: self.inner.look_up(it, before), _cannot_tell)

    def before_image(self, request: Request) -> str | None:
        """Read; a raise is a read that failed."""
        return self._reading(request, self.inner.before_image, lambda _reason: None)

    def _admitted(self, share: Share, request: Request, gate: Gate, before: str | None) -> Answer:
        leave = share.breaker.admit(request.timeout_ms + GRACE_MS)
        if isinstance(leave, Shut):
            detail = "The external system failed several times in a row; it is left alone for a while."
            return NotSent(Hold.BREAKER_OPEN, detail, leave.wait_ms)
        health = Health.UNTOLD
        try:
            witness = Witness(gate)
            answer = self._called(request, witness, before)
            health = health_of(answer, was_sent=witness.was_open)
            return answer
        finally:
            if share.breaker.report(leave, health):
                _LOG.warning(
                    "breaker closed" if share.breaker.is_closed else "breaker opened", extra=self._about(request)
                )

    def _called(self, request: Request, gate: Gate, before: str | None) -> Answer:
        begun_ms = self._clock.monotonic_ms()
        try:
            return self.inner.call(request, gate, before)
        except Exception as fault:  # noqa: BLE001 - the boundary to code that others write
            return Unknown(self._said(request, fault))
        finally:
            self._timed(request, begun_ms)

    def _reading(self, request: Request, read: Callable[[Request], Read], otherwise: Callable[[str], Read]) -> Read:
        """Read in one of the places for it; half the time may be spent on waiting for one."""
        begun_ms = self._clock.monotonic_ms()
        places = self._shares.of(request.key.tenant_id).look_ups
        if not places.acquire(timeout=request.timeout_ms / 2_000):
            return otherwise("As many look-ups as this tenant may make at a time are under way.")
        try:
            waited_ms = self._clock.monotonic_ms() - begun_ms
            return read(replace(request, timeout_ms=max(1, request.timeout_ms - waited_ms)))
        except Exception as fault:  # noqa: BLE001 - the boundary to code that others write
            return otherwise(self._said(request, fault))
        finally:
            places.release()
            self._timed(request, begun_ms)

    def _said(self, request: Request, fault: Exception) -> str:
        # By its class alone: a message of unknown origin may hold a secret.
        name = type(fault).__name__
        _LOG.error("connector raised", extra=self._about(request, fault=name))
        return f"The connector raised {name}."

    def _timed(self, request: Request, begun_ms: int) -> None:
        """Say that a connector overstays. It cannot be ended, and a late answer is as true as any."""
        took_ms = self._clock.monotonic_ms() - begun_ms
        if took_ms > request.timeout_ms + GRACE_MS:
            extra = self._about(request, took_ms=took_ms, timeout_ms=request.timeout_ms)
            _LOG.error("connector overstayed", extra=extra)

    def _about(self, request: Request, **more: str | int) -> dict[str, dict[str, str | int]]:
        about = {"connector": self._name, "tool": request.tool, "tenant_id": request.key.tenant_id}
        return {"fields": {**about, **more}}


def _cannot_tell(reason: str) -> Finding:
    return CannotTell(reason)
