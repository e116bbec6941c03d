"""A provider of any kind that answers with whatever credentials it was sent, in every place it has for words."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any
from urllib.parse import parse_qs, quote

TOKEN_PATH = "/token"
ISSUED = "canary-ISSUED/access+token~"


class Hostile:
    """Plays one way of quoting after the other; ``ever`` is every credential that it was sent or has issued."""

    def __init__(self, kind: str) -> None:
        self.ever: set[str] = set()
        self._known: dict[str, None] = {}
        self.played: set[str] = set()
        self._form: Callable[[str, str], Any] = FORMS[kind]
        self._words = cycle(ANSWERS)
        self._tokens = 0
        self._lock = threading.Lock()

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        first = head.partition(b"\r\n")[0].decode("latin-1")
        with self._lock:
            self._learn(*_credentials(head, body))
            if TOKEN_PATH in first:
                connection.sendall(self._issued())
                return
            word = next(self._words)
        self.played.add(word)
        connection.sendall(self._answer(word, body))

    def forget(self) -> None:
        """Quote no more what was before: who begins anew cannot know the tokens of an earlier process."""
        with self._lock:
            self._known.clear()

    def _learn(self, *texts: str) -> None:
        self.ever.update(texts)
        for text in texts:
            self._known.pop(text, None)
            self._known[text] = None

    def _issued(self) -> bytes:
        """The first time it refuses, with the secret where a code should stand."""
        self._tokens += 1
        if self._tokens == 1:
            code = next((it for it in self._known if re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", it)), "invalid_client")
            return _raw(400, json.dumps({"error": code, "error_description": self._quote()}))
        token = f"{ISSUED}{self._tokens}"
        self._learn(token)
        return _raw(200, json.dumps({"access_token": token, "expires_in": 3600}))

    def _quote(self) -> str:
        return "sent: " + " ".join(islice(reversed(self._known), 8))

    def _one(self) -> str:
        return next(reversed(self._known), "nothing")

    def _answer(self, word: str, body: bytes) -> bytes:
        words, one = self._quote(), self._one()
        return ANSWERS[word](Heard(words, one, json.dumps(self._form(words, one)), body, self._form))


@dataclass(frozen=True)
class Heard:
    """What there is to quote: in ``words``, ``one`` alone, in the ``refusal`` of this kind of provider."""

    words: str
    one: str
    refusal: str
    body: bytes
    form: Callable[[str, str], Any]


def _encoded(it: Heard) -> bytes:
    return _raw(400, json.dumps(it.form(quote(it.words, safe=""), quote(it.one, safe=""))))


def _rpc_error(it: Heard) -> bytes:
    asked = json.loads(it.body).get("id") if it.body.startswith(b"{") else None
    error = {"code": -32602, "message": it.words, "data": {"sent": it.words}}
    return _raw(200, json.dumps({"jsonrpc": "2.0", "id": asked, "error": error}))


def _mcp(words: str, code: str) -> Any:  # noqa: ANN401 - JSON
    envelope = {"success": False, "not_applied": True, "error_code": code, "error_message": words}
    return {"jsonrpc": "2.0", "id": None, "result": {"content": [], "structuredContent": envelope}}


def _http(words: str, code: str) -> Any:  # noqa: ANN401 - JSON
    return {"error": {"code": code, "message": words}}


def _salesforce(words: str, code: str) -> Any:  # noqa: ANN401 - JSON
    fault = {"errorCode": "REQUIRED_FIELD_MISSING", "message": words, "fields": [code]}
    return [fault, {**fault, "errorCode": code}]


def _google(words: str, code: str) -> Any:  # noqa: ANN401 - JSON
    return {"error": {"code": 400, "message": words, "errors": [{"reason": code, "message": words}]}}


FORMS = {"mcp": _mcp, "http": _http, "salesforce": _salesforce, "google_calendar": _google}


def _success(body: bytes, words: str, one: str) -> Any:  # noqa: ANN401 - JSON
    """A success of each kind at once, as far as it can be made of what was asked."""
    asked = json.loads(body) if body.startswith(b"{") else {}
    ref = {"system": "crm", "object_type": "task", "object_id": one, "object_url": f"https://crm.example/{one}"}
    envelope = {"success": True, "external_object_refs": [ref], "note": words}
    result = {"content": [{"type": "text", "text": json.dumps(envelope)}], "structuredContent": envelope}
    named = {"id": asked.get("id", "00T000000000001AAA") if "method" not in asked else asked["id"]}
    rpc = {"jsonrpc": "2.0", "result": {**result, "resultType": "complete", "isError": False}}
    return {**asked, **rpc, **named, "success": True, "errors": [], "created": True, "htmlLink": f"https://x/{one}"}


def _credentials(head: bytes, body: bytes) -> list[str]:
    """Return what a request says about who sends it, in every form that its receiver can read."""
    found: list[str] = []
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(": ")
        if name.lower() == "authorization":
            scheme, _, rest = value.partition(" ")
            # A signature is made anew for each request, and tells no secret.
            found += [rest] if scheme in {"Bearer", "Basic"} else []
            found += base64.b64decode(rest).decode().split(":")[1:] if scheme == "Basic" else []
        elif name.lower() in {"x-api-key", "x-amz-security-token"}:
            found.append(value)
    form = parse_qs(body.decode("latin-1")) if b"grant_type=" in body else {}
    return found + form.get("client_secret", []) + form.get("assertion", [])


def _escaped(text: str) -> str:
    """The same JSON, with each letter and digit of its texts as an escape where one may stand."""
    return re.sub(r'"[^"]*"', lambda it: "".join(_escape(c) for c in it.group()), text)


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}" if character not in '"\\' else character


def _raw(
    status: int,
    body: str,
    headers: dict[str, str] | None = None,
    *,
    kind: str = "application/json",
    encoding: str = "utf-8",
    reason: str = "-",
) -> bytes:
    sent = body.encode(encoding)
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Type: {kind}", f"Content-Length: {len(sent)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + sent


ANSWERS: Mapping[str, Callable[[Heard], bytes]] = {
    "refuses": lambda it: _raw(400, it.refusal),
    "denies": lambda it: _raw(401, it.refusal),
    "forbids": lambda it: _raw(403, it.refusal),
    "succeeds": lambda it: _raw(200, json.dumps(_success(it.body, it.words, it.one))),
    "made it": lambda it: _raw(201, json.dumps(_success(it.body, it.words, it.one))),
    "breaks off": lambda it: _raw(200, it.refusal[:-2]),
    "escapes": lambda it: _raw(400, _escaped(it.refusal)),
    "escapes twice": lambda it: _raw(400, json.dumps(it.form(_escaped(it.refusal), _escaped(it.one)))),
    "encodes": _encoded,
    "writes wide": lambda it: _raw(400, it.refusal, encoding="utf-16-le"),
    "writes pages": lambda it: _raw(500, f"<pre>{it.words}</pre>", kind="text/html"),
    "heads": lambda it: _raw(400, "{}", {"X-Echo": it.words, "Set-Cookie": f"a={it.one}"}),
    "reasons": lambda it: _raw(503, it.refusal, {"Retry-After": it.one}, reason=it.words),
    "babbles": lambda it: f"HTTP/1.1 BOO {it.words}\r\n{it.words}\r\n\r\n".encode(),
    "misheads": lambda it: f"HTTP/1.1 200 OK\r\n{it.one} without a colon\r\n\r\n".encode(),
    "redirects": lambda it: _raw(307, "", {"Location": f"http://127.0.0.1:9/{it.one}"}),
    "throttles": lambda it: _raw(429, it.refusal, {"Retry-After": "0.01"}, kind=f"application/json; was={it.one}"),
    "errs": _rpc_error,
}
"""What it does in turn."""
