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


KINDS = ("by_steps", "by_target")


@pytest.mark.parametrize("number", [0, *(next(at for at, it in enumerate(MUTANTS) if getattr(it, by)) for by in KINDS)])
def test_the_unchanged_protocol_is_not_hunted_down(number: int, tmp_path: Path) -> None:
    """The harness itself finds nothing where nothing is missing, so what it finds is the mutation."""
    breed(number, tmp_path)
    mutant = MUTANTS[number]
    file = tmp_path / mutant.file
    file.write_text(file.read_text().replace(mutant.new, mutant.old, 1))
    code, told, trouble = hunt(number, tmp_path, limit=600)
    assert (code, told) == (1, "SURVIVED"), trouble
