"""What the arms of every peer share: the tool with its marked places, and the two ways in which it is given a key."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import CALL_TIMEOUT_S, Cell, Fault, Place
from benchmarks.effect_correctness.tool import call
from benchmarks.effect_correctness.trial import Marks, Trial

NO_SWITCH = "has no switch of an operator that is asked just before a step's side effect"
NO_KEY = "an opaque tool takes no key; see the plain tool"
A_READ = "a read is idempotent by nature; see the idempotent tool"


class Arm(StrEnum):
    """The tool as it is, or one that gives a key of its own to the external system."""

    PLAIN = "plain"
    IDEMPOTENT = "idempotent"


@dataclass(frozen=True, slots=True)
class Tool:
    """The tool of one life."""

    port: int
    arm: Arm
    trial: Trial
    marks: Marks

    def __call__(self, text: str) -> dict[str, Any]:
        """Call once, or raise ToolError."""
        key = self.trial.name if self.arm is Arm.IDEMPOTENT else None
        self.marks.at(Place.BEFORE_CALL)
        contract = self.trial.cell.contract
        answer = call(self.port, contract, self.trial.name, text, key=key, timeout_s=CALL_TIMEOUT_S)
        self.marks.at(Place.AFTER_EFFECT)
        return answer

    def has_recorded(self) -> None:
        """Note that the peer has recorded what the tool answered."""
        self.marks.at(Place.AFTER_RECORD)


def not_asked(arm: Arm, cell: Cell) -> str | None:
    """Return why no arm of this kind is asked for a cell, whoever the peer is."""
    if cell.fault is Fault.STOP:
        return NO_SWITCH
    if arm is Arm.IDEMPOTENT and cell.contract is Contract.OPAQUE:
        return NO_KEY
    if arm is Arm.PLAIN and cell.contract is Contract.READ_ONLY:
        return A_READ
    return None
