"""What a run says: tables for a person, one JSON document for a program."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.effect_correctness.faults import Cell, Fault
from benchmarks.effect_correctness.judge import Verdict
from benchmarks.effect_correctness.lead import Results
from benchmarks.effect_correctness.matrix import Plan
from benchmarks.machine import commit, is_changed, machine, said

STYLES = {Verdict.EXACT: "green", Verdict.SURFACED: "yellow"}
BAD = "red"
PACKAGES = (
    "dbos",
    "pysqlite3-binary",
    "langgraph",
    "langgraph-checkpoint-sqlite",
    "aws-durable-execution-sdk-python",
    "aws-durable-execution-sdk-python-testing",
    "aws-lambda-powertools",
    "boto3",
    "moto",
)
ASK_VERSIONS = """
import importlib.metadata as metadata, json, sys
def version(name):
    try: return metadata.version(name)
    except metadata.PackageNotFoundError: return None
print(json.dumps({name: version(name) for name in sys.argv[1:]} | {"python": sys.version.split()[0]}))
"""


def show(console: Console, results: Sequence[Results]) -> None:
    """Print a table for each arm, and one of the totals."""
    for result in results:
        console.print(_matrix(result))
        for why in sorted(set(result.not_offered.values())):
            faults = sorted({cell.fault for cell, said in result.not_offered.items() if said == why})
            console.print(f"  not offered ({', '.join(faults)}): {why}", style="dim")
    console.print(_totals(results))


def _matrix(result: Results) -> Table:
    table = Table(title=f"{result.name}: {result.arm.trials} trials a cell", title_justify="left")
    table.add_column("fault")
    for contract in result.arm.contracts:
        table.add_column(contract.value)
    for fault in Fault:
        cells = [Cell(fault, contract) for contract in result.arm.contracts]
        table.add_row(fault.value, *(_cell(result, cell) for cell in cells))
    return table


def _cell(result: Results, cell: Cell) -> str:
    if cell in result.not_offered:
        return "[dim]not offered[/dim]"
    return ", ".join(_coloured(verdict, count) for verdict, count in sorted(result.counts[cell].items()))


def _coloured(verdict: Verdict, count: int) -> str:
    style = STYLES.get(verdict, BAD)
    return f"[{style}]{count} {verdict}[/{style}]"


def _totals(results: Sequence[Results]) -> Table:
    table = Table(title="All trials", title_justify="left")
    table.add_column("contender")
    for verdict in Verdict:
        table.add_column(verdict.value, justify="right")
    table.add_column("trials", justify="right")
    for result in results:
        total = result.total
        table.add_row(result.name, *(str(total[verdict] or "") for verdict in Verdict), str(total.total()))
    return table


def document(plan: Plan, results: Sequence[Results], faults: Sequence[str], wall_s: float) -> dict[str, Any]:
    """Return the run as JSON, with what is needed to run it again."""
    pythons = {arm.python for arm in plan.arms}
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_s": round(wall_s, 1),
        "commit": commit(),
        "is_changed": is_changed(),
        "machine": machine(),
        "versions": [_versions(python) for python in sorted(pythons)],
        "seed": plan.seed,
        "width": plan.width,
        "passed": not faults,
        "faults": list(faults),
        "arms": [_arm(result) for result in results],
    }


def write(path: Path, made: dict[str, Any]) -> None:
    """Write the document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


def _arm(result: Results) -> dict[str, Any]:
    return {
        "contender": result.arm.contender,
        "name": result.name,
        "trials_a_cell": result.arm.trials,
        "total": _counts(result.total),
        "cells": [
            {"fault": cell.fault, "contract": cell.contract, **_counts(counts)}
            for cell, counts in sorted(result.counts.items(), key=lambda it: (it[0].fault, it[0].contract))
        ],
        "not_offered": [
            {"fault": cell.fault, "contract": cell.contract, "why": why} for cell, why in result.not_offered.items()
        ],
    }


def _counts(counts: Counter[Verdict]) -> dict[str, int]:
    return {verdict.value: counts[verdict] for verdict in Verdict if counts[verdict]}


def _versions(python: Path) -> dict[str, Any]:
    versions: dict[str, Any] = json.loads(said(str(python), "-c", ASK_VERSIONS, *PACKAGES))
    return {name: version for name, version in versions.items() if version is not None}
