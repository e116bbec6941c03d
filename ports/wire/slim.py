"""Rows whose text leaves out what stands beside it: in keys, in attributes, or nowhere because it is the default.

What is left out because it is the default is given back by the default, so the default of a stored field never
changes; a test pins them.
"""

import json
from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from ports.wire.rows import RowForm

T = TypeVar("T")
LeftOut = Mapping[str, "LeftOut | bool"]


class SlimForm(RowForm[T]):
    """How one type of row is written without some of its fields, and read with them given beside."""

    def __init__(self, type_: type[T], left_out: LeftOut, *, decides: bool = False) -> None:
        """Keep the type and the names that are left out: a name with True, or a field with names of its own."""
        super().__init__(type_, decides=decides)
        self._left_out = dict(left_out)

    def dump(self, row: T) -> str:
        """Return the row as JSON text, without what is left out."""
        return self._adapter.serializer.to_json(row, exclude=self._left_out, exclude_defaults=True).decode()

    def read(self, text: str) -> dict[str, object]:
        """Return what a text says, which is not a row yet.

        Raises:
            StoreUnavailableError: it is not of this version.
        """
        try:
            document = json.loads(text)
        except ValueError as fault:
            raise self._unreadable() from fault
        if not isinstance(document, dict):
            raise self._unreadable()
        return document

    def joined(self, document: dict[str, object], beside: Mapping[str, object]) -> T:
        """Return the row that a document and what stands beside it make together.

        Raises:
            StoreUnavailableError: this version cannot read it, so nothing may be decided on it.
        """
        try:
            row = self._adapter.validate_python(_merged(document, beside))
        except ValidationError as fault:
            raise self._unreadable() from fault
        if self._decides:
            self._check_known(document, row)
        return row

    def join(self, text: str, beside: Mapping[str, object]) -> T:
        """Return the row that a text and what stands beside it make together; raises as ``joined`` does."""
        return self.joined(self.read(text), beside)


def _merged(document: Mapping[str, object], beside: Mapping[str, object]) -> dict[str, object]:
    whole = dict(document)
    for name, value in beside.items():
        inner = whole.get(name)
        whole[name] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return whole
