"""DBOS Transact on SQLite: a workflow of one step, under the intent's id, recovered when its process starts again.

Used as docs.dbos.dev/python says. tutorials/workflow-tutorial: a workflow's id is its idempotency key, steps are tried
at least once and never again once they are complete, ``DBOS.launch`` recovers what was interrupted.
tutorials/step-tutorial: ``retries_allowed``, off by default, which the idempotent arm turns on.
"""

import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.effect_correctness.contenders.peers import Arm, Tool, not_asked
from benchmarks.effect_correctness.faults import Cell, Fault, Life
from benchmarks.effect_correctness.judge import Status
from benchmarks.effect_correctness.trial import Marks, Trial

# Its SQLite schema needs unixepoch('subsec'), newer than the SQLite of some interpreters.
sys.modules["sqlite3"] = import_module("pysqlite3")
dbos = import_module("dbos")
sqlalchemy = import_module("sqlalchemy")

RETRIES = 5


class Dbos:
    """One application database for each trial; each life is a start of the application."""

    def __init__(self, arm: Arm, port: int) -> None:
        self.name = f"DBOS, {arm} tool"
        self._arm = arm
        self._port = port

    def not_offered(self, cell: Cell) -> str | None:
        return not_asked(self._arm, cell)

    def lay_out(self, folder: Path, trial: Trial) -> None:
        """Nothing: it makes its database itself."""

    def close(self) -> None:
        """Nothing: it keeps nothing open."""

    def live(self, folder: Path, trial: Trial, life: Life, marks: Marks) -> Status:
        tool = Tool(self._port, self._arm, trial, marks)
        _throttle(marks)
        dbos.DBOS(
            config={
                "name": "effect-correctness",
                # An executor recovers what one of its own name left, so those side by side have names of their own.
                "executor_id": str(os.getpid()) if trial.cell.fault is Fault.PARALLEL else "executor",
                "system_database_url": f"sqlite:///{folder / 'dbos.sqlite'}",
                "run_admin_server": False,
                "log_level": "CRITICAL",
            }
        )
        workflow = _workflow(tool, is_retried=self._arm is Arm.IDEMPOTENT)
        dbos.DBOS.launch()
        try:
            if life.is_delivery:
                with dbos.SetWorkflowID(trial.name):
                    dbos.DBOS.start_workflow(workflow, life.text)
            dbos.DBOS.retrieve_workflow(trial.name).get_result()
        except Exception:
            # Whatever a workflow ends with is told to its caller.
            logging.getLogger(__name__).debug("failed", exc_info=True)
            return Status.FAILED
        return Status.SUCCEEDED


def contender(arm: str | None, port: int, folder: Path) -> Dbos:  # noqa: ARG001 - it keeps nothing between trials
    """Return one of the arms."""
    return Dbos(Arm(arm or Arm.PLAIN), port)


def _workflow(tool: Tool, *, is_retried: bool) -> object:
    """Return a workflow whose one step is the tool."""

    def write(text: str) -> dict[str, Any]:
        return tool(text)

    def act(text: str) -> str:
        answer: dict[str, Any] = step(text)
        tool.has_recorded()
        return str(answer["id"])

    step = dbos.DBOS.step(retries_allowed=is_retried, max_attempts=RETRIES, interval_seconds=0.05)(write)
    return dbos.DBOS.workflow()(act)


def _throttle(marks: Marks) -> None:
    """Have every statement refused while the store is throttled."""

    def refuse(cursor: object, statement: object, parameters: object, context: object) -> None:  # noqa: ARG001
        if marks.is_refused():
            raise import_module("sqlite3").OperationalError("database is locked")

    sqlalchemy.event.listen(sqlalchemy.Engine, "do_execute", refuse)
