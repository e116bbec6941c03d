"""The Step Functions mode in the form that CI has time for: a sample of its cells."""

from __future__ import annotations

from pathlib import Path

from benchmarks.effect_correctness.contenders.steps import Steps, Way
from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import Cell, Fault

SAMPLE = frozenset(
    {
        Cell(Fault.CRASH_BEFORE_CALL, Contract.CLIENT_ID),
        Cell(Fault.CRASH_AFTER_EFFECT, Contract.PROVIDER_KEY),
        Cell(Fault.CRASH_AFTER_EFFECT, Contract.OPAQUE),
        Cell(Fault.REPLY_LOST, Contract.READ_BACK),
        Cell(Fault.PARALLEL, Contract.OPAQUE),
        Cell(Fault.SWAP, Contract.NATURAL_KEY),
        Cell(Fault.STOP, Contract.OPAQUE),
        Cell(Fault.THROTTLED, Contract.OPAQUE),
    }
)


class ShortSteps(Steps):
    """What is left out is said."""

    def not_offered(self, cell: Cell) -> str | None:
        return None if cell in SAMPLE else "left to the whole run"


def contender(arm: str | None, port: int, folder: Path) -> ShortSteps:
    return ShortSteps(Way.GOES_ON, port, folder)
