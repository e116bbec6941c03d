"""What we hold ourselves to, cell by cell."""

from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import Cell, Fault
from benchmarks.effect_correctness.judge import Verdict

DOUBTFUL = frozenset(
    {
        Fault.CRASH_BEFORE_CALL,
        Fault.CRASH_AFTER_EFFECT,
        Fault.REPLY_LOST,
        Fault.REPLY_LATE,
        Fault.ERROR_AFTER,
    }
)
"""Faults after which nobody can know whether an opaque tool has written.

A crash between prepare and call is one of them: what is stored is the same as after a crash just behind the effect.
"""


def goal(cell: Cell) -> Verdict:
    """Return the one verdict that a trial of ours may have in a cell."""
    if cell.contract is Contract.OPAQUE and cell.fault in DOUBTFUL:
        return Verdict.SURFACED
    return Verdict.EXACT
