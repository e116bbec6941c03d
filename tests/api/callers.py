"""Who calls: an issuer with a key pair, and the tokens it makes, whole and otherwise."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Claims = dict[str, Any]
Key = ec.EllipticCurvePrivateKey
ISSUER, AUDIENCE, KEY_ID = "https://issuer.example", "actonce-api", "key-1"
HOUR_S = 3_600

OPERATOR: Claims = {
    "sub": "ada",
    "custom:tenant_id": "acme",
    "custom:account_ids": '["emea"]',
    "custom:role": "operator",
}
READER: Claims = OPERATOR | {"custom:role": "reader"}


def without(claims: Claims, name: str) -> Claims:
    return {it: value for it, value in claims.items() if it != name}


@dataclass
class Issuer:
    """An issuer of tokens; its public keys stand in a file."""

    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def key_set(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "alg": "ES256", "use": "sig"}]}

    def write(self, folder: Path) -> Path:
        path = folder / "keys.json"
        path.write_text(json.dumps(self.key_set()), encoding="utf-8")
        return path

    def token(self, claims: Claims, *, key: Key | None = None, **over: object) -> str:
        now_s = int(time.time())
        standing = {"iss": ISSUER, "aud": AUDIENCE, "iat": now_s, "exp": now_s + HOUR_S}
        whole = {name: value for name, value in (standing | claims | over).items() if value is not None}
        return jwt.encode(whole, key or self.key, "ES256", headers={"kid": KEY_ID})


def bad_tokens(issuer: Issuer) -> dict[str, str | None]:
    """What is no token of the issuer for this API, though its claims would open everything."""
    another = ec.generate_private_key(ec.SECP256R1())
    public = issuer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    past = int(time.time()) - 1
    whole = issuer.token(OPERATOR)
    head, body, signature = whole.split(".")
    return {
        "no token": None,
        "no JWT": "made-up",
        "bad signature": issuer.token(OPERATOR, key=another),
        "cut signature": f"{head}.{body}.{signature[:-4]}",
        "no signature": jwt.encode({**OPERATOR, "iss": ISSUER, "aud": AUDIENCE, "exp": past + HOUR_S}, "", "none"),
        "public key as a secret": _confused(public),
        "expired": issuer.token(OPERATOR, exp=past),
        "without an expiry": issuer.token(OPERATOR, exp=None),
        "not valid yet": issuer.token(OPERATOR, nbf=past + HOUR_S),
        "wrong audience": issuer.token(OPERATOR, aud="another-api"),
        "without an audience": issuer.token(OPERATOR, aud=None),
        "wrong issuer": issuer.token(OPERATOR, iss="https://elsewhere.example"),
        "without an issuer": issuer.token(OPERATOR, iss=None),
    }


def _confused(public: bytes) -> str:
    """A token signed with HMAC whose secret is the issuer's public key; PyJWT itself refuses to make one."""
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    now_s = int(time.time())
    claims = {**OPERATOR, "iss": ISSUER, "aud": AUDIENCE, "exp": now_s + HOUR_S}
    parts = [{"alg": "HS256", "typ": "JWT", "kid": KEY_ID}, claims]
    text = ".".join(_encoded(json.dumps(it).encode()) for it in parts)
    return f"{text}.{_encoded(algorithm.sign(text.encode(), public))}"


def _encoded(content: bytes) -> str:
    return jwt.utils.base64url_encode(content).decode()


BLIND: dict[str, Claims] = {
    "no accounts": without(OPERATOR, "custom:account_ids"),
    "accounts that are no JSON": OPERATOR | {"custom:account_ids": "emea"},
    "accounts as a list and not as text": OPERATOR | {"custom:account_ids": ["emea"]},
    "accounts as a text": OPERATOR | {"custom:account_ids": '"emea"'},
    "accounts as an object": OPERATOR | {"custom:account_ids": '{"emea": true}'},
    "one account that is none": OPERATOR | {"custom:account_ids": '["emea", 5]'},
    "accounts of API Gateway's own form": OPERATOR | {"custom:account_ids": "[emea apac]"},
    "part of the account": OPERATOR | {"custom:account_ids": '["eme", "mea", "em"]'},
    "more than the account": OPERATOR | {"custom:account_ids": '["emea-2", "EMEA", "emea "]'},
    "any account": OPERATOR | {"custom:account_ids": '["*"]'},
    "another account": OPERATOR | {"custom:account_ids": '["apac"]'},
    "deeply nested accounts": OPERATOR | {"custom:account_ids": "[" * 8_000},
}
"""Whole tokens of the tenant that do not name the account."""

NOBODY: dict[str, Claims] = {
    "no tenant": without(OPERATOR, "custom:tenant_id"),
    "a tenant that is no id": OPERATOR | {"custom:tenant_id": "acme/../other"},
    "an empty tenant": OPERATOR | {"custom:tenant_id": ""},
    "tenants as a list": OPERATOR | {"custom:tenant_id": ["acme"]},
    "a tenant's name under another name": without(OPERATOR, "custom:tenant_id") | {"tenant_id": "acme"},
}
"""Whole tokens without a tenant that can be read."""

NO_OPERATOR: dict[str, Claims] = {
    "a reader": READER,
    "no role": without(OPERATOR, "custom:role"),
    "a role nobody has": OPERATOR | {"custom:role": "admin"},
    "a role in other letters": OPERATOR | {"custom:role": "Operator"},
    "roles as a list": OPERATOR | {"custom:role": ["operator"]},
    "an operator whose name is no id": OPERATOR | {"sub": "ada lovelace\n"},
}
"""Whole tokens of the account that may look, and not act."""

STRANGER: Claims = OPERATOR | {"custom:tenant_id": "other", "custom:account_ids": '["emea", "apac"]'}
"""An operator of another tenant, whose accounts have the same names."""
