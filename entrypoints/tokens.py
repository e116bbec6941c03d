"""Tokens of the local service: verified here, since no authorizer stands before it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import jwt

from core.domain.making import dataclass
from core.domain.operating import Operator
from entrypoints.claim_names import ACCOUNTS, ROLE, SUBJECT, TENANT

ALGORITHMS = ("ES256", "RS256")
OWN_ALGORITHM = "HS256"
REQUIRED = ("exp", "iss", "aud", "sub")
OWN_NAME = "actonce"
OWN_LIFE_S = 12 * 3600
MOST_CHARACTERS = 16 * 1024


class Keys(Protocol):
    """The public keys of an issuer."""

    def key(self, key_id: str) -> jwt.PyJWK | None:
        """Return a key by its id, None where there is none."""
        ...


class Tokens(Protocol):
    """What verifies tokens."""

    def claims(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of a token that is whole, ours and not expired, None otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """Tokens of an issuer, by its public keys."""

    keys: Keys
    issuer: str
    audience: str

    def claims(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims."""
        try:
            header = jwt.get_unverified_header(token)
            key_id = header.get("kid")
            key = self.keys.key(key_id) if isinstance(key_id, str) else None
            if key is None or key.algorithm_name not in ALGORITHMS:
                return None
            return _verified(token, key.key, key.algorithm_name, self.issuer, self.audience)
        except jwt.PyJWTError:
            return None


@dataclass(frozen=True, slots=True)
class OwnTokens:
    """Tokens that this process made, by a secret that dies with it."""

    secret: bytes

    def claims(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims."""
        try:
            return _verified(token, self.secret, OWN_ALGORITHM, OWN_NAME, OWN_NAME)
        except jwt.PyJWTError:
            return None

    def made_for(self, operator: Operator, tenant_id: str, accounts: Sequence[str], role: str, now_s: int) -> str:
        """Return a token for this machine's own user."""
        claims = {
            "iss": OWN_NAME,
            "aud": OWN_NAME,
            SUBJECT: operator.name,
            "iat": now_s,
            "exp": now_s + OWN_LIFE_S,
            TENANT: tenant_id,
            ACCOUNTS: json.dumps(list(accounts)),
            ROLE: role,
        }
        return jwt.encode(claims, self.secret, OWN_ALGORITHM)


def unverified(token: str) -> Mapping[str, Any] | None:
    """Return what a token says, None where it is none: to tell its bearer what he holds, and never to let him in."""
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    return claims


def _verified(token: str, key: Any, algorithm: str, issuer: str, audience: str) -> Mapping[str, Any]:  # noqa: ANN401 - PyJWT's
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=[algorithm], issuer=issuer, audience=audience, options={"require": list(REQUIRED)}
    )
    return claims
