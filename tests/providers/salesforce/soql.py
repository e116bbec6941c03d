"""As much of SOQL as is needed: SELECT fields FROM object WHERE field = 'literal' LIMIT number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.providers.salesforce.words import Refusal

_QUERY = re.compile(
    r"\s*SELECT\s+(?P<columns>\w+(?:\s*,\s*\w+)*)\s+FROM\s+(?P<object>\w+)"
    r"(?:\s+WHERE\s+(?P<field>\w+)\s*=\s*'(?P<literal>(?:[^'\\]|\\.)*)')?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPELLED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"'}


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood."""

    columns: tuple[str, ...]
    object_type: str
    field: str | None
    value: str
    limit: int


def parsed(text: str) -> Query:
    found = _QUERY.fullmatch(text)
    if found is None:
        raise Refusal(400, "MALFORMED_QUERY", "unexpected token")
    columns = tuple(re.split(r"\s*,\s*", found["columns"]))
    if len({it.lower() for it in columns}) != len(columns):
        raise Refusal(400, "INVALID_FIELD", "duplicate field selected")
    return Query(columns, found["object"], found["field"], _plain(found["literal"] or ""), int(found["limit"] or 2_000))


def _plain(literal: str) -> str:
    def spelled(escape: re.Match[str]) -> str:
        if escape[1] not in _SPELLED:
            raise Refusal(400, "MALFORMED_QUERY", f"Illegal character sequence '\\{escape[1]}' in string literal")
        return _SPELLED[escape[1]]

    return _ESCAPED.sub(spelled, literal)
