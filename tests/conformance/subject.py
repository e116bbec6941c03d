"""What the conformance suite asks of whoever brings a connector: the real thing, a fake behind it, and its write log.

One file of yours with one ``Subject`` in it is enough. Verdicts come from the fake's own log of what it wrote, never
from what the connector says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from core.domain.canonical import Json
from core.domain.contract import Terms
from core.domain.request import Request
from ports.connector import Connector

CANARY = "canary-SECRET-token-0123456789"
"""The credentials that every connector is built with. No answer, log or repr may show them."""

MAX_RESPONSE_BYTES = 64 * 1024
"""The bound that every connector is built with; ``Fault.OVERSIZE`` answers with more."""


class Fault(StrEnum):
    """What happens to one request. What follows the name says whether a write is applied, and what is answered."""

    DROP_BEFORE = "drop_before"  # not applied; the connection ends
    DROP_AFTER = "drop_after"  # applied; the connection ends
    RESET_BEFORE = "reset_before"  # not applied; the connection is reset
    RESET_AFTER = "reset_after"  # applied; the connection is reset
    SILENCE_BEFORE = "silence_before"  # never applied; nothing
    SILENCE_AFTER = "silence_after"  # applied; nothing
    LATE_APPLY = "late_apply"  # applied after ``seconds``, whether or not the client has left; nothing
    LATE_REPLY = "late_reply"  # applied; the right answer after ``seconds``
    THROTTLE = "throttle"  # not applied; 429 with Retry-After: ``seconds``
    ERROR_BEFORE = "error_before"  # not applied; 500
    ERROR_AFTER = "error_after"  # applied; 500
    UNAVAILABLE = "unavailable"  # not applied; 503 with Retry-After: ``seconds``
    REFUSE = "refuse"  # not applied; the system's own word that it refuses
    UNAUTHORIZED = "unauthorized"  # not applied; 401
    ECHO = "echo"  # not applied; 400 in the system's own form, quoting the credentials it was sent
    MALFORMED = "malformed"  # applied; the status of a success with a body that breaks off
    DRIP = "drip"  # applied; the right answer, a byte at a time, for longer than anybody waits
    OVERSIZE = "oversize"  # applied; a success with a body over MAX_RESPONSE_BYTES
    REDIRECT = "redirect"  # not applied; 307 to another origin, which counts who comes
    COLLISION = "collision"  # applied, answered as a success; then it turns out to be somebody else's object
    MIXED_UP = "mixed_up"  # not applied; a success that shows somebody else's object


BY_PEOPLE = frozenset({Fault.COLLISION, Fault.MIXED_UP})
"""Faults of a create whose id the caller chooses."""

ALL_FAULTS = frozenset(Fault)


class Kind(StrEnum):
    """What a tool does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Undo:
    """The tool that removes what was made, and the argument that takes the object's id."""

    tool: str
    terms: Terms
    argument: str = "object_id"


@dataclass(frozen=True, slots=True)
class Case:
    """One tool as the registry offers it.

    ``stays_ours``: a look-up that finds the object edited by people may still say Happened. ``forgets``: an object
    that people removed leaves no trace, so that a look-up may say NotHappened. ``faults``, ``people`` and ``lags``:
    what the fake can do; whatever speaks HTTP should do all of it.
    """

    tool: str
    kind: Kind
    terms: Terms
    undo: Undo | None = None
    stays_ours: bool = False
    forgets: bool = False
    faults: frozenset[Fault] = ALL_FAULTS - BY_PEOPLE
    people: bool = True
    lags: bool = True


@dataclass(frozen=True, slots=True)
class Write:
    """One line of the fake's log: what a client of its API really changed. ``fields``: the object after it."""

    kind: Kind
    object_id: str
    fields: Mapping[str, Json]


class Stand(Protocol):
    """A running fake and the connector that speaks to it. One test at a time uses it; it is never emptied."""

    @property
    def connector(self) -> Connector:
        """The connector as it is built for production, with CANARY and MAX_RESPONSE_BYTES."""
        ...

    @property
    def unreachable(self) -> Connector | None:
        """The same connector where nobody listens; None: it has no network."""
        ...

    def arguments(self, case: Case) -> Mapping[str, Json]:
        """Return arguments that no earlier call had; whatever they act on is there, made by people."""
        ...

    def fail(self, request: Request, fault: Fault, *, reads: bool = False, seconds: float = 0.0) -> None:
        """Let the next write for this request fail; with ``reads`` the next read."""
        ...

    def writes(self) -> Sequence[Write]:
        """Return all that clients of the API changed, oldest first."""
        ...

    def is_of(self, write: Write, request: Request) -> bool:
        """Tell whether a write is what the request asks for: the right object and the right fields."""
        ...

    def object_of(self, request: Request) -> str:
        """Return the id of the object that an update or a delete acts on."""
        ...

    def asked(self) -> int:
        """Return how many requests the API received, those for tokens apart."""
        ...

    def strays(self) -> int:
        """Return how many requests came to where ``Fault.REDIRECT`` points."""
        ...

    def edit(self, object_id: str) -> None:
        """Let people change a field that the tools write."""
        ...

    def remove(self, object_id: str) -> None:
        """Let people remove an object."""
        ...

    def lag(self, seconds: float) -> None:
        """Let reads show from now on only what is older than this."""
        ...

    def calm(self) -> None:
        """Forget faults that nobody met, and end the lag."""
        ...


class Subject(Protocol):
    """A connector under test: a name, its tools, and how to start the fake."""

    @property
    def name(self) -> str:
        """A short name, for the names of the tests."""
        ...

    @property
    def cases(self) -> Sequence[Case]:
        """Every tool, at least once."""
        ...

    def running(self, folder: Path) -> AbstractContextManager[Stand]:
        """Start the fake as a process of its own, its files in the folder; end it at the end."""
        ...
