"""``python -m benchmarks.results``: writes docs/results.md and its plots from what make bench, prove and soak wrote.

Nothing is measured here. A short run is refused, for its speeds judge nothing, and so is one of changed files.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

from benchmarks import aws_client, cost, counts, growth, memory, plots, startup, throughput
from benchmarks.machine import ROOT
from benchmarks.part import FEWEST_ROUNDS
from benchmarks.report import number

Document = Mapping[str, Any]
Rows = Sequence[Document]

PAGE = Path(__file__).with_name("results_page.md")
GROUPS = [it.GROUP for it in (throughput, aws_client, startup, counts, cost, growth, memory)]
VERDICTS = ("exact", "surfaced", "duplicated", "lost", "false failure", "false success")

Drawing = Callable[[Path, Rows], None]


def page(bench: Document, prove: Document | None, soak: Document | None, folder: Path) -> str:
    """Return the page, and draw its plots into a folder beside it."""
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        machine=_machine(bench),
        parts="\n".join(_groups(bench, folder)),
        effects=_effects(prove) if prove else "## Effects\n\n`make prove` was not run.\n",
        soak=_soaked(soak) if soak else "## Soak\n\n`make soak` was not run.\n",
    )


def _machine(run: Document) -> str:
    of = run["machine"]
    return (
        "## Machine\n\n"
        f"{of['cores']} cores ({of['architecture']}), {of['memory_gib']} GiB, {of['system']} {of['release']}; "
        f"commit `{run['commit'][:12]}`, {run['at']}, {run['wall_s'] / 60:.0f} minutes. "
        f"Goals: {'all met' if run['passed'] else 'some were **MISSED**'}.\n"
    )


def _groups(bench: Document, folder: Path) -> Iterator[str]:
    for group, of_group in groupby(bench["parts"], key=lambda it: it["group"]):
        parts = list(of_group)
        lines = [f"## {group[0].upper()}{group[1:]}", ""]
        drawing = DRAWINGS.get(group)
        if drawing is not None:
            name = f"{group.replace(' ', '-')}.svg"
            drawing(folder / name, parts)
            lines += [f"![{group}]({folder.name}/{name})", ""]
        lines += [
            "| what | median | unit | ratio | from, to | of | goal | verdict |",
            "|---|---|---|---|---|---|---|---|",
        ]
        lines += [_line(part) for part in parts]
        yield "\n".join([*lines, ""])


def _line(part: Document) -> str:
    ratios, goal, verdict = part["ratios"], part["goal"], part["verdict"]
    spread = f"{number(min(ratios))}, {number(max(ratios))}" if len(ratios) > 1 else ""
    said = f"**{verdict}**" if verdict == "MISSED" else "" if verdict == "information" else verdict
    cells = (
        part["name"],
        number(part["value"]),
        part["unit"],
        number(part["ratio"]),
        spread,
        part["of"],
        "" if goal is None else f"{goal['side']} {goal['bound']:g}",
        part["missing"] or said,
    )
    return f"| {' | '.join(cells)} |"


def _effects(prove: Document) -> str:
    lines = ["## Effects", "", f"| contender | {' | '.join(VERDICTS)} | trials |", f"|---{'|---' * len(VERDICTS)}|---|"]
    for arm in prove["arms"]:
        total = arm["total"]
        counts = [f"{total[it]:,}" if it in total else "" for it in VERDICTS]
        lines.append(f"| {arm['name']} | {' | '.join(counts)} | {sum(total.values()):,} |")
    goal = (
        "Every trial of actonce met its goal."
        if prove["passed"]
        else "**The run failed**: " + "; ".join(prove["faults"])
    )
    return "\n".join([*lines, "", f"Commit `{prove['commit'][:12]}`, seed {prove['seed']}. {goal}", ""])


def _soaked(soak: Document) -> str:
    strikes = ", ".join(f"{count:,} times {what}" for what, count in sorted(soak["strikes"].items()))
    outcomes = ", ".join(f"{count:,} {status}" for status, count in sorted(soak["outcomes"].items()))
    held = "No invariant was broken" if soak["passed"] else "**Broken**: " + "; ".join(soak["faults"])
    return (
        f"## Soak\n\n{soak['minutes']:g} minutes, seed {soak['seed']}, commit `{soak['commit'][:12]}`: {strikes}. "
        f"Of {soak['intents']:,} intents: {outcomes}. {held}.\n"
    )


def _speeds(path: Path, parts: Rows) -> None:
    rates = {part["name"]: part["value"] for part in parts if part["value"] is not None}
    rows = [(name, value, name.startswith("actonce")) for name, value in rates.items()]
    plots.bars(path, "Actions per second, each commit synced", "actions/s", rows)


def _starts(path: Path, parts: Rows) -> None:
    rows = [(part["name"], part["ratio"], True) for part in parts if part["ratio"] is not None]
    if rows:
        plots.bars(path, "Instructions of a start, of boto3 and pydantic", "times", rows, bound=_bound(parts))


def _costs(path: Path, parts: Rows) -> None:
    rows = [(it["name"], it["value"], it["name"].startswith("actonce")) for it in parts if ": " not in it["name"]]
    plots.bars(path, "A million actions", parts[0]["unit"], rows)


def _grown(path: Path, parts: Rows) -> None:
    series: dict[str, list[tuple[float, float]]] = {}
    for part in parts:
        ratio = 1.0 if part["ratio"] is None else part["ratio"]
        series.setdefault(part["name"].partition(" on ")[0], []).append((part["size"], ratio))
    plots.lines(path, "Time by what the store holds", "of the smallest", series, bound=_bound(parts))


def _bound(parts: Rows) -> float | None:
    return next((float(part["goal"]["bound"]) for part in parts if part["goal"]), None)


DRAWINGS: Mapping[str, Drawing] = {
    throughput.GROUP: _speeds,
    startup.GROUP: _starts,
    cost.GROUP: _costs,
    growth.GROUP: _grown,
}


def unfit(bench: Document) -> str | None:
    """Return why a run is not to be published, None where it is."""
    if bench["is_short"]:
        return "it is of the short form, whose speeds judge nothing"
    if bench["rounds"] < FEWEST_ROUNDS:
        return f"it has {bench['rounds']} rounds of what is timed; {FEWEST_ROUNDS} are wanted"
    if absent := sorted(set(GROUPS) - {part["group"] for part in bench["parts"]}):
        return f"parts were left out: {', '.join(absent)}"
    if bench["is_changed"]:
        return "files were changed, so that its commit does not say what was measured"
    return next((str(part["missing"]) for part in bench["parts"] if part["missing"]), None)


def _read(path: Path) -> Document | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; 1 where there is nothing to write it from."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.results", description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="where the runs wrote")
    parser.add_argument(
        "--page", type=Path, default=ROOT / "docs" / "results.md", help="what to write; plots go beside it"
    )
    given = parser.parse_args(arguments)
    bench = _read(given.build / "bench.json")
    fault = "make bench was not run" if bench is None else unfit(bench)
    if bench is None or fault is not None:
        print(f"results: {fault}", file=sys.stderr)
        return 1
    prove, soak = _read(given.build / "effect_correctness" / "results.json"), _read(given.build / "soak.json")
    given.page.write_text(page(bench, prove, soak, given.page.with_suffix("")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
