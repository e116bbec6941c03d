"""Where heads and rolls are kept, below a folder or in a bucket: ``tenant=acme/heads/2026-11-24.json``."""

from datetime import date
from urllib.parse import quote, unquote

_TENANT, _SUFFIX = "tenant=", ".json"


def folder_of(tenant_id: str) -> str:
    """Return the folder of a tenant; no id of a tenant can lead out of it."""
    return _TENANT + quote(tenant_id, safe="@")


def tenant_in(folder: str) -> str | None:
    """Return whose folder this is, None where it is nobody's."""
    return unquote(folder.removeprefix(_TENANT)) if folder.startswith(_TENANT) else None


def heads_folder(tenant_id: str) -> str:
    """Return the folder of a tenant's heads, which sort by day."""
    return f"{folder_of(tenant_id)}/heads/"


def head_name(tenant_id: str, day: date) -> str:
    """Return the name of the head of a day."""
    return f"{heads_folder(tenant_id)}{day.isoformat()}{_SUFFIX}"


def is_head(name: str) -> bool:
    """Tell whether a name is that of a head."""
    return name.endswith(_SUFFIX)


def piece_name(tenant_id: str, sha256: str) -> str:
    """Return the name of a piece of a roll."""
    return f"{folder_of(tenant_id)}/rolls/{sha256}"
