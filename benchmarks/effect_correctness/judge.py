"""The judge: what the oracle wrote, next to what the system told. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import FIRST, Cell, Fault


class Status(StrEnum):
    """What a system told of one delivery, in its last word."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    IN_DOUBT = "in doubt"
    REFUSED = "refused"
    NOTHING = "nothing"


class Verdict(StrEnum):
    """What one trial came to."""

    EXACT = "exact"
    SURFACED = "surfaced"
    DUPLICATED = "duplicated"
    LOST = "lost"
    FALSE_FAILURE = "false failure"
    FALSE_SUCCESS = "false success"


@dataclass(frozen=True, slots=True)
class Truth:
    """What the oracle's ledger says of a trial: the texts that were written, and how often it was called."""

    writes: tuple[str, ...]
    calls: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the system said of the intended write; and, of a payload swap, of the other body."""

    first: Status
    second: Status | None = None


_GRAVEST = (Status.FAILED, Status.IN_DOUBT, Status.SUCCEEDED, Status.REFUSED)


def last_word(statuses: Iterable[Status]) -> Status:
    """Return what several deliveries of one event were told: the gravest of it, so that a contradiction is seen."""
    said = set(statuses)
    return next((status for status in _GRAVEST if status in said), Status.NOTHING)


def judge(cell: Cell, truth: Truth, told: Told) -> Verdict:
    """Return the verdict on one trial.

    ``DUPLICATED``: more than was intended. ``SURFACED``: it says that it does not know. ``FALSE_FAILURE``: it was done,
    and the system says that it failed, or nothing. ``LOST``: it was not done though nothing forbade it, and perhaps it
    was truly told to have failed; or another body vanished without a word. ``FALSE_SUCCESS``: success is told of what
    was not done.
    """
    is_stopped = cell.fault is Fault.STOP
    done = truth.calls if cell.contract is Contract.READ_ONLY else len(truth.writes)
    if _is_too_much(cell, truth, done):
        return Verdict.DUPLICATED
    if told.second is Status.SUCCEEDED:
        return Verdict.FALSE_SUCCESS
    if told.first is Status.IN_DOUBT:
        return Verdict.SURFACED
    if told.first is Status.SUCCEEDED:
        is_true = done > 0 and (cell.contract is Contract.READ_ONLY or truth.writes == (FIRST,))
        return _of_second(cell, told) if is_true else Verdict.FALSE_SUCCESS
    if is_stopped and done == 0:
        return Verdict.EXACT if told.first in {Status.FAILED, Status.REFUSED} else Verdict.LOST
    # A read that was served and is told as failed has left nothing behind.
    return Verdict.FALSE_FAILURE if truth.writes else Verdict.LOST


def _is_too_much(cell: Cell, truth: Truth, done: int) -> bool:
    if cell.fault is Fault.STOP:
        return done > 0
    return len(truth.writes) > 1


def _of_second(cell: Cell, told: Told) -> Verdict:
    is_untold = cell.fault is Fault.SWAP and told.second not in {Status.REFUSED, Status.FAILED}
    return Verdict.LOST if is_untold else Verdict.EXACT
