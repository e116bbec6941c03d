from __future__ import annotations

import pytest
from pydantic import SecretStr

from adapters.connectors.authorizing import REDACTED, NotReadyError, Outgoing
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Reply
from adapters.connectors.fixed_headers import FixedHeader, api_key, basic
from core.domain.errors import ConfigurationError
from entrypoints.container.authorizing import Surroundings, authorizer_of
from entrypoints.settings.auth import ApiKeyAuth, BasicAuth, SecretRef
from tests.unit.connectors.peers import CANARY, RealClock, listening, replying

CALL = Outgoing("POST", "https://api.example/", {}, b"{}")
AROUND = Surroundings(RealClock(), 1_000)


def test_a_key_is_sent_in_its_header_and_redacted_from_what_comes_back() -> None:
    with listening(replying(f'{{"echo":"{CANARY}"}}'.encode())) as peer:
        endpoint = Endpoint(peer.url, api_key("X-Api-Key", lambda: CANARY))
        reply = Exchange(endpoint, RealClock()).send(b"{}", {}, timeout_ms=2_000)
    assert f"X-Api-Key: {CANARY}".encode() in peer.received[0]
    assert isinstance(reply, Reply)
    assert endpoint.auth.redact(reply.body.decode()) == f'{{"echo":"{REDACTED}"}}'


def test_a_user_and_a_password_are_sent_as_rfc_7617_has_them() -> None:
    auth = basic("Aladdin", lambda: "open-sesame")
    assert auth.headers(CALL, wait_ms=0) == {"Authorization": "Basic QWxhZGRpbjpvcGVuLXNlc2FtZQ=="}
    assert auth.redact("open-sesame QWxhZGRpbjpvcGVuLXNlc2FtZQ==") == f"{REDACTED} {REDACTED}"


@pytest.mark.parametrize("auth", [api_key("X-Api-Key", lambda: CANARY), basic("ada", lambda: CANARY)])
def test_no_repr_shows_a_secret_and_none_goes_in_the_clear(auth: FixedHeader) -> None:
    assert CANARY not in repr(auth)
    with pytest.raises(ConfigurationError, match="over https"):
        Endpoint("http://api.example.com/", auth)


@pytest.mark.parametrize(
    "secret", ["", "short", 'with"quote-in-it', "with\\backslash", "two\r\nlines-of-it", "with blank in"]
)
def test_what_is_no_secret_is_refused_without_being_shown(secret: str) -> None:
    for auth in (api_key("X-Api-Key", lambda: secret), basic("ada", lambda: secret)):
        with pytest.raises(NotReadyError) as refused:
            auth.headers(CALL, wait_ms=0)
        assert not secret or secret not in str(refused.value)


def test_a_user_with_a_colon_would_end_elsewhere() -> None:
    with pytest.raises(ConfigurationError, match="without a colon"):
        basic("a:b", lambda: CANARY)


def test_both_are_configured() -> None:
    where = SecretRef(env="KEY")
    known = where.model_copy(update={"value": _secret()})
    key = authorizer_of(ApiKeyAuth(kind="api_key", header="X-Key", key=known), AROUND)
    assert key.headers(CALL, wait_ms=0) == {"X-Key": CANARY}
    user = authorizer_of(BasicAuth(kind="basic", user="ada", password=known), AROUND)
    assert user.headers(CALL, wait_ms=0)["Authorization"].startswith("Basic ")
    with pytest.raises(ConfigurationError, match="the variable KEY is not set"):
        authorizer_of(ApiKeyAuth(kind="api_key", key=where), AROUND)


def _secret() -> SecretStr:

    return SecretStr(CANARY)
