"""Naming what is made, so that its module is imported by whoever makes it first, and by nobody who never does.

A function starts by importing all that it may use; most of what the wiring knows of, most functions never make. The
types stand beside the names, for the type checker and for the linter of layers.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def late(place: str) -> Callable[..., Any]:
    """Return what makes the thing at a place, such as ``core.usecases.start.Start``."""

    def made(*given: object, **named: object) -> object:
        return found(place)(*given, **named)

    return made


def found(place: str) -> Any:  # noqa: ANN401 - whatever stands there; its type is named by whoever asks
    """Return what stands at a place.

    Raises:
        ImportError: there is no such module.
        AttributeError: it holds no such name.
    """
    module, _, name = place.rpartition(".")
    return getattr(import_module(module), name)
