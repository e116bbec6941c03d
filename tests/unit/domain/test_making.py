"""What is quickly made, and a quick change, are those of ``dataclasses``, only faster."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import pickle
import pkgutil
from dataclasses import FrozenInstanceError, field, replace
from types import ModuleType
from typing import Any, ClassVar

import pytest

import adapters
import core
import entrypoints
import ports
from core.domain.changing import changed
from core.domain.making import dataclass


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Plain:
    """What dataclasses make."""

    name: str
    count: int = 3
    sum: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Set what follows from the rest."""
        object.__setattr__(self, "sum", self.count + len(self.name))


@dataclass(frozen=True, slots=True, order=True)
class Quick:
    """The same, made quickly."""

    name: str
    count: int = 3
    sum: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Set what follows from the rest."""
        object.__setattr__(self, "sum", self.count + len(self.name))


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


@dataclass(frozen=True, slots=True)
class Listing:
    """Has a factory, and a field that is neither compared nor shown."""

    names: list[str] = field(default_factory=list)
    note: str = field(default="n", compare=False, repr=False)


def test_a_default_factory_is_called_for_each_row_that_is_given_no_value() -> None:
    first, second = Listing(), Listing()
    assert first.names == []
    assert first.names is not second.names
    assert Listing(["a"]).names == ["a"]


def test_a_field_can_be_left_out_of_comparing_and_showing() -> None:
    assert Listing(note="one") == Listing(note="other")
    assert repr(Listing(note="one")) == "Listing(names=[])"


def test_it_compares_hashes_and_shows_as_what_dataclasses_make() -> None:
    one, other = Quick("abc"), Plain("abc")
    assert repr(one) == repr(other).replace("Plain", "Quick")
    assert hash(one) == hash(other)
    assert one != Quick("abd")
    assert one != object()
    assert one.__eq__(other) is NotImplemented
    assert [Quick("b"), Quick("a", 9), Quick("a")] > [Quick("a")]
    assert sorted([Quick("b"), Quick("a", 9), Quick("a")]) == [Quick("a"), Quick("a", 9), Quick("b")]
    assert Quick("a") <= Quick("a") < Quick("b") >= Quick("a")
    assert Quick.__match_args__ == Plain.__match_args__
    assert dataclasses.asdict(one) == dataclasses.asdict(other)


def test_it_is_copied_and_pickled_whole() -> None:
    row = Quick("abc", 4)
    assert [copy.copy(row), copy.deepcopy(row), pickle.loads(pickle.dumps(row))] == [row] * 3


def test_what_is_not_frozen_or_not_slotted_is_no_row() -> None:
    with pytest.raises(TypeError):
        dataclass(frozen=False, slots=True)
    with pytest.raises(TypeError):
        dataclass(frozen=True, slots=False)


def test_a_changed_row_is_the_one_that_replace_returns() -> None:
    row = Row("abc", note="n")

    assert changed(row, count=9, note=None) == replace(row, count=9, note=None)
    assert changed(row) == row
    assert row == Row("abc", 3, "n")


def test_a_change_of_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError, match="stray"):
        changed(Row("abc"), stray=1)


def test_its_fields_are_those_that_dataclasses_find() -> None:
    def told(made: type[Any]) -> list[tuple[object, ...]]:
        return [(it.name, it.type, it.default, it.init, it.repr, it.compare) for it in dataclasses.fields(made)]

    assert dataclasses.is_dataclass(Listing)
    assert told(Quick) == told(Plain)


def test_a_row_has_only_fields_and_inherits_from_nothing() -> None:
    class Base:
        """Something to inherit from."""

    with pytest.raises(TypeError, match="inherits"):

        @dataclass(frozen=True, slots=True)
        class _Heir(Base):
            name: str

    @dataclass(frozen=True, slots=True)
    class Mixed:
        name: str
        kind: ClassVar[str] = "a"

    with pytest.raises(TypeError, match="annotations"):
        Mixed("a")

    with pytest.raises(TypeError, match="no other fields"):

        @dataclass(frozen=True, slots=True)
        class _Stray:
            name: str
            count = field(default=1)


def test_whoever_asks_first_finds_the_fields_of_the_row_itself() -> None:
    @dataclass(frozen=True, slots=True)
    class Row:
        name: str

    class Heir(Row):
        __slots__ = ()

    assert [it.name for it in dataclasses.fields(Heir)] == ["name"]
    assert Heir("a").name == "a"
    assert Row("a") == Row("a")


@pytest.mark.parametrize("package", [adapters, core, entrypoints, ports], ids=lambda it: it.__name__)
def test_every_row_can_be_made(package: ModuleType) -> None:
    """What is wrong with one would be found when the first is made, which may be after a write."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.endswith("__main__"):
            continue
        for made in vars(importlib.import_module(found.name)).values():
            if isinstance(made, type) and made.__module__ == found.name and dataclasses.is_dataclass(made):
                names = [it.name for it in dataclasses.fields(made) if it.init]
                assert list(inspect.signature(made).parameters) == names
