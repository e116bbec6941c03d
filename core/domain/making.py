"""Making frozen rows quickly: most of what this system does in memory is to make them."""

from dataclasses import MISSING, fields
from typing import Any, TypeVar

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """Give a frozen, slotted dataclass a constructor that takes a fifth of the time, with the same signature.

    The generated one passes every field through ``object.__setattr__``, for the class itself forbids setting. Here a
    row is born as an open twin of its class, with the same slots, and takes its own frozen class once it is filled.

    Raises:
        TypeError: a field has a default factory, which this constructor does not call.
    """
    if any(it.default_factory is not MISSING for it in fields(cls)):  # type: ignore[arg-type]
        raise TypeError(f"{cls.__name__} has a default factory.")
    names = [it.name for it in fields(cls) if it.init]  # type: ignore[arg-type]
    lines = [
        f"def __init__(self, {', '.join(names)}):",
        "    become(self, '__class__', open_twin)",
        *(f"    self.{name} = {name}" for name in names),
        "    self.__class__ = frozen",
        *(["    self.__post_init__()"] if hasattr(cls, "__post_init__") else []),
    ]
    open_twin = type(cls.__name__, (), {"__slots__": cls.__slots__})  # type: ignore[attr-defined]
    scope: dict[str, Any] = {"become": object.__setattr__, "open_twin": open_twin, "frozen": cls}
    exec("\n".join(lines), scope)  # noqa: S102 - made of field names, as dataclasses makes its own
    made, generated = scope["__init__"], cls.__init__
    made.__defaults__ = generated.__defaults__
    made.__annotations__ = generated.__annotations__
    made.__qualname__ = generated.__qualname__
    cls.__init__ = made  # type: ignore[method-assign]
    return cls
