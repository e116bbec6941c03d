"""The explicit answers that every tool gives; a domain outcome is never an exception."""

from __future__ import annotations

from typing import Any

from examples.mcp_server.objects import Fields, StoredObject

Envelope = dict[str, Any]


def reference(system: str, object_type: str, object_id: str) -> Envelope:
    url = f"https://{system}.example.test/{object_type}/{object_id}"
    return {"system": system, "object_type": object_type, "object_id": object_id, "object_url": url}


def succeeded(system: str, stored: StoredObject, **more: object) -> Envelope:
    refs = [reference(system, stored.object_type, stored.object_id)]
    return {"success": True, "external_object_refs": refs, **more}


def failed(error_class: str, error_code: str, error_message: str, *, not_applied: bool) -> Envelope:
    """`not_applied` true is the provider's word that this call changed nothing; false is no word at all."""
    return {
        "success": False,
        "error_class": error_class,
        "error_code": error_code,
        "error_message": error_message,
        "not_applied": not_applied,
    }


def looked_up(state: str, system: str, stored: StoredObject | None) -> Envelope:
    """`state` is HAPPENED, NOT_HAPPENED or CANNOT_TELL; an object that was found is shown in any state."""
    if stored is None:
        return {"success": True, "state": state, "external_object_refs": []}
    return succeeded(system, stored, state=state, object={**stored.fields, "version": stored.version})


def looked_up_create(system: str, stored: StoredObject | None, wanted: Fields) -> Envelope:
    """Absent: NOT_HAPPENED. There, every given field equal: HAPPENED. There but different: CANNOT_TELL."""
    if stored is None:
        return looked_up("NOT_HAPPENED", system, None)
    differs = any(stored.fields.get(name) != value for name, value in wanted.items())
    return looked_up("CANNOT_TELL" if differs else "HAPPENED", system, stored)


def given(**fields: object) -> Fields:
    """The fields that were given a value."""
    return {name: value for name, value in fields.items() if value is not None}
