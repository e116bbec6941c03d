"""What the fake accepts in a record, strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.providers.salesforce.schema import PREFIXES, Field, known_id
from tests.providers.salesforce.words import Refusal, no_column

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
IsThere = Callable[[str, str], bool]


def accepted(object_type: str, schema: Mapping[str, Field], body: Any, is_there: IsThere) -> dict[str, Any]:  # noqa: ANN401
    """Return the fields as they are kept; a Refusal says what is wrong."""
    if not isinstance(body, dict):
        raise Refusal(400, "JSON_PARSER_ERROR", "Unexpected character in the request body.")
    by_lower = {name.lower(): field for name, field in schema.items()}
    fields: dict[str, Any] = {}
    for name, value in body.items():
        field = by_lower.get(name.lower())
        if field is None:
            raise no_column(name, object_type)
        if not field.writable:
            message = f"Unable to create/update fields: {field.name}. Please check the security settings."
            raise Refusal(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, field.name)
        fields[field.name] = _value(field, value, is_there)
    return fields


def complete(schema: Mapping[str, Field], record: Mapping[str, Any]) -> None:
    """Refuse a record that lacks something or breaks a rule of the organisation."""
    missing = [it.name for it in schema.values() if it.required and record.get(it.name) is None]
    if missing:
        raise Refusal(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: {missing}", *missing)
    who, what = record.get("WhoId"), record.get("WhatId")
    if who is not None and what is not None and str(who).startswith(PREFIXES["Lead"]):
        raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", "Related To ID: cannot specify WhatId with a lead", "WhatId")
    if (record.get("Amount") or 0) < 0:
        raise Refusal(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "An amount is not below zero.", "Amount")


def _value(field: Field, value: Any, is_there: IsThere) -> Any:  # noqa: ANN401
    if value is None:
        return None
    match field.type:
        case "string" | "textarea" | "picklist":
            return _text(field, value)
        case "currency" | "int":
            return _number(field, value)
        case "date":
            if not isinstance(value, str) or not _DATE.fullmatch(value):
                raise Refusal(400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of date from {value!r}")
            return value
        case _:
            return _reference(field, value, is_there)


def _text(field: Field, value: Any) -> str | None:  # noqa: ANN401
    if not isinstance(value, str):
        raise Refusal(400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of string from {value!r}")
    text = value.strip()
    if len(text) > field.length:
        raise Refusal(400, "STRING_TOO_LONG", f"{field.name}: data value too large", field.name)
    if text and field.values and text not in field.values:
        message = f"{field.name}: bad value for restricted picklist field: {text}"
        raise Refusal(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, field.name)
    return text or None


def _number(field: Field, value: Any) -> float | int:  # noqa: ANN401
    try:
        number = float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError):
        number = None
    if number is None:
        raise Refusal(400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of {field.type} from {value!r}")
    return int(number) if field.type == "int" else number


def _reference(field: Field, value: Any, is_there: IsThere) -> str:  # noqa: ANN401
    full = known_id(value) if isinstance(value, str) else None
    if full is None:
        raise Refusal(400, "MALFORMED_ID", f"{field.name}: id value of incorrect type: {value}", field.name)
    if not any(full.startswith(PREFIXES[it]) and is_there(it, full) for it in field.to):
        raise Refusal(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", field.name)
    return full
