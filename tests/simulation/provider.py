"""The simulated external system: applies or loses writes as planned, and keeps its own log of what it did."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from core.domain.answer import (
    Answer,
    Applied,
    CannotTell,
    Finding,
    Flaw,
    Happened,
    Hold,
    NotHappened,
    NotSent,
    ObjectRef,
    Refused,
    Unknown,
)
from core.domain.contract import EffectContract
from core.domain.errors import ErrorClass
from core.domain.request import Request


class Fault(StrEnum):
    """What befalls one send; all but OK make the caller learn less than the truth, or nothing new."""

    OK = "ok"
    DROP = "drop"  # applied, reply lost
    LOST = "lost"  # never applied, no reply
    LATE = "late"  # applied after the caller gave up, within the declared bound
    REFUSE = "refuse"
    BUSY = "busy"  # refused now, may be accepted later
    AGAIN = "again"  # the same, in the words of the first answer under the key
    NEVER = "never"  # refused for good, in the words of the first answer under the key
    THROTTLE = "throttle"
    PARTIAL = "partial"
    RESET = "reset"  # never applied, and the connection breaks at once


_UNAPPLIED: dict[Fault, Answer] = {
    Fault.REFUSE: Refused(ErrorClass.VALIDATION, "NO", "no"),
    Fault.BUSY: Refused(ErrorClass.DOWNSTREAM, "BUSY", "busy", retryable=True),
    Fault.AGAIN: Refused(ErrorClass.RATE_LIMIT, "LIMIT", "later", retryable=True, replayed=True),
    Fault.NEVER: Refused(ErrorClass.VALIDATION, "NO", "no", replayed=True),
    Fault.THROTTLE: NotSent(Hold.THROTTLED, "slow down", 700),
    Fault.RESET: Unknown("reset"),
}


class Surroundings(Protocol):
    """What the provider needs of its world."""

    now: int

    def later(self, at_ms: int, act: Callable[[], object]) -> None:
        """Do something at a moment of true time."""
        ...


@dataclass
class Thing:
    """An object or record at the provider; ``version`` counts changes by anybody."""

    visible_at: int
    version: int = 1
    alive: bool = True
    edited: bool = False
    undone: bool = False
    partial: bool = False


@dataclass(frozen=True)
class Write:
    """One line of the provider's own log."""

    at: int
    intent: str
    undo: bool
    key: str
    fresh: bool


@dataclass
class Provider:
    """State and log. ``late_ms`` is how long after its arrival a late write lands, ``lag_ms`` how long it is unseen.

    ``gone`` counts what people deleted by hand.
    """

    world: Surroundings
    faults: list[Fault]
    undo_faults: list[Fault] = field(default_factory=list)
    late_ms: int = 0
    lag_ms: int = 0
    things: dict[str, Thing] = field(default_factory=dict)
    replays: dict[str, int] = field(default_factory=dict)
    log: list[Write] = field(default_factory=list)
    gone: int = 0
    partial: bool = False

    def receive(self, request: Request) -> tuple[Answer, int]:
        """Take one send; return the answer as the caller learns it, and after how many milliseconds."""
        undo = request.tool.startswith("undo.")
        plan = self.undo_faults if undo else self.faults
        fault = plan.pop(0) if plan else Fault.OK
        if fault in _UNAPPLIED:
            return _UNAPPLIED[fault], 5
        if fault is Fault.LATE:
            self.world.later(self.world.now + self.late_ms, lambda: self.apply(request))
        if fault in {Fault.LATE, Fault.LOST}:
            return Unknown("no reply", timed_out=True), request.timeout_ms
        self.partial = fault is Fault.PARTIAL
        replayed = self.apply(request)
        self.partial = False
        if replayed and not undo and self.things[self.place(request)].partial:
            fault = Fault.PARTIAL  # the first answer is what is replayed
        if fault is Fault.DROP:
            return Unknown("no reply", timed_out=True), request.timeout_ms
        flaw = Flaw.PARTIAL if fault is Fault.PARTIAL else None
        return Applied((self.ref(request),), "{}", replayed=replayed, flaw=flaw), 20

    def apply(self, request: Request) -> bool:
        """Change the world as the contract says; return whether the provider replayed its first answer."""
        contract, key = request.terms.contract, request.effect_key
        if contract is EffectContract.READ_ONLY:
            return False
        undo = request.tool.startswith("undo.")
        if contract is EffectContract.PROVIDER_KEY:
            first = self.replays.get(key)
            if first is not None and self.world.now < first + request.terms.key_retention_ms:
                return True
            self.replays[key] = self.world.now
        (self._remove if undo else self._write)(request)
        return False

    def look_up(self, request: Request, before: str | None) -> Finding:
        """Tell what a reader would find."""
        thing = self.things.get(self.place(request))
        if request.tool.startswith("undo."):
            is_there = thing is not None and thing.alive and thing.visible_at <= self.world.now
            return NotHappened() if is_there else Happened()
        if request.terms.contract is EffectContract.READ_BACK:
            return self._compare(request, thing, int(before or 0))
        if thing is None or not thing.alive or thing.visible_at > self.world.now:
            return NotHappened()
        if thing.edited or thing.partial:
            return CannotTell("differs from what was asked", changed_otherwise=True)
        return Happened((self.ref(request),), "{}")

    def _compare(self, request: Request, thing: Thing | None, before: int) -> Finding:
        version = thing.version if thing is not None and thing.visible_at <= self.world.now else before
        if thing is not None and (thing.edited or thing.partial):
            return CannotTell("changed by somebody else", changed_otherwise=True)
        if version == before:
            return NotHappened()
        return Happened((self.ref(request),), "{}") if version == before + 1 else CannotTell("too many changes", True)

    def version(self, request: Request) -> int:
        """Return the version of the record that an update is about."""
        thing = self.things.get(self.place(request))
        return thing.version if thing else 0

    def edit(self) -> None:
        """Somebody changes every object by hand."""
        for thing in self.things.values():
            thing.edited = True
            thing.version += 1

    def delete(self) -> None:
        """Somebody deletes every object by hand; a record that is updated in place cannot be."""
        for place, thing in self.things.items():
            if place.startswith("record/"):
                thing.edited = True
            elif thing.alive:
                thing.alive = False
                self.gone += 1

    def place(self, request: Request) -> str:
        """Return where a request's object is kept."""
        if request.tool.startswith("undo."):
            return request.arguments.split('"object_id":"')[1].split('"')[0]
        if request.terms.contract is EffectContract.READ_BACK:
            return f"record/{request.key.intent_id}"
        return f"thing/{request.effect_key}"

    def ref(self, request: Request) -> ObjectRef:
        """Return the reference that the caller is told."""
        return ObjectRef("sim", "thing", self.place(request))

    def _write(self, request: Request) -> None:
        place = self.place(request)
        known = self.things.get(place)
        same_object = request.terms.contract in {EffectContract.NATURAL_KEY, EffectContract.CLIENT_ID}
        # What lands on an object again is no second effect, unless an undo had removed it.
        self._note(request, fresh=known is None or known.undone or not same_object, undo=False)
        if known is None or not known.alive:
            self.things[place] = Thing(
                visible_at=self.world.now + self.lag_ms,
                version=known.version + 1 if known else 1,
                partial=self.partial,
            )
        elif not same_object:
            known.version += 1
        else:
            known.partial = known.partial and self.partial

    def _remove(self, request: Request) -> None:
        known = self.things.get(self.place(request))
        if known is not None and known.alive:
            known.alive, known.undone = False, True
            self._note(request, fresh=True, undo=True)

    def _note(self, request: Request, *, fresh: bool, undo: bool) -> None:
        self.log.append(Write(self.world.now, request.key.intent_id, undo, request.effect_key, fresh))
