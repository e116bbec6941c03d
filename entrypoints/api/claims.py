"""Claims: who calls, from what was verified before; whatever cannot be read gives nothing."""

import json
from collections.abc import Mapping
from enum import StrEnum

from core.domain.keys import IntentKey, is_id
from core.domain.making import dataclass
from entrypoints.claim_names import ACCOUNTS, ROLE, SUBJECT, TENANT

MOST_CHARACTERS = 16_384
MOST_ACCOUNTS = 1_000


class Role(StrEnum):
    """What a caller may do."""

    READER = "reader"
    OPERATOR = "operator"
    INSTALLATION_OPERATOR = "installation-operator"


class UnauthorizedError(Exception):
    """Nobody vouches for the caller."""


class ForbiddenError(Exception):
    """The caller is known, and may not."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. ``subject`` is None where it is no id, and then nobody acts by it."""

    subject: str | None
    tenant_id: str
    accounts: frozenset[str]
    role: Role

    @property
    def is_operator(self) -> bool:
        """Tell whether the caller may act."""
        return self.role is not Role.READER and self.subject is not None

    def may_see(self, key: IntentKey) -> bool:
        """Tell whether a key is within the caller's tenant and accounts."""
        return key.tenant_id == self.tenant_id and key.account_id in self.accounts


def caller_of(claims: object) -> Caller:
    """Return who calls.

    Raises:
        UnauthorizedError: there are no claims.
        ForbiddenError: they name no tenant.
    """
    if not isinstance(claims, Mapping) or not claims:
        raise UnauthorizedError
    tenant_id = _id(claims.get(TENANT))
    if tenant_id is None:
        raise ForbiddenError
    return Caller(_id(claims.get(SUBJECT)), tenant_id, _accounts(claims.get(ACCOUNTS)), _role(claims.get(ROLE)))


def claims_of(event: Mapping[str, object]) -> object:
    """Return what API Gateway's authorizer verified, None where there was none."""
    found: object = event
    for name in ("requestContext", "authorizer", "jwt", "claims"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and is_id(value) else None


def _role(value: object) -> Role:
    return Role(value) if isinstance(value, str) and value in set(Role) else Role.READER


def _accounts(value: object) -> frozenset[str]:
    """Read a JSON array of ids as a whole: one part of it that cannot be read leaves nothing of it."""
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        return frozenset()
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return frozenset()
    if not isinstance(found, list) or len(found) > MOST_ACCOUNTS:
        return frozenset()
    ids = [_id(it) for it in found]
    return frozenset(it for it in ids if it is not None) if None not in ids else frozenset()
