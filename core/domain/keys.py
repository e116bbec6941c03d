"""Identity: which ids are well formed, and the key under which everything of one intent is kept."""

import re

from core.domain.making import dataclass

_ID = re.compile(r"[A-Za-z0-9_.:@-]{1,128}")


def is_id(text: str) -> bool:
    """Tell whether a text is an id: 1 to 128 characters of ``[A-Za-z0-9_.:@-]``."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class IntentKey:
    """Tenant, account and intent: part of every stored row, so that no look-up can cross a tenant."""

    tenant_id: str
    account_id: str
    intent_id: str

    def __str__(self) -> str:
        """Return ``tenant/account/intent``; a slash occurs in no id."""
        return f"{self.tenant_id}/{self.account_id}/{self.intent_id}"
