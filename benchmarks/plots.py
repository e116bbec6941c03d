"""Plots of a run as SVG files: small, and the same bytes for the same figures. Needs the group ``plots``."""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

MISSING = "matplotlib is missing. Run: make venv"
LOOK = {"svg.hashsalt": "actonce", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}
NOTHING_OF_THE_DAY = {"Date": None, "Creator": None}
OURS, OTHERS, BOUND = "#1f6f8b", "#b8b8b8", "#b03a2e"
WIDTH, ROW, TOP = 7.0, 0.34, 1.0
TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)

Row = Mapping[str, Any]


def bars(
    path: Path, title: str, unit: str, rows: Sequence[tuple[str, float, bool]], bound: float | None = None
) -> None:
    """Draw a bar for each name, ours in colour, with its number; a line where the goal is."""
    figure, axes = _opened((WIDTH, TOP + ROW * len(rows)))
    places = range(len(rows))
    colours = [OURS if is_ours else OTHERS for _, _, is_ours in rows]
    drawn = axes.barh(list(places), [value for _, value, _ in rows], color=colours)
    axes.bar_label(drawn, labels=[f" {value:,.3g}" if value < 100 else f" {value:,.0f}" for _, value, _ in rows])
    axes.set_yticks(list(places), [name for name, _, _ in rows])
    axes.invert_yaxis()
    axes.margins(x=0.15)
    if bound is not None:
        axes.axvline(bound, color=BOUND, linestyle="--", linewidth=1)
    _saved(figure, axes, path, title, unit)


def lines(
    path: Path, title: str, unit: str, series: Mapping[str, Sequence[tuple[float, float]]], bound: float | None = None
) -> None:
    """Draw a line for each name over sizes, which grow tenfold."""
    figure, axes = _opened((WIDTH, 3.2))
    for name, points in series.items():
        axes.plot([size for size, _ in points], [value for _, value in points], marker="o", label=name)
    axes.set_xscale("log")
    if bound is not None:
        axes.axhline(bound, color=BOUND, linestyle="--", linewidth=1, label="goal")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.set_ylabel(unit)
    _saved(figure, axes, path, title, "intents in the store")


def _opened(size: tuple[float, float]) -> tuple[Any, Any]:
    try:
        matplotlib = import_module("matplotlib")
    except ModuleNotFoundError as error:
        raise LookupError(MISSING) from error
    matplotlib.use("svg")
    matplotlib.rcParams.update(LOOK)
    figure = import_module("matplotlib.figure").Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _saved(figure: Any, axes: Any, path: Path, title: str, below: str) -> None:  # noqa: ANN401 - matplotlib has no types here
    axes.set_title(title, loc="left")
    axes.set_xlabel(below)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata=NOTHING_OF_THE_DAY)
    path.write_text(TRAILING.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
