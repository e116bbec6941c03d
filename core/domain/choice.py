"""One of a fixed set: enumerations whose members are texts."""

from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING


class Choice(StrEnum):
    """A ``StrEnum`` whose ``value`` is read without running Python code, thirty times for each action."""

    if not TYPE_CHECKING:
        value = property(attrgetter("_value_"))
