from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import aws_client, cost, counts, growth, memory, startup
from benchmarks.part import Part
from benchmarks.results import main, unfit
from benchmarks.throughput import parts as speeds
from tests.unit.benchmarks.test_measures import PEERS, RATES

MACHINE = {"system": "Linux", "release": "6.1", "architecture": "x86_64", "cores": 2, "memory_gib": 8.0}
DIRECT, STEPS = cost.Counted(27, 1.3, 1.2), cost.Counted(32, 29.3, 1.2, states=7, steps=5)


def parts() -> list[Part]:
    grown = {(what, size): [1.0, 1.1] for what in growth.MEASURED for size in growth.SIZES}
    return [
        *speeds(RATES | PEERS),
        *aws_client.parts([1.2, 1.25, 1.3]),
        *startup.parts({startup.BASELINE: 10**9, "entrypoints.consumer": 18 * 10**8}),
        *counts.parts((counts.Mode("direct", 3.8, DIRECT), counts.Mode("Step Functions", 12.8, STEPS))),
        *cost.measure(DIRECT, STEPS),
        *growth.parts(grown),
        *memory.parts((10_000, 100_000), 60.0, 61.0),
    ]


BENCH: dict[str, Any] = {
    "machine": MACHINE,
    "commit": "0123456789abcdef",
    "is_changed": False,
    "at": "2030-01-01T00:00:00+00:00",
    "wall_s": 900.0,
    "is_short": False,
    "rounds": 5,
    "passed": False,
    "faults": ["speed"],
    "parts": [it.document(is_short=False) for it in parts()],
}
PROVE = {
    "commit": "0123456789abcdef",
    "seed": 1,
    "passed": True,
    "faults": [],
    "arms": [{"name": "actonce", "total": {"exact": 1_220, "surfaced": 100}}, {"name": "peer", "total": {"lost": 3}}],
}
SOAK = {
    "commit": "0123456789abcdef",
    "minutes": 20.0,
    "seed": 1,
    "strikes": {"worker killed": 100, "store killed": 30},
    "intents": 2_000,
    "outcomes": {"SUCCEEDED": 1_900, "IN_DOUBT": 100},
    "passed": True,
    "faults": [],
}


def lay_out(folder: Path, bench: object, prove: object = None, soak: object = None) -> list[str]:
    (folder / "effect_correctness").mkdir()
    (folder / "bench.json").write_text(json.dumps(bench), encoding="utf-8")
    if prove is not None:
        (folder / "effect_correctness" / "results.json").write_text(json.dumps(prove), encoding="utf-8")
    if soak is not None:
        (folder / "soak.json").write_text(json.dumps(soak), encoding="utf-8")
    return ["--build", str(folder), "--page", str(folder / "results.md")]


def test_the_page_has_machine_method_every_part_effects_soak_and_limits(tmp_path: Path) -> None:
    assert main(lay_out(tmp_path, BENCH, PROVE, SOAK)) == 0
    page = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "2 cores (x86_64), 8.0 GiB" in page
    assert "some were **MISSED**" in page
    assert (
        "| entrypoints.consumer | 1,800 | million instructions | 1.80 |  | baseline | at most 1.25 | **MISSED** |"
        in page
    )
    assert "| actonce | 1,220 | 100 |  |  |  |  | 1,320 |" in page
    assert "30 times store killed, 100 times worker killed" in page
    assert "No invariant was broken" in page
    assert "what is not claimed" in page
    assert "$" not in page
    for part in BENCH["parts"]:
        assert f"| {part['name']} |" in page


def test_every_plot_of_the_page_is_there_is_small_and_is_the_same_twice(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        assert main(lay_out(folder, BENCH)) == 0
    page = (first / "results.md").read_text(encoding="utf-8")
    plots = sorted((first / "results").iterdir())
    assert len(plots) == page.count("](results/") == 4
    for plot in plots:
        assert f"](results/{plot.name})" in page
        assert plot.stat().st_size < 40_000
        assert plot.read_bytes() == (second / "results" / plot.name).read_bytes()


def test_what_was_not_run_is_said(tmp_path: Path) -> None:
    assert main(lay_out(tmp_path, BENCH)) == 0
    page = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "`make prove` was not run." in page
    assert "`make soak` was not run." in page


def test_without_a_run_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--build", str(tmp_path), "--page", str(tmp_path / "results.md")]) == 1
    assert "make bench was not run" in capsys.readouterr().err
    assert not (tmp_path / "results.md").exists()


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("is_short", True, "short form"),
        ("is_changed", True, "files were changed"),
        ("rounds", 4, "4 rounds"),
        ("parts", [], "parts were left out: AWS, client, AWS, of an action"),
    ],
)
def test_a_run_that_says_little_is_not_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str, value: object, why: str
) -> None:
    assert main(lay_out(tmp_path, BENCH | {field: value})) == 1
    assert why in capsys.readouterr().err


def test_a_run_that_lacks_a_part_is_not_published() -> None:
    lacking = copy.deepcopy(BENCH)
    lacking["parts"][0]["missing"] = "valgrind is missing."
    assert unfit(lacking) == "valgrind is missing."
    assert unfit(BENCH) is None
