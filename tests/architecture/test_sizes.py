from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import (
    EVERYTHING,
    PACKAGES,
    imported_names,
    is_within,
    name_of,
    parsed,
    python_files,
)

MOST_LINES_IN_A_FILE = 300
MOST_LINES_IN_A_FUNCTION = 60
NAMES_THAT_SAY_NOTHING = {"common", "helper", "helpers", "misc", "util", "utils"}
TESTS_WITHOUT_MOCKS = ("tests/contract", "tests/simulation", "tests/unit")
MOCKING = frozenset({"mock", "pytest_mock", "unittest.mock"})


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_every_package_is_looked_at() -> None:
    assert all(python_files(package) for package in PACKAGES)


def test_a_file_has_at_most_300_lines() -> None:
    sizes = {name_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in python_files(*EVERYTHING)}

    assert {name: size for name, size in sizes.items() if size > MOST_LINES_IN_A_FILE} == {}


def test_a_function_has_at_most_60_lines() -> None:
    sizes = {
        f"{name_of(file)}:{function.lineno} {function.name}": function.end_lineno - function.lineno + 1
        for file in python_files(*EVERYTHING)
        for function in functions(file)
        if function.end_lineno is not None
    }

    assert {name: size for name, size in sizes.items() if size > MOST_LINES_IN_A_FUNCTION} == {}


def test_init_is_empty() -> None:
    assert [
        name_of(file) for file in python_files(*EVERYTHING) if file.name == "__init__.py" and file.stat().st_size
    ] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [
        name_of(file) for file in python_files(*EVERYTHING) if NAMES_THAT_SAY_NOTHING & {file.stem, file.parent.name}
    ] == []


def test_no_unit_contract_or_simulation_test_uses_a_mock() -> None:
    assert [
        f"{name_of(file)}:{line} {name}"
        for file in python_files(*TESTS_WITHOUT_MOCKS)
        for line, name in imported_names(file)
        if is_within(name, MOCKING)
    ] == []


def test_no_unit_contract_or_simulation_test_patches_an_attribute() -> None:
    assert [
        f"{name_of(file)}:{node.lineno} {ast.unparse(node)}"
        for file in python_files(*TESTS_WITHOUT_MOCKS)
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id == "mocker" or (node.value.id, node.attr) == ("monkeypatch", "setattr"))
    ] == []
