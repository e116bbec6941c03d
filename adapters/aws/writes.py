"""What is written into DynamoDB: attributes, conditions, writes, and what a refused write tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from core.domain.making import dataclass

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]
else:
    Item = dict


def text(value: str) -> AttributeValueTypeDef:
    """Return a text attribute."""
    return {"S": value}


def number(value: int) -> AttributeValueTypeDef:
    """Return a number attribute."""
    return {"N": str(value)}


@dataclass(frozen=True, slots=True)
class Condition:
    """When a write is allowed. ``names`` are aliases of attributes, for many of their names are reserved words."""

    expression: str
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, AttributeValueTypeDef] = field(default_factory=dict)


ABSENT = Condition("attribute_not_exists(pk)")


@dataclass(frozen=True, slots=True)
class Write:
    """One put of a transaction, and the condition on the row that is there."""

    table: str
    item: Item
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """One update of a transaction, of a row that need not be there yet."""

    table: str
    key: Item
    expression: str
    names: Mapping[str, str]
    values: Mapping[str, AttributeValueTypeDef]


class ConditionFailedError(Exception):
    """The condition of a write did not hold; carries the row as it is, None where there is none."""

    def __init__(self, existing: Item | None) -> None:
        """Keep the row."""
        super().__init__("The condition did not hold.")
        self.existing = existing


class CancelledError(Exception):
    """Conditions of a transaction did not hold: the rows as they are, by the place of their write."""

    def __init__(self, failed: Mapping[int, Item | None]) -> None:
        """Keep the rows."""
        super().__init__("A condition of the transaction did not hold.")
        self.failed = failed
