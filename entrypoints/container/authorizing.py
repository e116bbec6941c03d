"""Building who we are at an external system from the settings."""

from collections.abc import Callable

from adapters.connectors.authorizing import ANONYMOUS, Authorizer, Bearer, Secret
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits
from adapters.connectors.fixed_headers import api_key, basic
from adapters.connectors.resolving import Ask, ask_system
from adapters.connectors.signing import Sign, SignedRequests
from adapters.connectors.tokens import ClientCredentials, Fits, Grant, JwtBearer, OAuthTokens
from core.domain.errors import ConfigurationError
from core.domain.making import dataclass
from core.domain.timing import Timing
from entrypoints.container.secret_refs import secret_of
from entrypoints.settings.auth import (
    ApiKeyAuth,
    BasicAuth,
    BearerAuth,
    ClientCredentialsAuth,
    JwtBearerAuth,
    NoAuth,
    SecretRef,
    SigV4Auth,
)
from ports.clock import Clock
from ports.secrets import Secrets

TOKEN_BYTES = 64 * 1024

AuthSettings = NoAuth | BearerAuth | ApiKeyAuth | BasicAuth | ClientCredentialsAuth | JwtBearerAuth | SigV4Auth


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What connectors are built with.

    ``secrets`` and ``sign`` are there on AWS alone; the latter makes what signs for a service in a region. ``egress``:
    the hosts that may be reached, any where there are none. ``ask`` resolves their names.
    """

    clock: Clock
    connect_ms: int
    secrets: Secrets | None = None
    sign: Callable[[str, str | None], Sign] | None = None
    egress: tuple[str, ...] = ()
    ask: Ask = ask_system
    max_skew_ms: int = Timing().max_skew_ms

    def exchange(self, endpoint: Endpoint, response_bytes: int) -> Exchange:
        """Return the way to an endpoint, with the bounds of this installation.

        Raises:
            ConfigurationError: its host is none of those that may be reached.
        """
        if self.egress and not any(_is_among(endpoint.host, it) for it in self.egress):
            raise ConfigurationError(f"the host {endpoint.host} is not listed; add it to hosts under [egress]")
        limits = Limits(connect_ms=self.connect_ms, response_bytes=response_bytes)
        return Exchange(endpoint, self.clock, limits, ask=self.ask)


def authorizer_of(auth: AuthSettings, around: Surroundings, fits: Fits = lambda _document: True) -> Authorizer:
    """Return who we are, as configured. ``fits``: whether a token that came with this document may be used.

    Raises:
        ConfigurationError: a secret can never be there.
    """
    match auth:
        case NoAuth():
            return ANONYMOUS
        case BearerAuth() | ApiKeyAuth() | BasicAuth():
            return _fixed(auth, around)
        case ClientCredentialsAuth():
            grant = ClientCredentials(auth.client_id, _secret(auth.client_secret, around), auth.scope, auth.extra)
            return _tokens(auth, grant, around, fits)
        case JwtBearerAuth():
            return _tokens(auth, _jwt(auth, around), around, fits)
        case SigV4Auth():
            return _signed(auth, around)


def _secret(ref: SecretRef, around: Surroundings) -> Secret:
    return secret_of(ref, around.secrets)


def _fixed(auth: BearerAuth | ApiKeyAuth | BasicAuth, around: Surroundings) -> Authorizer:
    match auth:
        case BearerAuth():
            return Bearer(_secret(auth.token, around))
        case ApiKeyAuth():
            return api_key(auth.header, _secret(auth.key, around))
        case BasicAuth():
            return basic(auth.user, _secret(auth.password, around))


def _jwt(auth: JwtBearerAuth, around: Surroundings) -> JwtBearer:
    return JwtBearer(
        issuer=auth.issuer,
        audience=auth.audience,
        private_key=_secret(auth.private_key, around),
        subject=auth.subject,
        claims={} if auth.scope is None else {"scope": auth.scope},
        key_id=auth.key_id,
    )


def _tokens(auth: ClientCredentialsAuth | JwtBearerAuth, grant: Grant, around: Surroundings, fits: Fits) -> OAuthTokens:
    endpoint = Endpoint(auth.token_url, allows_private=auth.allows_private)
    return OAuthTokens(around.exchange(endpoint, TOKEN_BYTES), grant, around.clock, fits=fits)


def _signed(auth: SigV4Auth, around: Surroundings) -> Authorizer:
    if around.sign is None:
        raise ConfigurationError("sigv4 is for the target aws")
    return SignedRequests(around.sign(auth.service, auth.region))


def _is_among(host: str, listed: str) -> bool:
    """``*.example.com`` lists what is below example.com, and not itself."""
    name, pattern = host.rstrip(".").lower(), listed.lower()
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern
