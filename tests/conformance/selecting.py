"""Which tools and which faults a test of the suite is about."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from core.domain.contract import LOOKED_UP
from tests.conformance.subject import Case, Fault, Kind

Test = TypeVar("Test", bound=Callable[..., object])


def about(selects: Callable[[Case], bool], faults: Collection[Fault] | None = None) -> Callable[[Test], Test]:
    """Run a test on the cases that are selected, and with these faults alone."""

    def marked(test: Test) -> Test:
        test.selects = selects  # type: ignore[attr-defined]
        if faults is not None:
            test.faults = frozenset(faults)  # type: ignore[attr-defined]
        return test

    return marked


def is_write(case: Case) -> bool:
    return case.kind is not Kind.READ


def is_looked_up(case: Case) -> bool:
    return is_write(case) and case.terms.contract in LOOKED_UP


def can(*faults: Fault) -> Callable[[Case], bool]:
    """Select cases whose fake can do all of these."""
    return lambda case: case.faults.issuperset(faults)


def both(*selects: Callable[[Case], bool]) -> Callable[[Case], bool]:
    """Select cases that all of these select."""
    return lambda case: all(one(case) for one in selects)
