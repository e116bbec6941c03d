from __future__ import annotations

import pytest

from adapters.connectors.endpoint import Endpoint
from core.domain.errors import ConfigurationError
from tests.unit.connectors.peers import CANARY


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        ("https://mcp.example/mcp", "mcp.example", 443, b"/mcp"),
        ("http://mcp.example", "mcp.example", 80, b"/"),
        ("https://mcp.example:8443/a?b=c", "mcp.example", 8443, b"/a?b=c"),
        ("http://[::1]:80/", "::1", 80, b"/"),
    ],
)
def test_a_url_is_taken_apart_once(url: str, host: str, port: int, target: bytes) -> None:
    endpoint = Endpoint(url)
    assert (endpoint.host, endpoint.url.port, endpoint.url.target) == (host, port, target)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mcp.example/mcp",
        "ftp://mcp.example/",
        "file:///etc/passwd",
        "https:///mcp",
        "https://user:password@mcp.example/",
        "https://mcp.example/#part",
        "https://mcp.example/a b",
        "https://mcp.example/\r\nX: y",
        "https://mcp.example:99999/",
        "https://mcp.example:port/",
        "https://[::1/",
        f"https://{'a' * 64}.example/",
        "https://m\u00fcller.example/",
    ],
)
def test_what_is_no_plain_url_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Endpoint(url)
    assert "password" not in refused.value.message


@pytest.mark.parametrize("url", ["https://mcp.example/", "http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost/"])
def test_a_token_goes_over_https_or_stays_on_this_host(url: str) -> None:
    assert Endpoint(url, CANARY).authorization() == {"Authorization": f"Bearer {CANARY}"}
    assert Endpoint(url).authorization() == {}


@pytest.mark.parametrize(
    "url", ["http://mcp.example/", "http://127.0.0.1.example/", "http://10.0.0.1/", "http://0.0.0.0/"]
)
def test_a_token_never_travels_in_the_clear(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Endpoint(url, CANARY)
    assert CANARY not in refused.value.message


@pytest.mark.parametrize("token", ["", "short", "with blank 123", "line\r\nbreak: 123", "\u00fcmlaut-1234567"])
def test_a_malformed_token_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ConfigurationError, match="bearer token is malformed"):
        Endpoint("https://mcp.example/", token)


def test_a_token_is_taken_out_of_a_text_however_its_slashes_are_written() -> None:
    endpoint = Endpoint("https://mcp.example/", CANARY)
    escaped = CANARY.replace("/", "\\/")
    assert endpoint.redact(f"a {CANARY} b {escaped} c") == "a [redacted] b [redacted] c"
    assert Endpoint("https://mcp.example/").redact(CANARY) == CANARY
