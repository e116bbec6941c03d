"""What a run says: a table for a person, one JSON document for a program."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.machine import commit, is_changed, machine
from benchmarks.part import Part, Verdict

STYLES = {Verdict.MET: "green", Verdict.MISSED: "bold red", Verdict.NOT_MEASURED: "yellow"}


def show(console: Console, parts: Sequence[Part], *, is_short: bool) -> None:
    """Print a table of each group."""
    for group, of_group in groupby(parts, key=lambda it: it.group):
        console.print(_table(group, list(of_group), is_short=is_short))
    for missing in dict.fromkeys(it.missing for it in parts if it.missing):
        console.print(missing, style="yellow", markup=False)


def _table(group: str, parts: Sequence[Part], *, is_short: bool) -> Table:
    table = Table(title=group, title_justify="left", title_style="bold", expand=False)
    table.add_column("what")
    table.add_column("median", justify="right")
    table.add_column("unit")
    table.add_column("ratio", justify="right")
    table.add_column("from, to", justify="right")
    table.add_column("of")
    table.add_column("goal")
    table.add_column("verdict")
    for part in parts:
        table.add_row(*row(part, is_short=is_short))
    return table


def row(part: Part, *, is_short: bool) -> tuple[str, ...]:
    """Return the cells of a line."""
    verdict = part.verdict(is_short=is_short)
    style = STYLES.get(verdict)
    spread = f"{number(min(part.ratios))}, {number(max(part.ratios))}" if len(part.ratios) > 1 else ""
    return (
        part.name,
        number(part.value),
        part.unit,
        number(part.ratio),
        spread,
        part.of,
        "" if part.goal is None else str(part.goal),
        f"[{style}]{verdict}[/{style}]" if style else verdict,
    )


def number(value: float | None) -> str:
    """Return a number with as many digits as a person compares."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def document(
    parts: Sequence[Part], faults: Sequence[str], *, is_short: bool, rounds: int, wall_s: float
) -> dict[str, Any]:
    """Return the run as JSON, with what is needed to judge it."""
    return {
        "machine": machine(),
        "commit": commit(),
        "is_changed": is_changed(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_s": round(wall_s, 1),
        "is_short": is_short,
        "rounds": rounds,
        "passed": not faults,
        "faults": list(faults),
        "parts": [part.document(is_short=is_short) for part in parts],
    }


def write(path: Path, made: dict[str, Any]) -> None:
    """Write the document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
