"""An issuer of tokens on this machine: its discovery document, its public key, and the tokens that it signs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

HOST = "127.0.0.1"
AUDIENCE, KEY_ID = "actonce-api", "key-1"
HOUR_S = 3_600
DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys.json"
Key = rsa.RSAPrivateKey


def a_key() -> Key:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@dataclass
class Issuer:
    """``address``: what its tokens name as their issuer, and where its documents are."""

    address: str
    key: Key = field(default_factory=a_key)

    @cached_property
    def documents(self) -> Mapping[str, bytes]:
        """What is served, by path."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        keys = {"keys": [{**public, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]}
        discovered = {"issuer": self.address, "jwks_uri": f"{self.address}{KEYS}"}
        return {DISCOVERY: json.dumps(discovered).encode(), KEYS: json.dumps(keys).encode()}

    def token(self, claims: Mapping[str, Any], *, key: Key | None = None, **over: object) -> str:
        """Return a token that is good for an hour; a claim that is None is left out."""
        now_s = int(time.time())
        standing = {"iss": self.address, "aud": AUDIENCE, "iat": now_s, "exp": now_s + HOUR_S}
        whole = {name: value for name, value in {**standing, **claims, **over}.items() if value is not None}
        return jwt.encode(whole, key or self.key, "RS256", headers={"kid": KEY_ID})


class Server(ThreadingHTTPServer):
    daemon_threads = True
    issuer: Issuer


class Handler(BaseHTTPRequestHandler):
    """Serves its server's documents."""

    server: Server

    def do_GET(self) -> None:
        content = self.server.issuer.documents.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(content or b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        """Say nothing."""


@contextmanager
def issuing() -> Iterator[Issuer]:
    """Serve an issuer on a free port."""
    with Server((HOST, 0), Handler) as server:
        server.issuer = Issuer(f"http://{HOST}:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.issuer
        finally:
            server.shutdown()
            thread.join()
