from __future__ import annotations

import ast
import logging
import re
from collections.abc import Iterator

from entrypoints.telemetry import KEYS, METRICS, Key
from tests.architecture.sources import ROOT, name_of, parsed, python_files

PAGE = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """The cells of the table under a title, without its head."""
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def keys_in_use() -> Iterator[tuple[str, str]]:
    """Every key that is written out where fields are given to a log, as file and key."""
    for file in python_files("entrypoints"):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "fields" and isinstance(value, ast.Dict):
                        yield from ((name_of(file), str(it.value)) for it in value.keys if isinstance(it, ast.Constant))


def test_the_page_and_the_code_name_the_same_metrics() -> None:
    told = [
        [f"`{it.name}`", it.unit.value, "; ".join(", ".join(f"`{d}`" for d in group) for group in it.dimensions)]
        for it in METRICS
    ]
    assert [row[:3] for row in rows("Metrics")] == told
    assert [row[3] for row in rows("Metrics")] == [it.description for it in METRICS]


def test_the_page_and_the_code_name_the_same_keys() -> None:
    assert rows("Log lines") == [[f"`{key.value}`", text] for key, text in KEYS.items()]
    assert set(KEYS) == set(Key)


def test_every_key_that_is_logged_is_one_of_the_named() -> None:
    found = list(keys_in_use())
    assert found
    assert [it for it in found if it[1] not in set(Key)] == []


def test_a_name_is_used_once_and_clashes_with_nothing_of_pythons_logging() -> None:
    assert len({it.name for it in METRICS}) == len(METRICS)
    assert set(Key) & vars(logging.makeLogRecord({})).keys() == set()


def test_every_metric_of_the_terraform_module_is_one_of_ours() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "infra" / "terraform").glob("*.tf")]
    named = {name for text in texts for name in re.findall(r'var\.metrics_namespace, "(\w+)"', text)}
    assert named <= {it.name for it in METRICS}
