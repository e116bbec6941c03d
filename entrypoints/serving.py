"""Serving the HTTP API on this machine: a WSGI application that hands API Gateway's kind of events to the resolver."""

import base64
import json
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from types import FrameType
from typing import Any
from urllib.parse import parse_qsl

from waitress.server import create_server

from core.domain.errors import ConfigurationError, StoreUnavailableError
from entrypoints.telemetry import Key
from entrypoints.tokens import MOST_CHARACTERS, Tokens

MAX_BODY_BYTES, MAX_HEADER_BYTES = 16 * 1024, 32 * 1024
MAX_READ_BYTES = 1024 * 1024
"""Of a body that is read and refused in our own words; waitress refuses a larger one by itself."""

THREADS, MAX_CONNECTIONS = 4, 100
HTTP_PORT = 80
"""The one that a Host header leaves out."""
BEARER = "bearer "
PLAIN = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

log = logging.getLogger("actonce.api")

Environ = Mapping[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Answers = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Application:
    """The WSGI application. The resolver answers one request at a time, whichever thread brings it."""

    def __init__(self, answers: Answers, tokens: Tokens, hosts: frozenset[str]) -> None:
        """Keep them; ``hosts`` are the Host headers that are ours."""
        self._answers = answers
        self._tokens = tokens
        self._hosts = hosts
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; a fault of ours is told to the log by its class, and to nobody else."""
        try:
            return self._answered(environ, start_response)
        except Exception:
            log.exception("unforeseen", extra={"fields": {Key.DOING: "api"}})
            return _refused(start_response, HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error")

    def _answered(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if str(environ.get("HTTP_HOST", "")).lower() not in self._hosts:
            # A page elsewhere may have a name of its own point at this address.
            return _refused(start_response, HTTPStatus.MISDIRECTED_REQUEST, "This is not the host that was asked for")
        if int(environ.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            return _refused(start_response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large")
        try:
            claims = self._claims(environ)
        except StoreUnavailableError:
            return _refused(start_response, HTTPStatus.SERVICE_UNAVAILABLE, "Try again", {"Retry-After": "2"})
        event = event_of(environ, claims)
        with self._lock:
            answer = self._answers(event)
        return _sent(start_response, answer)

    def _claims(self, environ: Environ) -> Mapping[str, Any] | None:
        header = str(environ.get("HTTP_AUTHORIZATION", ""))
        if not header.lower().startswith(BEARER) or len(header) > MOST_CHARACTERS:
            return None
        return self._tokens.claims(header[len(BEARER) :].strip())


@contextmanager
def listening(host: str, port: int) -> Iterator[tuple[socket.socket, int]]:
    """Listen; yield the socket and the port that was taken.

    Raises:
        ConfigurationError: nobody can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        opened = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigurationError(f"Cannot listen at {host}, port {port}: {error.strerror or error}.") from error
    with opened:
        yield opened, int(opened.getsockname()[1])


def serve_until_stopped(application: Application, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; a request that is being answered is given five seconds to end."""
    # It tells how busy it is, and quotes what it was asked; ours tell what matters.
    waitress = logging.getLogger("waitress")
    waitress.addHandler(logging.NullHandler())
    waitress.propagate = False
    server = create_server(
        application,
        sockets=[listener],
        threads=THREADS,
        connection_limit=MAX_CONNECTIONS,
        ident=None,
        max_request_body_size=MAX_READ_BYTES,
        max_request_header_size=MAX_HEADER_BYTES,
        # An answer is written by the thread that made it, so that none is left over when the loop ends.
        send_bytes=1,
    )
    before = {number: signal.signal(number, _stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)


def hosts_of(host: str, port: int, further: Iterable[str] = ()) -> frozenset[str]:
    """Return the Host headers of a service; those of this machine, and what was named."""
    names = {f"[{host}]" if ":" in host else host.lower(), "localhost", "127.0.0.1", "[::1]"}
    plain = names if port == HTTP_PORT else set()
    return frozenset({f"{it}:{port}" for it in names} | plain | {it.lower() for it in further})


def event_of(environ: Environ, claims: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the event that API Gateway would make of a request, in the format 2.0."""
    # WSGI gives octets as Latin-1.
    path = str(environ.get("PATH_INFO") or "/").encode("latin-1").decode("utf-8", "replace")
    query = str(environ.get("QUERY_STRING", ""))
    body = environ["wsgi.input"].read(MAX_BODY_BYTES + 1) if environ.get("CONTENT_LENGTH") else b""
    method = str(environ["REQUEST_METHOD"])
    authorizer = {} if claims is None else {"authorizer": {"jwt": {"claims": dict(claims), "scopes": None}}}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": _headers(environ),
        "queryStringParameters": _parameters(query),
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "", "userAgent": ""},
            "stage": "$default",
            "requestId": "",
            **authorizer,
        },
        "body": base64.b64encode(body).decode("ascii") if body else None,
        "isBase64Encoded": bool(body),
    }


def _headers(environ: Environ) -> dict[str, str]:
    """Return the headers that the API reads; the token is none of them."""
    taken = {"CONTENT_TYPE": "content-type", "HTTP_ACCEPT": "accept"}
    return {name: str(environ[key]) for key, name in taken.items() if environ.get(key)}


def _parameters(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _sent(start_response: StartResponse, answer: Mapping[str, Any]) -> Iterable[bytes]:
    body = answer.get("body") or ""
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else str(body).encode()
    status = HTTPStatus(answer["statusCode"])
    headers = [(str(name), str(value)) for name, value in (answer.get("headers") or {}).items()]
    start_response(f"{status.value} {status.phrase}", [*headers, ("Content-Length", str(len(content)))])
    return [content]


def _refused(
    start_response: StartResponse, status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None
) -> Iterable[bytes]:
    body = json.dumps({"error": text})
    return _sent(start_response, {"statusCode": status.value, "body": body, "headers": {**PLAIN, **(headers or {})}})
