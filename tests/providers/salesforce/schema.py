"""The objects of the fake organisation: their fields, ids and rules, from the vendor's object reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

KEY, REF = "ActonceKey__c", "ActonceRef__c"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIXES = {"Account": "001", "Contact": "003", "Lead": "00Q", "Opportunity": "006", "Task": "00T"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field, with the properties that describe tells."""

    name: str
    type: str = "string"
    length: int = 255
    required: bool = False
    values: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    external_id: bool = False
    unique: bool = False
    filterable: bool = True
    writable: bool = True

    def described(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.type,
            "length": self.length if self.type in {"string", "textarea", "picklist"} else 0,
            "nillable": not self.required,
            "externalId": self.external_id,
            "unique": self.unique,
            "idLookup": self.external_id or self.name == "Id",
            "filterable": self.filterable,
            "createable": self.writable,
            "updateable": self.writable,
            "referenceTo": list(self.to),
            "picklistValues": [{"value": it, "active": True} for it in self.values],
            "restrictedPicklist": bool(self.values),
        }


SYSTEM = (
    Field("Id", "id", writable=False),
    Field("IsDeleted", "boolean", writable=False),
    Field("CreatedDate", "datetime", writable=False),
    Field("LastModifiedDate", "datetime", writable=False),
    Field("SystemModstamp", "datetime", writable=False),
)
_ACCOUNT = (
    Field("Name", required=True),
    Field("Website"),
    Field("Industry", "picklist", values=("Energy", "Finance", "Retail")),
    Field("AnnualRevenue", "currency"),
    Field("NumberOfEmployees", "int"),
    Field("Description", "textarea", 32_000, filterable=False),
)
_TASK = (
    Field("Subject", "string"),
    Field("Priority", "picklist", values=("High", "Normal", "Low")),
    Field("Description", "textarea", 32_000, filterable=False),
    Field("WhoId", "reference", to=("Contact", "Lead")),
    Field("WhatId", "reference", to=("Account", "Opportunity")),
)
_OPPORTUNITY = (
    Field("Name", length=120, required=True),
    Field("StageName", "picklist", required=True, values=("Prospecting", "Qualification", "Closed Won", "Closed Lost")),
    Field("CloseDate", "date", required=True),
    Field("Amount", "currency"),
    Field("AccountId", "reference", to=("Account",)),
)


def schema_of(external_id: str) -> Mapping[str, Mapping[str, Field]]:
    """Return the objects. ``external_id``: unique, plain (no two records are kept apart) or none."""
    key = replace(Field(KEY), external_id=True, unique=external_id == "unique")
    keys = () if external_id == "none" else (key,)
    objects = {
        "Account": _ACCOUNT,
        "Contact": (Field("LastName", required=True),),
        "Lead": (Field("LastName", required=True), Field("Company", required=True)),
        "Opportunity": (*_OPPORTUNITY, *keys, Field(REF)),
        "Task": (*_TASK, *keys, Field(REF)),
    }
    return {name: {it.name: it for it in (*SYSTEM, *fields)} for name, fields in objects.items()}


def id_of(object_type: str, number: int) -> str:
    """Return the 18-character id of the record with this number."""
    digits = ""
    for _ in range(12):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return long_id(PREFIXES[object_type] + digits)


def long_id(short: str) -> str:
    """Return an id of 15 characters with the three that check its case."""
    parts = [short[start : start + 5] for start in range(0, 15, 5)]
    return short + "".join(_SUFFIX[sum(1 << place for place, it in enumerate(part) if it.isupper())] for part in parts)


def known_id(text: str) -> str | None:
    """Return the 18-character form of an id, None where it is malformed."""
    if not text.isascii() or not text.isalnum() or len(text) not in {15, 18}:
        return None
    full = long_id(text[:15])
    return full if len(text) == 15 or text == full else None
