from __future__ import annotations

import json
import socket
import threading
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.connectors.authorizing import NotReadyError, Outgoing, is_token
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Reply
from adapters.connectors.tokens import PAUSE_MS, ClientCredentials, Grant, JwtBearer, OAuthTokens
from core.domain.answer import Hold, NotSent
from core.domain.errors import ConfigurationError
from tests.unit.connectors.peers import CANARY, OpenGate, Peer, RealClock, Script, listening, replying

CALL = Outgoing("POST", "https://api.example/", {}, b"{}")
SECRETIVE = ClientCredentials("client", lambda: CANARY, scope="act", extra={"audience": "api"})


class MovedClock(RealClock):
    def __init__(self) -> None:
        self.moved_ms = 0

    def monotonic_ms(self) -> int:
        return super().monotonic_ms() + self.moved_ms


def token(number: int, **more: object) -> Script:
    return replying(json.dumps({"access_token": f"token-number-{number}", **more}).encode())


def numbered(*replies: Script) -> Script:
    left = list(replies)

    def script(connection: socket.socket, request: bytes) -> None:
        left.pop(0)(connection, request)

    return script


def tokens(peer: Peer, clock: MovedClock, grant: Grant = SECRETIVE) -> OAuthTokens:
    return OAuthTokens(Exchange(Endpoint(peer.url), clock), grant, clock)


def bearer(of: OAuthTokens) -> str:
    return of.headers(CALL, wait_ms=2_000)["Authorization"]


def test_a_token_is_asked_for_once_and_kept_until_shortly_before_its_end() -> None:
    clock = MovedClock()
    with listening(numbered(token(1, expires_in=120), token(2, expires_in=120))) as peer:
        of = tokens(peer, clock)
        assert bearer(of) == bearer(of) == "Bearer token-number-1"
        clock.moved_ms += 61_000
        assert bearer(of) == "Bearer token-number-2"
    form = parse_qs(peer.received[0].partition(b"\r\n\r\n")[2].decode())
    wanted = {"grant_type": "client_credentials", "client_id": "client", "client_secret": CANARY}
    assert form == {name: [value] for name, value in {**wanted, "scope": "act", "audience": "api"}.items()}
    assert len(peer.received) == 2


def test_a_token_that_was_not_accepted_is_asked_for_anew() -> None:
    with listening(numbered(token(1, expires_in=3600), token(2, expires_in=3600))) as peer:
        of = tokens(peer, MovedClock())
        assert bearer(of) == "Bearer token-number-1"
        of.rejected()
        assert bearer(of) == "Bearer token-number-2"


def test_many_threads_ask_once() -> None:
    with listening(token(1, expires_in=3600)) as peer:
        of = tokens(peer, MovedClock())
        threads = [threading.Thread(target=bearer, args=(of,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert bearer(of) == "Bearer token-number-1"
    assert len(peer.received) == 1


@pytest.mark.parametrize(
    "script",
    [
        replying(json.dumps({"error": "invalid_client", "error_description": CANARY}).encode(), status="401 No"),
        replying(b"[]"),
        replying(b"{"),
        replying(json.dumps({"access_token": "with blank"}).encode()),
        replying(json.dumps({"access_token": 7}).encode()),
        replying(b"", "Location: https://other.example/", status="307 Temporary Redirect"),
        replying(b"", status="503 Down"),
    ],
    ids=["refused", "no object", "malformed", "no token", "no text", "redirect", "down"],
)
def test_without_a_token_nothing_is_sent_and_no_word_of_the_endpoint_is_shown(script: Script) -> None:
    clock = MovedClock()
    with listening(script) as source, listening(replying(b"{}")) as api:
        gate = OpenGate()
        exchange = Exchange(Endpoint(api.url, tokens(source, clock)), clock)
        sent = exchange.send(b"{}", {}, timeout_ms=2_000, gate=gate)
    assert isinstance(sent, NotSent)
    assert sent.hold is Hold.NOT_READY
    assert CANARY not in sent.detail
    assert (gate.asked, api.received) == (0, [])


def test_a_refusal_is_not_repeated_at_once() -> None:
    clock = MovedClock()
    with listening(numbered(replying(b"", status="401 No"), token(1))) as peer:
        of = tokens(peer, clock)
        for _ in range(3):
            with pytest.raises(NotReadyError):
                bearer(of)
        clock.moved_ms += PAUSE_MS
        assert bearer(of) == "Bearer token-number-1"
    assert len(peer.received) == 2


def test_a_401_of_the_called_system_drops_the_token() -> None:
    clock = MovedClock()
    with listening(numbered(token(1), token(2))) as source:
        with listening(numbered(replying(b"", status="401 No"), replying(b"{}"))) as api:
            exchange = Exchange(Endpoint(api.url, tokens(source, clock)), clock)
            assert [_status(exchange), _status(exchange)] == [401, 200]
        assert b"Bearer token-number-1" in api.received[0]
        assert b"Bearer token-number-2" in api.received[1]


def _status(exchange: Exchange) -> int | None:
    sent = exchange.send(b"{}", {}, timeout_ms=2_000)
    return sent.status if isinstance(sent, Reply) else None


def test_secrets_and_tokens_are_taken_out_of_texts() -> None:
    with listening(token(1)) as peer:
        of = tokens(peer, MovedClock())
        bearer(of)
        assert of.redact(f"{CANARY} token-number-1") == "[redacted] [redacted]"
    assert CANARY not in repr(SECRETIVE)


def test_a_secret_is_taken_out_however_many_tokens_came_after_it() -> None:
    many = [token(number) for number in range(20)]
    with listening(numbered(*many)) as peer:
        of = tokens(peer, MovedClock())
        for _ in many:
            bearer(of)
            of.rejected()
    assert of.redact(f"{CANARY} token-number-19") == "[redacted] [redacted]"


def test_a_token_for_another_system_is_not_used_and_not_shown() -> None:
    clock = MovedClock()
    with listening(token(1, instance_url="https://other.example")) as peer:
        exchange = Exchange(Endpoint(peer.url), clock)
        of = OAuthTokens(exchange, SECRETIVE, clock, fits=lambda said: said.get("instance_url") is None)
        with pytest.raises(NotReadyError, match="a token for another system") as refused:
            bearer(of)
    assert "token-number-1" not in str(refused.value)


def test_a_token_as_salesforce_writes_them_is_one() -> None:
    assert is_token(
        "00DE0X0A0M0PeLE!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6LYUfiDUkWe6H34r1AAwOR8B8fLEz6n"
    )


def test_what_tokens_are_asked_for_with_never_travels_in_the_clear() -> None:
    with pytest.raises(ConfigurationError, match="over https"):
        OAuthTokens(Exchange(Endpoint("http://login.example/"), RealClock()), SECRETIVE, RealClock())


def test_an_assertion_is_signed_and_short_lived() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    grant = JwtBearer("issuer", "https://login.example", lambda: pem, subject="user@org", claims={"scope": "calendar"})
    now_ms = RealClock().now_ms()
    form, secrets = grant.form(now_ms)
    assert secrets == (form["assertion"],)
    claims = jwt.decode(form["assertion"], key.public_key(), algorithms=["RS256"], audience="https://login.example")
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert (claims["iss"], claims["sub"], claims["scope"]) == ("issuer", "user@org", "calendar")
    assert claims["exp"] - now_ms // 1000 == 180


def test_a_key_that_is_none_is_refused_and_not_shown() -> None:
    with pytest.raises(NotReadyError) as refused:
        JwtBearer("issuer", "audience", lambda: CANARY).form(0)
    assert CANARY not in str(refused.value)
    assert refused.value.__cause__ is None
