"""What DynamoDB charges for a write, from the sizes of items as its documentation defines them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from adapters.aws.schema import TABLES, Index, Table

KILOBYTE = 1_024
TRANSACTIONAL = 2
"""A transaction writes every item twice: to prepare and to commit. Its indexes are written once, afterwards."""

Item = Mapping[str, Any]
BY_NAME = {table.name: table for table in TABLES}


def size(item: Item) -> int:
    """Bytes of an item: names and values in UTF-8."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def units(item: Item) -> int:
    """Write units of one plain write."""
    return max(1, math.ceil(size(item) / KILOBYTE))


def index_units(table: Table, before: Item | None, after: Item | None) -> int:
    """Write units of every index of a table, when an item becomes another one."""
    return sum(_one_index(table, index, before, after) for index in table.indexes)


def _one_index(table: Table, index: Index, before: Item | None, after: Item | None) -> int:
    names = [table.hash_key, *([table.range_key] if table.range_key else []), index.hash_key, index.range_key]
    old, new = _projected(index, names, before), _projected(index, names, after)
    if old == new:
        return 0
    # A changed key is a removal and a put.
    return sum(units(it) for it in (old, new) if it is not None)


def _projected(index: Index, names: list[str], item: Item | None) -> Item | None:
    if item is None or index.hash_key not in item or index.range_key not in item:
        return None
    return {name: item[name] for name in dict.fromkeys(names)}


def _size(value: Mapping[str, Any]) -> int:
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return len(inner.encode())
        case "N":
            return math.ceil(len(inner.lstrip("-").replace(".", "")) / 2) + 2
        case "B":
            return len(inner)
        case "BOOL" | "NULL":
            return 1
        case "M":
            return 3 + sum(1 + len(name.encode()) + _size(it) for name, it in inner.items())
        case "L":
            return 3 + sum(1 + _size(it) for it in inner)
        case _:
            raise LookupError(f"no size for {kind}")
