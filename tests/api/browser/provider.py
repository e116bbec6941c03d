"""A strict OpenID provider: it takes nothing but an authorization code with PKCE, and notes whatever is not right."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.api.callers import AUDIENCE, OPERATOR, Issuer

REFRESH, ACCESS = "refresh-4711", "access-4711"
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
FORM = "application/x-www-form-urlencoded"
ASKED = {
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
}
REDEEMED = {"grant_type", "client_id", "redirect_uri", "code", "code_verifier"}
PAGE = """<!doctype html><html lang="en"><title>The provider</title><link rel="icon" href="data:,">
<h1>The provider</h1>
<a id="approve" href="/approve?ticket={0}">Approve</a> <a id="deny" href="/deny?ticket={0}">Deny</a>
"""
TABLE = """
[api]
issuer = "{issuer}"
audience = "{audience}"
jwks_file = "{keys}"
sign_in_authorize_url = "{url}/authorize"
sign_in_token_url = "{url}/token"
sign_in_client_id = "{audience}"
"""

Query = dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What the token endpoint answers in place of what is right."""

    status: int
    body: bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Provider:
    """Its memory. ``back`` changes what a person is sent back with, ``reply`` what the token endpoint says."""

    issuer: Issuer
    url: str = ""
    redirect_uri: str = ""
    asked: list[Query] = field(default_factory=list)
    tickets: dict[str, Query] = field(default_factory=dict)
    codes: dict[str, Query] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    redeemed: int = 0
    faults: list[str] = field(default_factory=list)
    back: Callable[[Query], Query] = dict
    reply: Reply | None = None
    denial: str = "The person said no."

    def reset(self) -> None:
        """Begin a test."""
        for it in (self.asked, self.issued, self.faults):
            it.clear()
        self.redeemed, self.back, self.reply, self.denial = 0, dict, None, Provider.denial

    def ask(self, query: Query) -> str | None:
        """Take a request for a code; return its ticket, None where something is not right."""
        self.asked.append(query)
        wanted = {
            "response_type": "code",
            "client_id": AUDIENCE,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "code_challenge_method": "S256",
        }
        self._hold(query.keys() == ASKED, f"asked with {sorted(query)}")
        self._hold(all(query.get(name) == value for name, value in wanted.items()), f"asked for {query}")
        for name in ("state", "nonce", "code_challenge"):
            self._hold(bool(SECRET.fullmatch(query.get(name, ""))), f"{name} is short")
        if self.faults:
            return None
        ticket = secrets.token_urlsafe(8)
        self.tickets[ticket] = query
        return ticket

    def approve(self, ticket: str) -> str:
        """Return where a person goes with a code."""
        asked, code = self.tickets[ticket], secrets.token_urlsafe(16)
        self.codes[code] = asked
        return self._return(code=code, state=asked["state"])

    def deny(self, ticket: str) -> str:
        state = self.tickets[ticket]["state"]
        return self._return(error="access_denied", error_description=self.denial, state=state)

    def redeem(self, form: Query, headers: Mapping[str, str]) -> Reply:
        """Take a code, once."""
        self.redeemed += 1
        if self.reply is not None:
            return self.reply
        before, asked = len(self.faults), self.codes.pop(form.get("code", ""), {})
        self._hold(form.keys() == REDEEMED, f"redeemed with {sorted(form)}")
        self._hold(form.get("grant_type") == "authorization_code", "another grant")
        self._hold(form.get("client_id") == asked.get("client_id"), "another client")
        self._hold(form.get("redirect_uri") == asked.get("redirect_uri"), "another redirect_uri")
        verifier = form.get("code_verifier", "")
        self._hold(bool(SECRET.fullmatch(verifier)), "the verifier is short")
        self._hold(challenge_of(verifier) == asked.get("code_challenge"), "the verifier is another one")
        self._hold(headers.get("Content-Type", "").partition(";")[0] == FORM, "no form")
        self._hold(not headers.keys() & {"Cookie", "Authorization", "Referer"}, "it brought more than it should")
        if len(self.faults) > before:
            return Reply(400, json.dumps({"error": "invalid_grant"}).encode())
        return Reply(200, json.dumps(self.answer(asked["nonce"])).encode())

    def answer(self, nonce: str | None) -> dict[str, str | int]:
        """Return what a code is worth."""
        token = self.issuer.token(OPERATOR, nonce=nonce)
        self.issued.append(token)
        return {
            "id_token": token,
            "access_token": ACCESS,
            "refresh_token": REFRESH,
            "token_type": "Bearer",
            "expires_in": 3_600,
        }

    def _return(self, **query: str) -> str:
        return f"{self.redirect_uri}?{urlencode(self.back(query))}"

    def _hold(self, holds: bool, fault: str) -> None:
        if not holds:
            self.faults.append(fault)


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class Counter(BaseHTTPRequestHandler):
    """The provider over HTTP. A preflight is answered 501, for a plain form needs none."""

    def __init__(self, provider: Provider, *rest: object) -> None:
        self.provider = provider
        super().__init__(*rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.path == "/authorize":
            ticket = self.provider.ask(query)
            faults = ", ".join(self.provider.faults)
            page = PAGE.format(ticket) if ticket else f"Refused: {faults}"
            self._send(Reply(200 if ticket else 400, page.encode(), "text/html; charset=utf-8"))
        elif parts.path in {"/approve", "/deny"}:
            decide = self.provider.approve if parts.path == "/approve" else self.provider.deny
            self._send(Reply(302, b"", headers={"Location": decide(query["ticket"])}))
        else:
            self._send(Reply(404, b"{}"))

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(parse_qsl(text, keep_blank_values=True))
        self._send(self.provider.redeem(form, dict(self.headers.items())))

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.provider.redirect_uri))
        headers = {"Access-Control-Allow-Origin": origin, "Cache-Control": "no-store", **reply.headers}
        for name, value in {
            "Content-Type": reply.media_type,
            "Content-Length": str(len(reply.body)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(reply.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # whoever asked has read enough

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def providing() -> Iterator[Provider]:
    provider = Provider(Issuer())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Counter, provider)) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join(10)
