from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.system.key_sets import MAX_BYTES, KeySet, of_address, of_file
from core.domain.errors import ConfigurationError, StoreUnavailableError


def a_set(*key_ids: str) -> bytes:
    public = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
    return json.dumps({"keys": [{**json.loads(public), "kid": it, "alg": "ES256"} for it in key_ids]}).encode()


@dataclass
class Issuer:
    """A server that gives what it is told to."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    told = Issuer(body=a_set("one"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/keys"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_set_is_read_once_and_kept(issuer: Issuer) -> None:
    keys = of_address(issuer.url)
    assert issuer.asked == []
    for _ in range(3):
        found = keys.key("one")
        assert found is not None
        assert found.algorithm_name == "ES256"
    assert issuer.asked == ["/keys"]


def test_an_unknown_key_does_not_make_it_ask_again_and_again(issuer: Issuer) -> None:
    keys = of_address(issuer.url)
    assert keys.key("one") is not None
    assert [keys.key(f"unknown-{it}") for it in range(5)] == [None] * 5
    assert len(issuer.asked) == 1


def test_a_set_that_is_old_is_read_anew_and_a_key_that_is_gone_is_not_taken(issuer: Issuer) -> None:
    now = [0.0]
    keys = KeySet(lambda: issuer.body, clock=lambda: now[0])
    assert keys.key("one") is not None
    issuer.body = a_set("two")
    now[0] = 31.0
    assert keys.key("two") is not None
    issuer.body = a_set("three")
    assert keys.key("two") is not None
    now[0] = 700.0
    assert keys.key("two") is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (302, a_set("one")),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"keys": []}'),
        (200, b'{"keys": 5}'),
        (200, b'{"keys": [' + b" " * MAX_BYTES + b"]}"),
    ],
)
def test_what_is_no_key_set_is_trouble_and_no_key(issuer: Issuer, status: int, body: bytes) -> None:
    issuer.status, issuer.body, issuer.headers = status, body, {"Location": issuer.url}
    with pytest.raises(StoreUnavailableError):
        of_address(issuer.url).key("one")
    assert len(issuer.asked) == 1


def test_trouble_does_not_make_it_ask_again_with_every_token(issuer: Issuer) -> None:
    now = [0.0]
    read: list[bytes] = []

    def reading() -> bytes:
        read.append(issuer.body)
        return issuer.body

    keys, issuer.body = KeySet(reading, clock=lambda: now[0]), b"<html>"
    for _ in range(5):
        with pytest.raises(StoreUnavailableError):
            keys.key("one")
    assert len(read) == 1
    now[0], issuer.body = 6.0, a_set("one")
    assert keys.key("one") is not None


def test_an_issuer_that_does_not_answer_is_trouble() -> None:
    with pytest.raises(StoreUnavailableError):
        of_address("http://127.0.0.1:1/keys").key("one")


def test_a_file_is_looked_at_when_the_service_starts(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    for content in (None, b"no JSON"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ConfigurationError, match="no JSON Web Key Set"):
            of_file(path)
    path.write_bytes(a_set("one"))
    assert of_file(path).key("one") is not None
