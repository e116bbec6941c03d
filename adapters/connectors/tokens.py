"""OAuth 2: access tokens for an endpoint, asked for when they are needed and kept while they last."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Protocol
from urllib.parse import urlencode

from adapters.connectors.authorizing import NotReadyError, Outgoing, Redaction, Secret, is_token, revealed
from adapters.connectors.exchange import Exchange, Reply
from adapters.connectors.showing import shown_code
from core.domain.errors import ConfigurationError
from core.domain.making import dataclass
from ports.clock import Clock

OK = 200
MARGIN_MS = 60_000
"""A token is not used in its last minute: the call that bears it takes time, and clocks differ."""
DEFAULT_LIFE_MS, LONGEST_LIFE_MS = 600_000, 86_400_000
PAUSE_MS = 1_000
"""After a refusal nobody asks again for so long."""
ASSERTION_S = 180


Fits = Callable[[Mapping[str, object]], bool]


class Grant(Protocol):
    """What a token is asked for with."""

    def form(self, now_ms: int) -> tuple[Mapping[str, str], tuple[str, ...]]:
        """Return the fields of the request, and which secrets are among them.

        Raises:
            NotReadyError: it cannot be made now.
        """
        ...


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """RFC 6749, section 4.4. ``extra``: further fields, such as ``audience`` or ``resource``."""

    client_id: str
    client_secret: Secret = field(repr=False)
    scope: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def form(self, now_ms: int) -> tuple[Mapping[str, str], tuple[str, ...]]:  # noqa: ARG002 - the protocol
        secret = revealed(self.client_secret)
        scope = {} if self.scope is None else {"scope": self.scope}
        who = {"client_id": self.client_id, "client_secret": secret}
        return {"grant_type": "client_credentials", **who, **scope, **self.extra}, (secret,)


@dataclass(frozen=True, slots=True)
class JwtBearer:
    """RFC 7523: an assertion signed with RS256. ``private_key`` is PEM; ``claims`` go in beside the registered ones."""

    issuer: str
    audience: str
    private_key: Secret = field(repr=False)
    subject: str | None = None
    claims: Mapping[str, str] = field(default_factory=dict)
    key_id: str | None = None

    def form(self, now_ms: int) -> tuple[Mapping[str, str], tuple[str, ...]]:
        """Return the fields, with a fresh assertion, which is as good as a secret for as long as it lasts."""
        import jwt  # noqa: PLC0415 - brings cryptography, which only those pay for who sign

        now_s = now_ms // 1000
        subject = {} if self.subject is None else {"sub": self.subject}
        claims = {**self.claims, "iss": self.issuer, "aud": self.audience, "iat": now_s, "exp": now_s + ASSERTION_S}
        headers = None if self.key_id is None else {"kid": self.key_id}
        key = revealed(self.private_key)
        try:
            assertion = jwt.encode({**claims, **subject}, key, algorithm="RS256", headers=headers)
        except (ValueError, TypeError, jwt.PyJWTError):
            # Whatever it says, it may quote the key.
            raise NotReadyError("the private key is no RSA key in PEM") from None
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}, (assertion,)


class OAuthTokens:
    """The authorizer of an endpoint that takes access tokens. One thread asks at a time."""

    is_secret = True

    def __init__(
        self,
        token_endpoint: Exchange,
        grant: Grant,
        clock: Clock,
        *,
        longest_ms: int = LONGEST_LIFE_MS,
        fits: Fits = lambda _document: True,
    ) -> None:
        """Keep where tokens come from. ``longest_ms``: how long one is kept at most.

        ``fits``: whether a token that came with this document is for the system that will be given it.

        Raises:
            ConfigurationError: what they are asked for with would travel in the clear.
        """
        if not token_endpoint.endpoint.is_confidential:
            raise ConfigurationError("Tokens are asked for over https or at the loopback address, and nowhere else.")
        self._exchange = token_endpoint
        self._grant = grant
        self._clock = clock
        self._longest_ms = longest_ms
        self._fits = fits
        self._lock = threading.Lock()
        self._token: str | None = None
        self._ends_ms = 0
        self._refused_until_ms = 0
        self.redact = Redaction()

    def headers(self, outgoing: Outgoing, *, wait_ms: int) -> Mapping[str, str]:  # noqa: ARG002 - the protocol
        return {"Authorization": f"Bearer {self._current(wait_ms)}"}

    def rejected(self) -> None:
        with self._lock:
            self._token = None

    def _current(self, wait_ms: int) -> str:
        begun_ms = self._clock.monotonic_ms()
        if not self._lock.acquire(timeout=wait_ms / 1000):
            raise NotReadyError("no access token came in time")
        try:
            now_ms = self._clock.monotonic_ms()
            if self._token is not None and now_ms < self._ends_ms:
                return self._token
            if now_ms < self._refused_until_ms:
                raise NotReadyError("the token endpoint has just refused")
            left_ms = wait_ms - (now_ms - begun_ms)
            if left_ms <= 0:
                raise NotReadyError("no access token came in time")
            return self._fetched(left_ms)
        finally:
            self._lock.release()

    def _fetched(self, wait_ms: int) -> str:
        form, secrets = self._grant.form(self._clock.now_ms())
        for secret in secrets:
            self.redact.keep(secret)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        reply = self._exchange.send(urlencode(form).encode(), headers, timeout_ms=wait_ms)
        token, life_ms = _read(reply, self._fits)
        if token is None:
            self._refused_until_ms = self._clock.monotonic_ms() + PAUSE_MS
            raise NotReadyError(f"no access token: {_why(reply, self._fits)}")
        self.redact.add(token)
        self._token = token
        self._ends_ms = self._clock.monotonic_ms() + min(life_ms, self._longest_ms) - MARGIN_MS
        return token


def _read(reply: object, fits: Fits) -> tuple[str | None, int]:
    document = _document(reply)
    if not isinstance(reply, Reply) or reply.status != OK:
        return None, 0
    token, expires_in = document.get("access_token"), document.get("expires_in")
    if not isinstance(token, str) or not is_token(token) or not fits(document):
        return None, 0
    # One that ends within the margin is used once.
    life_ms = DEFAULT_LIFE_MS
    if isinstance(expires_in, int) and not isinstance(expires_in, bool) and expires_in > 0:
        life_ms = min(expires_in, LONGEST_LIFE_MS // 1000) * 1000
    return token, life_ms


def _why(reply: object, fits: Fits) -> str:
    """Return what can be told: a status and an error code, never the words of the endpoint."""
    if not isinstance(reply, Reply):
        return "the token endpoint did not answer"
    document = _document(reply)
    if "access_token" in document and not fits(document):
        return "the token endpoint answered with a token for another system"
    error = document.get("error")
    code = shown_code(error if isinstance(error, str) else None, "no token")
    return f"the token endpoint answered {reply.status} ({code})"


def _document(reply: object) -> Mapping[str, object]:
    try:
        document = json.loads(reply.body) if isinstance(reply, Reply) else None
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
