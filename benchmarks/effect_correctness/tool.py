"""The tool that the arms of peers share: one call of the oracle for each effect contract. Standard library only.

Without a key it is the plain tool, an ordinary create; with one it is the idempotent tool, which does what its contract
offers: it hands the key on as key, external id or object id, or looks first where the external system can be searched.
"""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote

from benchmarks.effect_correctness.contracts import KINDS, Contract

HOST = "127.0.0.1"
CONFLICT = 409


class ToolError(Exception):
    """The tool has no answer, or one that is no success."""


def call(port: int, contract: Contract, trial: str, text: str, *, key: str | None, timeout_s: float) -> dict[str, Any]:
    """Call the tool once and return its answer, or raise ToolError."""
    kind = KINDS[contract]
    if contract is Contract.READ_ONLY:
        return _expect(port, "GET", f"/{kind}", trial, timeout_s=timeout_s)
    if key is not None and contract is Contract.READ_BACK:
        found = _expect(port, "GET", f"/{kind}?reference={quote(key)}", trial, timeout_s=timeout_s)["items"]
        if found:
            held: dict[str, Any] = found[0]
            return held
    document = {"text": text} if key is None else {"text": text, "reference": key}
    if key is not None and contract in {Contract.NATURAL_KEY, Contract.CLIENT_ID}:
        return _put(port, f"/{kind}/{quote(key)}", trial, document, timeout_s)
    headers = {"Idempotency-Key": key} if key is not None and contract is Contract.PROVIDER_KEY else {}
    return _expect(port, "POST", f"/{kind}", trial, document, headers, timeout_s=timeout_s)


def ask(
    port: int,
    method: str,
    path: str,
    *,
    document: object = None,
    headers: dict[str, str] | None = None,
    timeout_s: float = 10.0,
) -> tuple[int, dict[str, Any]]:
    """Send one request; ToolError where no answer came."""
    connection = HTTPConnection(HOST, port, timeout=timeout_s)
    body = None if document is None else json.dumps(document)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (OSError, HTTPException, ValueError) as fault:
        raise ToolError(f"no answer: {type(fault).__name__}") from fault
    finally:
        connection.close()


def _put(port: int, path: str, trial: str, document: dict[str, str], timeout_s: float) -> dict[str, Any]:
    status, said = ask(port, "PUT", path, document=document, headers={"X-Trial": trial}, timeout_s=timeout_s)
    if status == CONFLICT:
        # The caller chose the id, so what is there is its own.
        return _expect(port, "GET", path, trial, timeout_s=timeout_s)
    return _success(status, said)


def _expect(
    port: int,
    method: str,
    path: str,
    trial: str,
    document: object = None,
    headers: dict[str, str] | None = None,
    *,
    timeout_s: float,
) -> dict[str, Any]:
    named = {"X-Trial": trial, **(headers or {})}
    return _success(*ask(port, method, path, document=document, headers=named, timeout_s=timeout_s))


def _success(status: int, said: dict[str, Any]) -> dict[str, Any]:
    if status not in {200, 201}:
        raise ToolError(f"the tool answered {status}")
    return said
