"""Mutants of the protocol: each lacks one clause of design section 3, and the simulation must catch each."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """A clause, and the source without it."""

    clause: str
    file: str
    old: str
    new: str
    scenarios: str
    strikes: tuple[str, ...]
    by_steps: bool = False
    by_target: bool = False


def read() -> tuple[Mutant, ...]:
    """Return the mutants of ``mutants.toml``."""
    text = Path(__file__).with_name("mutants.toml").read_text()
    return tuple(Mutant(**{**row, "strikes": tuple(row["strikes"])}) for row in tomllib.loads(text)["mutant"])


MUTANTS = read()
