"""The fake's token endpoint: client credentials and JWT bearer, as the vendor documents them."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.providers.messages import Call, Reply

PATH = "/services/oauth2/token"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST_S = 300


@dataclass(slots=True)
class Office:
    """Who may have a token, and the tokens that are good."""

    client_id: str
    secret: str
    audience: str
    instance_url: str
    token_text: str
    issued: list[str] = field(default_factory=list)
    count: int = 0
    sent: str = ""

    def answer(self, call: Call) -> Reply:
        if call.method != "POST" or call.headers.get("content-type") != "application/x-www-form-urlencoded":
            return _no("invalid_request", "must be a form that is posted")
        form = dict(parse_qsl(call.body.decode("ascii", "replace")))
        self.sent = form.get("client_secret", "")
        match form.get("grant_type"):
            case "client_credentials":
                fault = self._credentials(form)
            case _ if form.get("grant_type") == JWT_GRANT:
                fault = self._assertion(form.get("assertion", ""))
            case _:
                fault = _no("unsupported_grant_type", "grant type not supported")
        return fault or self._issue(self.instance_url or f"http://{call.headers.get('host', '')}")

    def is_good(self, call: Call) -> bool:
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        return kind == "Bearer" and token in self.issued

    def expire(self) -> None:
        self.issued.clear()

    def _credentials(self, form: dict[str, str]) -> Reply | None:
        if form.get("client_id") != self.client_id:
            return _no("invalid_client_id", "client identifier invalid")
        return None if form.get("client_secret") == self.secret else _no("invalid_client", "invalid client credentials")

    def _assertion(self, assertion: str) -> Reply | None:
        try:
            head, claims = (_part(it) for it in assertion.split(".")[:2])
        except ValueError:
            return _no("invalid_grant", "invalid assertion")
        left_s = claims.get("exp", 0) - time.time()
        is_right = (
            head.get("alg") == "RS256"
            and assertion.count(".") == 2
            and claims.get("iss") == self.client_id
            and claims.get("aud") == self.audience
            and bool(claims.get("sub"))
            and 0 < left_s <= LONGEST_S
        )
        return None if is_right else _no("invalid_grant", "invalid assertion")

    def _issue(self, instance_url: str) -> Reply:
        self.count += 1
        token = f"00DE0X0A0M0PeLE!{self.token_text}.{self.count}"
        self.issued.append(token)
        said = {"access_token": token, "token_type": "Bearer", "issued_at": str(int(time.time() * 1000))}
        return Reply(200, {**said, "instance_url": instance_url, "scope": "api", "signature": "c2lnbmF0dXJl"})


def _part(text: str) -> dict[str, Any]:
    document = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(document, dict):
        raise ValueError("no object")
    return document


def _no(error: str, description: str) -> Reply:
    return Reply(400, {"error": error, "error_description": description})
