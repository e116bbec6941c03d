"""Every kind of connector that reaches out, from settings as a file has them, and a request that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from core.domain.request import Request
from entrypoints.settings.connectors import ConnectorSettings, Outward
from entrypoints.settings.internal import InternalSettings
from tests.unit.connectors.peers import request_of

SETTINGS: TypeAdapter[ConnectorSettings] = TypeAdapter(Annotated[ConnectorSettings, Field(discriminator="kind")])
SCOPE = "https://www.googleapis.com/auth/calendar.events"
KINDS = ("mcp", "http", "salesforce", "google_calendar")
# Where each kind has its address, and what is below the origin.
PLACES = {
    "mcp": ("url", "/mcp"),
    "http": ("url", "/v1"),
    "salesforce": ("instance_url", ""),
    "google_calendar": ("url", "/calendar/v3"),
}
_MORE: Mapping[str, Mapping[str, Any]] = {
    "mcp": {"tools": ["crm."]},
    "http": {
        "system": "shop",
        "tools": {
            "shop.create": {
                "method": "POST",
                "path": "/orders",
                "object_type": "order",
                "object_id": "id",
                "answers": {
                    "refused": {"VALIDATION": [400], "AUTH": [401, 403]},
                    "error_code": "error.code",
                    "error_message": "error.message",
                },
                "look_up": {"path": "/orders/{idempotency_key}", "match": {"item": "{item}"}},
                "before": {"path": "/orders/{idempotency_key}", "image": ["item"]},
            }
        },
    },
    "salesforce": {"fields_are_stated": True, "external_id_field": {"Task": "Key__c"}},
    "google_calendar": {"calendar_id": "team@example.com"},
}
CALLS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "mcp": ("crm.create_task", {"title": "Call"}),
    "http": ("shop.create", {"item": "tea"}),
    "salesforce": ("crm.create_task", {"title": "Call"}),
    "google_calendar": (
        "calendar.create_event",
        {"title": "Call", "start": "2030-12-01T09:00:00Z", "end": "2030-12-01T10:00:00Z"},
    ),
}


def document_of(kind: str, origin: str, auth: Mapping[str, Any], **more: object) -> dict[str, Any]:
    """Return a table of the configuration file."""
    name, path = PLACES[kind]
    return {"kind": kind, name: origin + path, "auth": dict(auth), **_MORE[kind], **more}


def settings_of(kind: str, origin: str, auth: Mapping[str, Any], **more: object) -> Outward:
    """Return a connector's settings; pydantic's error where they are none."""
    found = SETTINGS.validate_python(document_of(kind, origin, auth, **more))
    assert not isinstance(found, InternalSettings)
    return found


def call_of(kind: str, *, timeout_ms: int = 2_000) -> Request:
    tool, arguments = CALLS[kind]
    return request_of(tool, timeout_ms=timeout_ms, look_up="crm.find", before="crm.get", **arguments)
