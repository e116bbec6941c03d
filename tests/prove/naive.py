"""A contender that is wrong on purpose: it calls, then records. The matrix must show it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.effect_correctness.contenders.peers import Arm, Tool, not_asked
from benchmarks.effect_correctness.faults import Cell, Life
from benchmarks.effect_correctness.judge import Status
from benchmarks.effect_correctness.tool import ToolError
from benchmarks.effect_correctness.trial import Marks, Trial

TRIES = 3


class Naive:
    """Its record is a file; a fault of the tool is tried again."""

    name = "naive"

    def __init__(self, port: int) -> None:
        self._port = port

    def not_offered(self, cell: Cell) -> str | None:
        return not_asked(Arm.PLAIN, cell)

    def lay_out(self, folder: Path, trial: Trial) -> None:
        pass

    def close(self) -> None:
        pass

    def live(self, folder: Path, trial: Trial, life: Life, marks: Marks) -> Status:
        tool = Tool(self._port, Arm.PLAIN, trial, marks)
        record = folder / "record"
        if record.exists():
            return Status.SUCCEEDED
        for _ in range(TRIES):
            try:
                record.write_text(str(tool(life.text)["id"]), encoding="utf-8")
            except ToolError:
                continue
            tool.has_recorded()
            return Status.SUCCEEDED
        return Status.FAILED


def contender(arm: str | None, port: int, folder: Path) -> Naive:
    return Naive(port)
