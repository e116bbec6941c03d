"""One tool, one frozen request, and what the fake's log says since it was made."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from core.domain.answer import Answer, Finding, Hold, NotSent
from core.domain.canonical import Json
from core.domain.contract import Terms
from core.domain.keys import IntentKey
from core.domain.request import MappedCall, Request, frozen
from ports.connector import Connector, Gate
from tests.conformance.expecting import CALM_MS, SILENCE_MS, SLACK_S
from tests.conformance.routed import Routed
from tests.conformance.subject import CANARY, Case, Stand, Subject, Write

SHUT = NotSent(Hold.SWITCH_CLOSED, "Stopped by global.")
MORE_TRIES = 3
numbers = count(1)


class CountingGate:
    """Open; counts how often it was asked, and notes what the API had seen by then."""

    def __init__(self, stand: Stand | None = None) -> None:
        self.asked = 0
        self.seen_by_api: int | None = None
        self._stand = stand

    def closed(self) -> NotSent | None:
        self.asked += 1
        if self._stand is not None:
            self.seen_by_api = self._stand.asked()
        return None


class ShutGate:
    """Closed."""

    def closed(self) -> NotSent | None:
        return SHUT


@dataclass(frozen=True, slots=True)
class Given:
    """A subject and one of its cases."""

    subject: Subject
    case: Case

    def __str__(self) -> str:
        """Name them, for the name of a test."""
        return f"{self.subject.name}-{self.case.tool}"


@dataclass(frozen=True, slots=True)
class Scene:
    """Every verb goes through here, so that no secret passes and no deadline is missed unseen."""

    stand: Stand
    case: Case
    request: Request
    before: str | None
    mark: int
    connector: Connector

    def within(self, timeout_ms: int) -> Scene:
        """Return the scene with another time for each verb; nothing else of the request changes."""
        return replace(self, request=replace(self.request, timeout_ms=timeout_ms))

    def call(self, gate: Gate | None = None, *, request: Request | None = None) -> Answer:
        """Send once. The gate is asked at most once."""
        counting = CountingGate()
        begun = time.monotonic()
        answer = self.connector.call(request or self.request, gate or counting, self.before)
        assert counting.asked <= 1
        self._is_kept(answer, begun)
        return answer

    def answered(self) -> Answer:
        """Call, and again with twice the time where a busy machine let all of it pass before anything was sent."""
        answer = self.call()
        for _ in range(MORE_TRIES if self.request.timeout_ms == SILENCE_MS else 0):
            if not (isinstance(answer, NotSent) and answer.hold is Hold.UNREACHABLE):
                break
            assert self.written() == []
            answer = self.within(2 * SILENCE_MS).call()
        return answer

    def look_up(self) -> Finding:
        """Look, and see to it that nothing is written by looking."""
        earlier = len(self.stand.writes())
        begun = time.monotonic()
        finding = self.connector.look_up(self.request, self.before)
        self._is_kept(finding, begun)
        assert len(self.stand.writes()) == earlier
        return finding

    def written(self, *, wait_s: float = 0.0, least: int = 1) -> Sequence[Write]:
        """Return what was written since; waits until there is something, or the time is over."""
        end = time.monotonic() + wait_s
        while len(found := self.stand.writes()[self.mark :]) < least and time.monotonic() < end:
            time.sleep(0.02)
        return found

    def _is_kept(self, said: object, begun: float) -> None:
        took_s = time.monotonic() - begun
        assert CANARY not in repr(said)
        assert took_s < self.request.timeout_ms / 1000 + SLACK_S


def scene(stand: Stand, case: Case, *, timeout_ms: int = CALM_MS) -> Scene:
    """Return a scene of a fresh request, with everything that it acts on in its place."""
    request = request_of(case.tool, case.terms, stand.arguments(case), timeout_ms=timeout_ms)
    connector = Routed(stand.connector)
    before = connector.before_image(request) if case.terms.before_tool is not None else None
    assert (before is None) == (case.terms.before_tool is None)
    return Scene(stand, case, request, before, len(stand.writes()), connector)


def request_of(
    tool: str, terms: Terms, arguments: Mapping[str, Json], *, timeout_ms: int = CALM_MS, kind: str = "ACTION"
) -> Request:
    """Return a request as the core freezes it, of an intent of its own."""
    key = IntentKey("tenant", "account", f"intent-{next(numbers)}")
    binding = {"tenant_id": key.tenant_id, "account_id": key.account_id, "action_intent_id": key.intent_id}
    return frozen(MappedCall(key, tool, "1", 1, terms, timeout_ms, {**arguments, **binding}), kind, 1)
