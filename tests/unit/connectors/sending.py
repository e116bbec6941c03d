"""One POST to a peer, and how long it took; shared by the tests of what is sent and of what is reached."""

from __future__ import annotations

import time

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits, Reply
from core.domain.answer import NotSent, Unknown
from ports.connector import Gate
from tests.unit.connectors.peers import RealClock

SOON_S = 1.5
"""Less than any peer here goes on for, and more than a busy machine needs."""

Sent = Reply | NotSent | Unknown


def send(url: str, gate: Gate | None = None, *, timeout_ms: int = 2_000, limits: Limits | None = None) -> Sent:
    return Exchange(Endpoint(url), RealClock(), limits or Limits()).send(
        b"{}", {"X": "y"}, timeout_ms=timeout_ms, gate=gate
    )


def timed(url: str, timeout_ms: int, gate: Gate | None = None) -> tuple[Sent, float]:
    begun = time.monotonic()
    sent = send(url, gate, timeout_ms=timeout_ms)
    return sent, time.monotonic() - begun
