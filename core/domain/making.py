"""Frozen rows that are quickly defined and quickly made.

``dataclass`` stands for that of ``dataclasses`` with ``frozen=True, slots=True``. To define a class costs a fraction:
the standard one compiles seven functions for each and looks at every field, this one compiles one when the first row
is made, and leaves the fields to whoever first asks for them; a Lambda function defines all classes before its first
action. To make a row takes a fifth of the time, for the standard constructor passes every field through
``object.__setattr__``.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

NOT_TAKEN = ("__dict__", "__weakref__")

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - what type checkers know by this name
else:

    def dataclass(*, frozen, slots, order=False):
        """Return the decorator of a frozen, slotted row; see ``dataclasses.dataclass``.

        Raises:
            TypeError: it is asked for anything else.
        """
        if not (frozen and slots):
            raise TypeError("A row is frozen and slotted.")
        return lambda cls: _row(cls, order=order)


def _row(cls: type[T], *, order: bool) -> type[T]:
    """Return the class anew, with slots. What ``dataclasses`` say of its fields is found out by whoever asks first."""
    if type(cls) is not type or cls.__bases__ != (object,):
        raise TypeError("A row inherits from nothing.")
    own = {name: it for name, it in vars(cls).items() if name not in NOT_TAKEN}
    annotations = cls.__annotations__
    given = {name: own.pop(name) for name in annotations if name in own}
    if "__slots__" in own or any(isinstance(it, Field) for it in own.values()):
        raise TypeError("A row has slots for its annotations, and no other fields.")
    told = {name: it for name, it in given.items() if isinstance(it, Field)}
    values = _values(tuple(it for it in annotations if it not in told or told[it].compare))
    for method in (_equality(values), _hash(values), *(_order(values) if order else ())):
        if own.get(method.__name__) is None:
            own[method.__name__] = method
    own.setdefault("__repr__", _shown)
    own |= {
        "__qualname__": cls.__qualname__,
        "__slots__": tuple(annotations),
        "__match_args__": tuple(it for it in annotations if it not in told or told[it].init),
        "__dataclass_fields__": _FieldsToBe(given),
        "__init__": _ConstructorToBe(),
        "__reduce__": _reduced,
        "__setattr__": _refuse_setting,
        "__delattr__": _refuse_deleting,
    }
    return type(cls.__name__, (), own)


class _FieldsToBe:
    """What becomes ``__dataclass_fields__``: only of rows that are made, shown or copied is it asked."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given

    def __set_name__(self, row: type[Any], name: str) -> None:
        self._row = row

    def __get__(self, made: object, asked: type[Any]) -> dict[str, "Field[Any]"]:
        owner = self._row
        annotations = owner.__annotations__
        told = {"__module__": owner.__module__, "__doc__": owner.__doc__ or "A row.", "__annotations__": annotations}
        twin: type[Any] = type(owner.__name__, (), told | self._given)
        looked_at: type[Any] = dataclasses.dataclass(init=False, repr=False, eq=False)(twin)
        fields = {it.name: it for it in dataclasses.fields(looked_at)}
        if fields.keys() != annotations.keys():
            raise TypeError(f"{owner.__qualname__} is a row, whose annotations are fields and nothing else.")
        owner.__dataclass_fields__ = fields
        return fields


class _ConstructorToBe:
    """What becomes ``__init__`` when somebody first asks for it: a process defines far more rows than it makes."""

    def __set_name__(self, row: type[Any], name: str) -> None:
        self._row = row

    def __get__(self, made: object, asked: type[Any]) -> Callable[..., None]:
        constructor = self._row.__init__ = _constructor(self._row, dataclasses.fields(self._row))
        bound: Callable[..., None] = constructor.__get__(made, asked)
        return bound


def _constructor(cls: type[Any], fields: tuple["dataclasses.Field[Any]", ...]) -> Callable[..., None]:
    """Return ``__init__``. A row is born as an open twin of its class, and takes its frozen class once it is filled."""
    given = [it for it in fields if it.init]
    open_twin = type(cls.__name__, (), {"__slots__": cls.__slots__})
    scope: dict[str, Any] = {"become": object.__setattr__, "open_twin": open_twin, "frozen": cls, "MISSING": MISSING}
    parameters, lines = [], ["    become(self, '__class__', open_twin)"]
    for it in given:
        has_factory = it.default_factory is not MISSING
        has_default = has_factory or it.default is not MISSING
        scope[f"default_{it.name}"] = it.default
        scope[f"factory_{it.name}"] = it.default_factory
        parameters.append(f"{it.name}=default_{it.name}" if has_default else it.name)
        value = f"factory_{it.name}() if {it.name} is MISSING else {it.name}" if has_factory else it.name
        lines.append(f"    self.{it.name} = {value}")
    ending = ["    self.__class__ = frozen", *(["    self.__post_init__()"] if hasattr(cls, "__post_init__") else [])]
    exec("\n".join([f"def __init__(self, {', '.join(parameters)}):", *lines, *ending]), scope)  # noqa: S102 - of names
    made: Callable[..., None] = scope["__init__"]
    made.__annotations__ = {**{it.name: it.type for it in given}, "return": None}
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _values(names: tuple[str, ...]) -> Callable[[Any], Any]:
    """Return what takes a row's values, as something that compares and hashes as their tuple does."""
    return attrgetter(*names) if names else lambda _: ()


def _equality(values: Callable[[Any], Any]) -> Callable[[Any, object], Any]:
    def __eq__(self: Any, other: object) -> Any:  # noqa: ANN401, N807
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _hash(values: Callable[[Any], Any]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:  # noqa: ANN401, N807
        return hash(values(self))

    return __hash__


def _order(values: Callable[[Any], Any]) -> tuple[Callable[[Any, object], Any], ...]:
    def __lt__(self: Any, other: object) -> Any:  # noqa: ANN401, N807
        return values(self) < values(other) if other.__class__ is self.__class__ else NotImplemented

    def __le__(self: Any, other: object) -> Any:  # noqa: ANN401, N807
        return values(self) <= values(other) if other.__class__ is self.__class__ else NotImplemented

    # What is asked for as greater, Python asks of the other one.
    return __lt__, __le__


def _shown(self: Any) -> str:  # noqa: ANN401 - any row
    shown = ", ".join(f"{it.name}={getattr(self, it.name)!r}" for it in dataclasses.fields(self) if it.repr)
    return f"{type(self).__qualname__}({shown})"


def _reduced(self: Any) -> tuple[type[Any], tuple[Any, ...]]:  # noqa: ANN401 - any row
    """Say how it is copied and pickled: made anew."""
    return type(self), tuple(getattr(self, it.name) for it in dataclasses.fields(self) if it.init)


def _refuse_setting(self: Any, name: str, value: object) -> None:  # noqa: ANN401, ARG001
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(self: Any, name: str) -> None:  # noqa: ANN401, ARG001
    raise FrozenInstanceError(f"cannot delete field {name!r}")
