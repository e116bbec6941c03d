"""What a token endpoint may answer in place of a token, and what the page says of it."""

from __future__ import annotations

import json
from typing import Any

from tests.api.browser.office import CANARY
from tests.api.browser.provider import ACCESS, Reply


def document(**values: Any) -> bytes:  # noqa: ANN401 - whatever a provider may say
    return json.dumps(values).encode()


LONG = "a" * 20_000
REPLIES = {
    "a refusal": (Reply(400, document(error="invalid_grant", error_description=CANARY)), f"invalid_grant: {CANARY}"),
    "a refusal without words": (Reply(400, b"{}"), "The provider answered 400."),
    "a fault": (Reply(500, b"<h1>oh</h1>", "text/html"), "The provider answered 500."),
    "no JSON": (Reply(200, b"<h1>hello</h1>", "text/html"), "an answer that cannot be read"),
    "no object": (Reply(200, b"null"), "an answer that cannot be read"),
    "a huge answer": (Reply(200, b" " * 5_000_000 + b"{}"), "The provider's answer is too large."),
    "nothing": (Reply(200, b""), "an answer that cannot be read"),
    "no ID token": (Reply(200, document(access_token=ACCESS)), "The provider gave no ID token."),
    "an ID token that is a number": (Reply(200, document(id_token=5)), "The provider gave no ID token."),
    "a huge ID token": (Reply(200, document(id_token=f"a.{LONG}.a")), "The provider's ID token is none."),
    "an ID token that is markup": (Reply(200, document(id_token=CANARY)), "The provider's ID token is none."),
    "an ID token of nothing": (Reply(200, document(id_token="a.b.c")), "is not for this sign-in."),
    "a way elsewhere": (Reply(307, b"", headers={"Location": "/elsewhere"}), "The provider cannot be reached."),
    "no leave to read it": (
        Reply(200, b"{}", headers={"Access-Control-Allow-Origin": "https://elsewhere.example"}),
        "The provider cannot be reached.",
    ),
    "a broken line": (Reply(200, b"{", headers={"Content-Length": "500"}), "The provider's answer broke off."),
}
