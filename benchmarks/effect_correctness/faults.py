"""The faults of the matrix: what befalls a trial, and which lives its processes live. Standard library only."""

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.effect_correctness.contracts import Contract

CALL_TIMEOUT_S = 3.0
"""How long a contender waits for the tool."""

LATE_S = 4.0
OVERLAP_S = 0.3
REFUSALS = 3
"""How often a throttled store refuses."""


class Fault(StrEnum):
    """One row of the matrix."""

    CRASH_BEFORE_CALL = "crash before the call"
    CRASH_AFTER_EFFECT = "crash after the effect, before the record"
    CRASH_AFTER_RECORD = "crash after the record"
    REPLY_LOST = "reply lost"
    REPLY_LATE = "reply late"
    ERROR_AFTER = "5xx after applying"
    DUPLICATE = "duplicate delivery"
    PARALLEL = "parallel duplicate"
    SWAP = "payload swap under the same id"
    STOP = "stop switch thrown mid-flight"
    THROTTLED = "store throttled"


class Place(StrEnum):
    """A place between two steps that every contender has."""

    BEFORE_CALL = "before call"
    AFTER_EFFECT = "after effect"
    AFTER_RECORD = "after record"


FIRST, SECOND = "first", "second"
"""The two texts that a payload swap tells apart."""


@dataclass(frozen=True, slots=True)
class Life:
    """One process of a contender, which one delivery of the event is given to, or which finds one that was left.

    ``dies_at``: where it ends without a farewell. ``stops_at``: where an operator throws the switch.
    ``throttled_at``: from where on its store refuses ``REFUSALS`` times.
    """

    text: str = FIRST
    is_delivery: bool = True
    dies_at: Place | None = None
    stops_at: Place | None = None
    throttled_at: Place | None = None


Waves = tuple[tuple[Life, ...], ...]
"""Lives one wave after the other; those of a wave at the same time."""


def _crash(place: Place) -> Waves:
    return (Life(dies_at=place),), (Life(is_delivery=False),)


WAVES: dict[Fault, Waves] = {
    Fault.CRASH_BEFORE_CALL: _crash(Place.BEFORE_CALL),
    Fault.CRASH_AFTER_EFFECT: _crash(Place.AFTER_EFFECT),
    Fault.CRASH_AFTER_RECORD: _crash(Place.AFTER_RECORD),
    Fault.REPLY_LOST: ((Life(),),),
    Fault.REPLY_LATE: ((Life(),),),
    Fault.ERROR_AFTER: ((Life(),),),
    Fault.DUPLICATE: ((Life(),), (Life(),)),
    Fault.PARALLEL: ((Life(), Life()),),
    Fault.SWAP: ((Life(),), (Life(text=SECOND),)),
    Fault.STOP: ((Life(stops_at=Place.BEFORE_CALL),),),
    Fault.THROTTLED: ((Life(throttled_at=Place.AFTER_EFFECT),),),
}
ORACLE_FAULTS: dict[Fault, tuple[str, float]] = {
    Fault.REPLY_LOST: ("reply_lost", 0.0),
    Fault.REPLY_LATE: ("reply_late", LATE_S),
    Fault.ERROR_AFTER: ("error_after", 0.0),
    Fault.PARALLEL: ("slow", OVERLAP_S),
}
"""What the oracle does to the first call of a trial."""

CRASHES = frozenset(fault for fault, waves in WAVES.items() if any(life.dies_at for wave in waves for life in wave))


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault under one effect contract."""

    fault: Fault
    contract: Contract


CELLS = tuple(Cell(fault, contract) for fault in Fault for contract in Contract)
