"""Claims: who calls, from what was verified before; whatever cannot be read gives nothing."""

from collections.abc import Mapping
from enum import StrEnum

from core.domain.keys import IntentKey
from core.domain.making import dataclass
from entrypoints.claim_names import ACCOUNTS, ROLE, SUBJECT, TENANT, accounts_in, id_in


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
    tenant_id = id_in(claims.get(TENANT))
    if tenant_id is None:
        raise ForbiddenError
    return Caller(id_in(claims.get(SUBJECT)), tenant_id, accounts_in(claims.get(ACCOUNTS)), _role(claims.get(ROLE)))


def claims_of(event: Mapping[str, object]) -> object:
    """Return what API Gateway's authorizer verified, None where there was none."""
    found: object = event
    for name in ("requestContext", "authorizer", "jwt", "claims"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _role(value: object) -> Role:
    return Role(value) if isinstance(value, str) and value in set(Role) else Role.READER
