"""The stored JSON form of domain rows: what the dataclasses say, field by field, and nothing written by hand.

A row of an older version lacks the newer fields, so every field added to a stored dataclass needs a default. A row of a
newer version is refused where its fields decide something: a release that writes a new field follows one that reads it.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from core.domain.attempt import Attempt
from core.domain.effect import Effect
from core.domain.errors import StoreUnavailableError
from core.domain.execution import Refusal
from core.domain.outcome import Outcome
from core.domain.registry import RegistryEntry
from core.domain.signal import Signal

T = TypeVar("T")


class RowForm(Generic[T]):
    """How one type of row is written and read."""

    def __init__(self, type_: type[T], *, decides: bool = False) -> None:
        """Keep the type; its adapter is built when the first row of it is seen.

        ``decides``: what is sent rests on such a row, so a field that only a newer version knows makes it unreadable.
        """
        self._type = type_
        self._decides = decides

    def dump(self, row: T) -> str:
        """Return the row as JSON text."""
        return self._adapter.serializer.to_json(row).decode()

    def parse(self, text: str) -> T:
        """Return the row that a text holds.

        Raises:
            StoreUnavailableError: this version cannot read it, so nothing may be decided on it.
        """
        try:
            row = self._adapter.validate_json(text)
        except ValidationError as fault:
            raise self._unreadable() from fault
        if self._decides:
            self._check_known(json.loads(text), row)
        return row

    def _check_known(self, document: object, row: T) -> None:
        """Refuse what would be dropped, and be gone with the next write: it may be why nothing may be sent."""
        if _has_more(document, self._adapter.dump_python(row, mode="json")):
            raise self._unreadable()

    def _unreadable(self) -> StoreUnavailableError:
        return StoreUnavailableError(f"A stored {self._type.__name__} cannot be read by this version of actonce.")

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._type)


def _has_more(document: object, known: object) -> bool:
    if isinstance(document, Mapping) and isinstance(known, Mapping):
        return any(name not in known or _has_more(value, known[name]) for name, value in document.items())
    if isinstance(document, list) and isinstance(known, list):
        return any(_has_more(*pair) for pair in zip(document, known, strict=False))
    return False


ATTEMPT = RowForm(Attempt, decides=True)
EFFECT = RowForm(Effect, decides=True)
OUTCOME = RowForm(Outcome)
SIGNAL = RowForm(Signal)
REFUSAL = RowForm(Refusal)
REGISTRY_ENTRY = RowForm(RegistryEntry)
