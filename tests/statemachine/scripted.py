"""A tool that does and answers what a script says, word by word, and keeps what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from adapters.memory.clock import FakeClock
from core.domain.answer import Answer, Applied, Finding, Flaw, Happened, NotHappened, ObjectRef, Unknown
from core.domain.answering import INLINE_BYTES
from core.domain.contract import EffectContract
from core.domain.request import Request
from ports.connector import Connector, Gate

UNDO = "undo."
CALL_MS = 1_000
"""A whole second, since SQS and Step Functions wait for whole seconds, and waits would differ otherwise."""
LARGE = "x" * (INLINE_BYTES + 1)


class Word(StrEnum):
    """What befalls one call. Any answer may stand in place of a word: it is given, and nothing is written."""

    OK = "written, and answered"
    DROP = "written, and the answer is lost"
    PARTIAL = "half of it is written"
    TORN = "half of it is written, to two objects"
    LARGE = "written, and the answer is large"
    BREAKS = "written, and the connector breaks"
    DIES = "written, and the process dies"
    DIES_FIRST = "the process dies before the first byte"


Said = Word | Answer


class ProcessDied(BaseException):
    """The process is gone: nothing of ours may catch this."""


class ToolBroke(Exception):
    """A fault of a connector that nobody foresaw."""


@dataclass(frozen=True)
class Script:
    """What is said, in order, to calls and look-ups of the action and of its undo; afterwards it is the plain truth.

    ``before`` is what is read of the object before an update; None: it cannot be read.
    """

    calls: Sequence[Said] = ()
    undos: Sequence[Said] = ()
    looks: Sequence[Finding] = ()
    undo_looks: Sequence[Finding] = ()
    before: Sequence[str | None] = ()


@dataclass
class Tool:
    """The connector port. ``things`` is what is there; ``log`` is all that was asked, the same in every mode."""

    clock: FakeClock
    things: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    written: int = 0
    on_call: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.follow(Script())

    def follow(self, script: Script) -> None:
        """Begin anew, by this script."""
        self.things.clear()
        self.log.clear()
        self.written = 0
        self._calls, self._undos = list(script.calls), list(script.undos)
        self._looks, self._undo_looks = list(script.looks), list(script.undo_looks)
        self._before = list(script.before)

    @property
    def left(self) -> int:
        """How many words of the script were never said."""
        plans = (self._calls, self._undos, self._looks, self._undo_looks, self._before)
        return sum(len(plan) for plan in plans)

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        held = gate.closed()
        self._note("call", request, held.hold.value if held else "sent")
        if held is not None:
            return held
        plan = self._undos if _is_undo(request) else self._calls
        said = plan.pop(0) if plan else Word.OK
        self.on_call()
        if said is Word.DIES_FIRST:
            raise ProcessDied
        answer = self._written(request, said) if isinstance(said, Word) else said
        is_slow = isinstance(answer, Unknown) and answer.timed_out
        self.clock.advance(request.timeout_ms if is_slow else CALL_MS)
        return answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        self._note("look", request, before or "")
        plan = self._undo_looks if _is_undo(request) else self._looks
        if plan:
            return plan.pop(0)
        is_there = place_of(request) in self.things
        if _is_undo(request):
            return NotHappened() if is_there else Happened()
        return Happened((ref_of(request),)) if is_there else NotHappened()

    def before_image(self, request: Request) -> str | None:
        self._note("before", request, "")
        return self._before.pop(0) if self._before else '{"version":1}'

    def _written(self, request: Request, word: Word) -> Answer:
        place, contract = place_of(request), request.terms.contract
        replayed = contract is EffectContract.PROVIDER_KEY and place in self.things and not _is_undo(request)
        if _is_undo(request):
            self.things.discard(place)
        elif contract is not EffectContract.READ_ONLY:
            self.written += place not in self.things
            self.things.add(place)
        if word is Word.DIES:
            raise ProcessDied
        if word is Word.BREAKS:
            raise ToolBroke(f"of {place}")
        if word is Word.DROP:
            return Unknown("no reply", timed_out=True)
        refs = (ref_of(request),)
        if word in {Word.PARTIAL, Word.TORN}:
            return Applied(refs * 2 if word is Word.TORN else refs, "{}", flaw=Flaw.PARTIAL)
        return Applied(refs, LARGE if word is Word.LARGE else "{}", replayed=replayed)

    def _note(self, verb: str, request: Request, more: str) -> None:
        self.log.append(f"{verb} {request.tool} {request.effect_key[:8]} {request.sha256[:8]} {more}".strip())


@dataclass
class Tools:
    """The connectors port: one tool for all of them but those of a system that nobody configured."""

    tool: Connector

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        return None if tool.startswith("nobody.") else self.tool


def place_of(request: Request) -> str:
    """Return what a call writes or removes."""
    if _is_undo(request):
        return request.arguments.split('"object_id":"')[1].split('"')[0]
    return f"thing-{request.effect_key[:16]}"


def ref_of(request: Request) -> ObjectRef:
    return ObjectRef("sim", "thing", place_of(request))


def _is_undo(request: Request) -> bool:
    return request.tool.startswith(UNDO)
