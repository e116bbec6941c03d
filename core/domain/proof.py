"""The proof: what an executor says of one call, signed, so that a target behind a gateway need trust nothing else.

Text: ``1.KEY_ID.CLAIMS.MAC``, the last two in base64url without padding. The claims are a canonical JSON array; the MAC
is HMAC-SHA256 over everything before it, under the key of that id.
"""

import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import field
from hashlib import sha256

from core.domain.canonical import Json, canonical
from core.domain.choice import Choice
from core.domain.errors import AuthError, ConfigurationError
from core.domain.keys import IntentKey, is_id
from core.domain.making import dataclass

PROOF = "actonce_proof"
"""The declared argument that bears it."""

FORMAT = "1"
MAX_PROOF = 4_096
LEAST_KEY_BYTES = 32
MOST_KEYS = 2
MAX_TIMEOUT_MS = 900_000
MAX_TOOL = 256

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CLAIMS = 10


class Asks(Choice):
    """What a call asks for: the effect, whether it is there, or what it is about to change."""

    CALL = "call"
    LOOK_UP = "look_up"
    BEFORE = "before"


class NotProvedError(AuthError):
    """Nothing proves that an executor of ours made this call: nothing is done for it. The message is safe to show."""

    error_code = "NOT_PROVED"


@dataclass(frozen=True, slots=True)
class Proof:
    """One call of one tool. ``tool`` is the one that is called, ``effect_tool`` the one whose effect it is about.

    ``arguments_sha256`` is over the RFC 8785 form of all arguments but the proof. ``timeout_ms`` is how long the
    executor waits, ``expires_ms`` the moment after which, by any clock within the skew, nothing may be under way.
    """

    key: IntentKey
    asks: Asks
    tool: str
    effect_tool: str
    effect_key: str
    arguments_sha256: str
    timeout_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that are accepted, by id, and the one that signs. Their octets enter no repr."""

    signing: str
    keys: Mapping[str, bytes] = field(repr=False)


def read_keyring(text: str) -> Keyring:
    """Return what the shared secret says: ``{"signing": id, "keys": {id: text of 32 bytes or more}}``, two at most.

    Raises:
        ConfigurationError: it says something else; no part of it is repeated.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    signing = document.get("signing") if isinstance(document, dict) else None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, dict) or not 1 <= len(keys) <= MOST_KEYS or signing not in list(keys):
        raise ConfigurationError("The secret of proofs must name one or two keys, and which of them signs.")
    octets = {name: value.encode() for name, value in keys.items() if _is_key(name, value)}
    if len(octets) != len(keys):
        raise ConfigurationError(f"A key of proofs needs a plain id and a text of {LEAST_KEY_BYTES} bytes or more.")
    return Keyring(str(signing), octets)


def signed(proof: Proof, keyring: Keyring) -> str:
    """Return the text of a proof, under the key that signs."""
    names: list[Json] = [proof.key.tenant_id, proof.key.account_id, proof.key.intent_id]
    rest: list[Json] = [proof.asks.value, proof.tool, proof.effect_tool, proof.effect_key, proof.arguments_sha256]
    claims = canonical([*names, *rest, proof.timeout_ms, proof.expires_ms])
    head = f"{FORMAT}.{keyring.signing}.{_encoded(claims)}"
    return f"{head}.{_mac(head, keyring.keys[keyring.signing])}"


def proved(text: Json, keyring: Keyring) -> Proof:
    """Return what a proof says, whether or not it has expired.

    Raises:
        NotProvedError: there is none, or no accepted key made it.
    """
    if not isinstance(text, str) or len(text) > MAX_PROOF or not text.isascii():
        raise NotProvedError("The call bears no proof.")
    head, _, mac = text.rpartition(".")
    parts = head.split(".")
    key = keyring.keys.get(parts[1]) if len(parts) == 3 and parts[0] == FORMAT else None  # noqa: PLR2004 - as above
    if key is None or not hmac.compare_digest(_mac(head, key), mac):
        raise NotProvedError("The proof of the call is not by an accepted key.")
    found = _read(parts[2])
    if found is None:
        raise NotProvedError("The proof of the call says nothing that is understood.")
    return found


def _mac(head: str, key: bytes) -> str:
    return _encoded(hmac.new(key, head.encode(), sha256).digest())


def _encoded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def _read(text: str) -> Proof | None:
    try:
        claims = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, Base64Error, RecursionError):
        return None
    if not isinstance(claims, list) or len(claims) != _CLAIMS:
        return None
    *texts, timeout_ms, expires_ms = claims
    if not all(isinstance(it, str) for it in texts) or not all(type(it) is int for it in (timeout_ms, expires_ms)):
        return None
    tenant, account, intent, asks, tool, effect_tool, effect_key, digest = texts
    is_whole = (
        all(is_id(it) for it in (tenant, account, intent))
        and asks in {it.value for it in Asks}
        and all(0 < len(it) <= MAX_TOOL for it in (tool, effect_tool))
        and all(_DIGEST.fullmatch(it) for it in (effect_key, digest))
        and 0 < timeout_ms <= MAX_TIMEOUT_MS
    )
    if not is_whole:
        return None
    key = IntentKey(tenant, account, intent)
    return Proof(key, Asks(asks), tool, effect_tool, effect_key, digest, timeout_ms, expires_ms)


def _is_key(name: object, value: object) -> bool:
    is_named = isinstance(name, str) and _KEY_ID.fullmatch(name) is not None
    return is_named and isinstance(value, str) and len(value.encode()) >= LEAST_KEY_BYTES
