from __future__ import annotations

import logging
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest

from core.domain.errors import StoreUnavailableError
from entrypoints.serving import MAX_BODY_BYTES, Application, event_of, hosts_of

CLAIMS = {"sub": "ada"}


class Keeper:
    """Takes one token."""

    def claims(self, token: str) -> Mapping[str, Any] | None:
        if token == "trouble":
            raise StoreUnavailableError("The issuer's keys cannot be read.")
        return CLAIMS if token == "good" else None


class Echo:
    """Answers every event, and keeps it."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []

    def __call__(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        self.events.append(event)
        return {"statusCode": 200, "body": "{}", "headers": {"Content-Type": "application/json"}}


def environ(
    method: str = "GET", path: str = "/health", query: str = "", body: bytes = b"", **more: str
) -> dict[str, Any]:
    found: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
    found |= {"HTTP_HOST": "127.0.0.1:8000", "wsgi.input": BytesIO(body)}
    return found | ({"CONTENT_LENGTH": str(len(body))} if body else {}) | more


def asked(echo: Echo, given: Mapping[str, Any]) -> tuple[str, bytes]:
    application = Application(echo, Keeper(), hosts_of("127.0.0.1", 8000, ["desk.example:443"]))
    statuses: list[str] = []
    content = b"".join(application(given, lambda status, _: statuses.append(status)))
    return statuses[0], content


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "LOCALHOST:8000", "[::1]:8000", "desk.example:443"])
def test_its_own_hosts_are_answered(host: str) -> None:
    assert asked(Echo(), environ(HTTP_HOST=host))[0] == "200 OK"


def test_a_port_that_a_host_header_leaves_out_may_be_left_out() -> None:
    assert {"localhost", "localhost:80"} <= hosts_of("127.0.0.1", 80)
    assert "localhost" not in hosts_of("127.0.0.1", 8000)
    assert "[fd00::1]:8000" in hosts_of("fd00::1", 8000)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1:8001", "127.0.0.1", "", "localhost:8000.evil"]
)
def test_a_host_that_is_not_its_own_is_refused_before_anything_else(host: str) -> None:
    echo = Echo()
    status, content = asked(echo, environ(HTTP_HOST=host, HTTP_AUTHORIZATION="Bearer good"))
    assert status.startswith("421")
    assert b"error" in content
    assert echo.events == []


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ("Bearer good", CLAIMS),
        ("bearer good", CLAIMS),
        ("Bearer bad", None),
        ("Basic good", None),
        ("good", None),
        ("", None),
        ("Bearer " + "x" * 20_000, None),
    ],
)
def test_only_a_token_that_is_verified_gives_claims(header: str, claims: object) -> None:
    echo = Echo()
    asked(echo, environ(HTTP_AUTHORIZATION=header))
    (event,) = echo.events
    context = event["requestContext"]
    assert context.get("authorizer", {"jwt": {"claims": None}})["jwt"]["claims"] == claims
    assert "good" not in repr(event)


def test_keys_that_cannot_be_read_are_a_matter_of_trying_again() -> None:
    echo = Echo()
    assert asked(echo, environ(HTTP_AUTHORIZATION="Bearer trouble"))[0] == "503 Service Unavailable"
    assert echo.events == []


def test_a_body_over_the_bound_is_refused_unread() -> None:
    echo = Echo()
    assert asked(echo, environ("POST", body=b"x" * (MAX_BODY_BYTES + 1)))[0].startswith("413")
    assert echo.events == []


def test_a_request_becomes_the_event_that_api_gateway_makes_of_it() -> None:
    event = event_of(
        environ("POST", "/a/\u00c3\u00bc", "x=1&x=2&y=%20&z=", b'{"a": 1}', CONTENT_TYPE="application/json"), CLAIMS
    )
    assert event["version"] == "2.0"
    assert event["rawPath"] == "/a/ü"
    assert event["rawQueryString"] == "x=1&x=2&y=%20&z="
    assert event["queryStringParameters"] == {"x": "1,2", "y": " ", "z": ""}
    assert (event["isBase64Encoded"], event["body"]) == (True, "eyJhIjogMX0=")
    assert event["headers"] == {"content-type": "application/json"}
    assert event["requestContext"]["authorizer"]["jwt"]["claims"] == CLAIMS


def test_a_fault_of_ours_is_told_to_the_log_by_its_class_and_to_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: Mapping[str, Any]) -> Mapping[str, Any]:
        raise LookupError("s3cret")

    application = Application(broken, Keeper(), hosts_of("127.0.0.1", 8000))
    statuses: list[str] = []
    # A command line that ran in this process before may have kept our loggers to themselves.
    logger = logging.getLogger("actonce.api")
    logger.addHandler(caplog.handler)
    try:
        content = b"".join(application(environ(), lambda status, _: statuses.append(status)))
    finally:
        logger.removeHandler(caplog.handler)
    assert (statuses, content) == (["500 Internal Server Error"], b'{"error": "Internal server error"}')
    assert {it.getMessage() for it in caplog.records if it.name == "actonce.api"} == {"unforeseen"}


def test_claims_cannot_be_sent_in_a_header() -> None:
    echo = Echo()
    asked(echo, environ(HTTP_X_AMZN_REQUEST_CONTEXT='{"authorizer": {"jwt": {"claims": {"sub": "eve"}}}}'))
    assert "eve" not in repr(echo.events)
