"""The simulation is itself tested: whoever takes one clause out of the protocol is caught."""

from pathlib import Path

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.nursery import breed, hunt


@pytest.mark.parametrize("number", range(len(MUTANTS)), ids=[it.clause.replace(" ", "-") for it in MUTANTS])
def test_a_protocol_without_this_clause_is_caught(number: int, tmp_path: Path) -> None:
    breed(number, tmp_path)
    code, told, trouble = hunt(number, tmp_path)
    assert "replay" in told, f"survived: {MUTANTS[number].clause}\n{told}\n{trouble}"
    assert code == 0, trouble


def test_the_unchanged_protocol_is_not_hunted_down(tmp_path: Path) -> None:
    """The harness itself finds nothing where nothing is missing, so what it finds is the mutation."""
    breed(0, tmp_path)
    mutant = MUTANTS[0]
    file = tmp_path / mutant.file
    file.write_text(file.read_text().replace(mutant.new, mutant.old, 1))
    code, told, trouble = hunt(0, tmp_path, limit=600)
    assert (code, told) == (1, "SURVIVED"), trouble
