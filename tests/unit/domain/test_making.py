"""A quick constructor and a quick change are those of ``dataclasses``, only faster."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Any

import pytest

from core.domain.changing import changed
from core.domain.making import quick


@dataclass(frozen=True, slots=True, order=True)
class Plain:
    """What dataclasses make."""

    name: str
    count: int = 3
    sum: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Set what follows from the rest."""
        object.__setattr__(self, "sum", self.count + len(self.name))


@quick
@dataclass(frozen=True, slots=True, order=True)
class Quick:
    """The same, made quickly."""

    name: str
    count: int = 3
    sum: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Set what follows from the rest."""
        object.__setattr__(self, "sum", self.count + len(self.name))


@quick
@dataclass(frozen=True, slots=True)
class Row:
    """A row of plain fields."""

    name: str
    count: int = 3
    note: str | None = None


def test_the_signature_is_the_one_that_dataclasses_generate() -> None:
    assert inspect.signature(Quick) == inspect.signature(Plain)


def test_what_is_made_is_of_the_frozen_class_and_complete() -> None:
    row = Quick("abc", count=4)

    assert type(row) is Quick
    assert (row.name, row.count, row.sum) == ("abc", 4, 7)
    assert row == Quick("abc", 4)
    assert hash(row) == hash(Quick("abc", 4))
    assert Quick("abc") < row


def test_what_is_made_cannot_be_changed() -> None:
    row: Any = Row("abc")

    with pytest.raises(FrozenInstanceError):
        row.name = "other"
    with pytest.raises(FrozenInstanceError):
        del row.name
    with pytest.raises((AttributeError, TypeError)):
        row.stray = 1


@pytest.mark.parametrize(("given", "named"), [((), {}), (("a", 1, None, 5), {}), (("a",), {"stray": 1})])
def test_a_missing_or_stray_value_is_refused(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Row(*given, **named)


def test_a_default_factory_is_refused_for_it_would_not_be_called() -> None:
    @dataclass(frozen=True, slots=True)
    class Odd:
        """Has a factory."""

        names: list[str] = field(default_factory=list)

    with pytest.raises(TypeError, match="Odd"):
        quick(Odd)


def test_a_changed_row_is_the_one_that_replace_returns() -> None:
    row = Row("abc", note="n")

    assert changed(row, count=9, note=None) == replace(row, count=9, note=None)
    assert changed(row) == row
    assert row == Row("abc", 3, "n")


def test_a_change_of_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError, match="stray"):
        changed(Row("abc"), stray=1)
