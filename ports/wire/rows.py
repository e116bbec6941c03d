"""The stored JSON form of domain rows: what the dataclasses say, field by field, and nothing written by hand.

A row of an older version lacks the newer fields, so every field added to a stored dataclass needs a default.
"""

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

    def __init__(self, type_: type[T]) -> None:
        """Keep the type; its adapter is built when the first row of it is seen."""
        self._type = type_

    def dump(self, row: T) -> str:
        """Return the row as JSON text."""
        return self._adapter.serializer.to_json(row).decode()

    def parse(self, text: str) -> T:
        """Return the row that a text holds.

        Raises:
            StoreUnavailableError: this version cannot read it, so nothing may be decided on it.
        """
        try:
            return self._adapter.validate_json(text)
        except ValidationError as fault:
            name = self._type.__name__
            raise StoreUnavailableError(f"A stored {name} cannot be read by this version of actonce.") from fault

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._type)


ATTEMPT = RowForm(Attempt)
EFFECT = RowForm(Effect)
OUTCOME = RowForm(Outcome)
SIGNAL = RowForm(Signal)
REFUSAL = RowForm(Refusal)
REGISTRY_ENTRY = RowForm(RegistryEntry)
