"""Connectors that are wrong in one way each, around the one of Google Calendar, for the conformance suite to catch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.domain.answer import Answer, Applied, CannotTell, Finding, Happened, NotHappened, ObjectRef, Refused, Unknown
from core.domain.errors import ErrorClass
from core.domain.request import Request
from ports.connector import Connector, Gate
from tests.conformance.scene import CountingGate
from tests.conformance.subject import CANARY, Case, Stand
from tests.conformance.subjects.google_calendar import SUBJECT as HONEST
from tests.conformance.subjects.google_calendar import GoogleCalendarStand


class Honest:
    """Passes everything on."""

    def __init__(self, inner: Connector) -> None:
        self.inner = inner

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        return self.inner.call(request, gate, before)

    def look_up(self, request: Request, before: str | None) -> Finding:
        return self.inner.look_up(request, before)

    def before_image(self, request: Request) -> str | None:
        return self.inner.before_image(request)


class SaysRefused(Honest):
    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        answer = self.inner.call(request, gate, before)
        is_5xx = isinstance(answer, Unknown) and "50" in answer.reason
        return Refused(ErrorClass.DOWNSTREAM, "HTTP_500", "It failed.") if is_5xx else answer


class SaysApplied(Honest):
    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        answer = self.inner.call(request, gate, before)
        is_lost = isinstance(answer, Unknown)
        return Applied((ObjectRef("calendar", "event", request.effect_key),)) if is_lost else answer


class SendsTwice(Honest):
    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        answer = self.inner.call(request, gate, before)
        self.inner.call(request, CountingGate(), before)
        return answer


class TakesErrorsForAbsence(Honest):
    def look_up(self, request: Request, before: str | None) -> Finding:
        finding = self.inner.look_up(request, before)
        return NotHappened() if isinstance(finding, CannotTell) and not finding.changed_otherwise else finding


class ForgetsTheGate(Honest):
    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        return self.inner.call(request, CountingGate(), before)


class Raises(Honest):
    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        answer = self.inner.call(request, gate, before)
        if isinstance(answer, Unknown):
            raise ConnectionError(answer.reason)
        return answer


class ShowsItsSecret(Honest):
    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        answer = self.inner.call(request, gate, before)
        return Applied(answer.refs, f"sent with {CANARY}") if isinstance(answer, Applied) else answer


class OverlooksPeople(Honest):
    def look_up(self, request: Request, before: str | None) -> Finding:
        finding = self.inner.look_up(request, before)
        is_changed = isinstance(finding, CannotTell) and finding.changed_otherwise
        return Happened((ObjectRef("calendar", "event", request.effect_key),)) if is_changed else finding


class LyingSubject:
    """The subject of Google Calendar with another connector."""

    def __init__(self, lying: Callable[[Connector], Connector]) -> None:
        self.name = "liar"
        self.cases: Sequence[Case] = HONEST.cases
        self._lying = lying

    @contextmanager
    def running(self, folder: Path) -> Iterator[Stand]:
        with HONEST.running(folder) as stand:
            yield GoogleCalendarStand(stand.fake, self._lying(stand.connector), self._lying(stand.connector))


SAYS_REFUSED_OF_A_5XX = LyingSubject(SaysRefused)
SAYS_APPLIED_OF_A_LOST_REPLY = LyingSubject(SaysApplied)
SENDS_TWICE = LyingSubject(SendsTwice)
TAKES_ERRORS_FOR_ABSENCE = LyingSubject(TakesErrorsForAbsence)
FORGETS_THE_GATE = LyingSubject(ForgetsTheGate)
RAISES = LyingSubject(Raises)
SHOWS_ITS_SECRET = LyingSubject(ShowsItsSecret)
OVERLOOKS_WHAT_PEOPLE_DID = LyingSubject(OverlooksPeople)
