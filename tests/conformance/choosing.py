"""Which subjects the suite runs on: the one that is named, or all that lie in ``subjects``."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from pathlib import Path

from tests.conformance.subject import Subject

VARIABLE = "SUBJECT"
FOLDER = Path(__file__).parent / "subjects"


def named(name: str) -> Subject:
    """Return the attribute of a module, ``module:attribute``; a ValueError says what is wrong with the name."""
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        raise ValueError(f"{VARIABLE} is module:attribute, not {name!r}")
    subject: Subject = getattr(importlib.import_module(module), attribute)
    return subject


def chosen() -> Sequence[Subject]:
    if name := os.environ.get(VARIABLE):
        return [named(name)]
    modules = sorted(file.stem for file in FOLDER.glob("*.py") if file.name != "__init__.py")
    return [named(f"tests.conformance.subjects.{module}:SUBJECT") for module in modules]
