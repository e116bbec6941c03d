"""What the claims of a token are called, and which ids they hold: who calls, for which tenant and accounts."""

import json

from core.domain.keys import is_id

TENANT, ACCOUNTS, ROLE, SUBJECT = "custom:tenant_id", "custom:account_ids", "custom:role", "sub"
MOST_CHARACTERS = 16_384
MOST_ACCOUNTS = 1_000


def id_in(value: object) -> str | None:
    """Return an id, None for what is none."""
    return value if isinstance(value, str) and is_id(value) else None


def accounts_in(value: object) -> frozenset[str]:
    """Read a JSON array of ids as a whole: one part of it that cannot be read leaves nothing of it."""
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        return frozenset()
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return frozenset()
    if not isinstance(found, list) or len(found) > MOST_ACCOUNTS:
        return frozenset()
    ids = [id_in(it) for it in found]
    return frozenset(it for it in ids if it is not None) if None not in ids else frozenset()
