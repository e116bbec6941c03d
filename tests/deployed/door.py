"""The operators' API of an installation, as a program asks it over HTTPS."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.deployed.issuer import Issuer
from tests.deployed.site import ACCOUNT, Site

LIMIT_S = 60
Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:  # noqa: ANN401 - a document
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class Door:
    """One API and who may ask it."""

    site: Site
    issuer: Issuer

    def ask(self, method: str, path: str, token: str | None, *, body: object = None, **parameters: str | int) -> Answer:
        """Ask the API by its own name, at the emulator's address."""
        # Without a stage before it the emulator takes /health for its own.
        path = f"/$default{path}"
        place = urlsplit(self.site.emulator.endpoint_url)
        trusted = ssl.create_default_context(cafile=str(self.site.emulator.certificate))
        connection = HTTPSConnection(place.hostname or "", place.port, timeout=LIMIT_S, context=trusted)
        headers = {"Host": f"{urlsplit(self.site.outputs['api_url']).hostname}:{place.port}"}
        headers |= {} if token is None else {"Authorization": f"Bearer {token}"}
        headers |= {} if body is None else {"Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        try:
            connection.request(method, f"{path}?{urlencode(parameters)}" if parameters else path, content, headers)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())
        finally:
            connection.close()

    def told(self, method: str, path: str, claims: Claims, *, body: object = None, **parameters: str | int) -> Any:  # noqa: ANN401 - a document
        """Ask with a whole token, and return the document that was asked for."""
        answer = self.ask(method, path, self.issuer.token(claims), body=body, **parameters)
        assert answer.status == 200, (method, path, answer)
        assert answer.headers["cache-control"] == "no-store"
        return answer.body


def operator_of(tenant: str, *accounts: str, **over: object) -> Claims:
    """Return the claims of an operator of a tenant, by default of the account of all tests."""
    named = json.dumps(accounts or (ACCOUNT,))
    return {"sub": "ada", "custom:tenant_id": tenant, "custom:account_ids": named, "custom:role": "operator", **over}
