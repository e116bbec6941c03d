from __future__ import annotations

import pytest

from adapters.connectors.authorizing import Bearer, NotReadyError, Outgoing
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
    outgoing = Outgoing("POST", url, {}, b"")
    auth = Endpoint(url, Bearer(lambda: CANARY)).auth
    assert auth.headers(outgoing, wait_ms=1) == {"Authorization": f"Bearer {CANARY}"}
    assert Endpoint(url).auth.headers(outgoing, wait_ms=1) == {}


@pytest.mark.parametrize(
    "url", ["http://mcp.example/", "http://127.0.0.1.example/", "http://10.0.0.1/", "http://0.0.0.0/"]
)
def test_a_token_never_travels_in_the_clear(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Endpoint(url, Bearer(lambda: CANARY))
    assert CANARY not in refused.value.message


INWARD = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
]
NOBODYS = [
    "169.254.169.254",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "::",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:169.254.169.254",
]


@pytest.mark.parametrize("address", INWARD)
def test_a_name_that_leads_inward_is_not_contacted_unless_configured(address: str) -> None:
    assert not Endpoint("https://mcp.example/").may_contact(address)
    assert Endpoint("https://mcp.example/", allows_private=True).may_contact(address)


@pytest.mark.parametrize("address", NOBODYS)
def test_no_name_leads_to_where_no_external_system_is_whatever_is_configured(address: str) -> None:
    assert not Endpoint("https://mcp.example/").may_contact(address)
    assert not Endpoint("https://mcp.example/", allows_private=True).may_contact(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_a_public_address_is_contacted(address: str) -> None:
    assert Endpoint("https://mcp.example/").may_contact(address)


@pytest.mark.parametrize("url", ["http://localhost/", "http://127.0.0.1/", "http://[::1]/"])
def test_what_is_on_this_host_stays_on_it(url: str) -> None:
    endpoint = Endpoint(url, allows_private=True)
    assert endpoint.may_contact("127.0.0.1")
    assert not endpoint.may_contact("93.184.215.14")
    assert not endpoint.may_contact("10.0.0.1")


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "https://10.0.0.1/", "https://[fd00:ec2::254]/"])
def test_an_inward_address_in_the_url_is_not_contacted_unless_configured(url: str) -> None:
    endpoint = Endpoint(url)
    assert not endpoint.may_contact(endpoint.host)
    assert Endpoint(url, allows_private=True).may_contact(endpoint.host)


@pytest.mark.parametrize(
    "target", ["", "other", "//other.example/", "/a b", "/a#b", "/\u00e4", "/a\r\nX: y", "http://other/"]
)
def test_another_target_is_a_path_of_the_same_place(target: str) -> None:
    endpoint = Endpoint("https://mcp.example:8443/mcp")
    if target.startswith("//"):
        assert endpoint.at(target).origin == endpoint.url.origin
        return
    with pytest.raises(ValueError, match="path and a query"):
        endpoint.at(target)


@pytest.mark.parametrize("token", ["", "short", "with blank 123", "line\r\nbreak: 123", "\u00fcmlaut-1234567"])
def test_a_malformed_token_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(NotReadyError, match="bearer token is malformed"):
        Bearer(lambda: token).headers(Outgoing("POST", "https://mcp.example/", {}, b""), wait_ms=1)


def test_a_token_is_taken_out_of_a_text_however_its_slashes_are_written() -> None:
    endpoint = Endpoint("https://mcp.example/", Bearer(lambda: CANARY))
    endpoint.auth.headers(Outgoing("POST", "https://mcp.example/", {}, b""), wait_ms=1)
    escaped = CANARY.replace("/", "\\/")
    assert endpoint.auth.redact(f"a {CANARY} b {escaped} c") == "a [redacted] b [redacted] c"
    assert Endpoint("https://mcp.example/").auth.redact(CANARY) == CANARY
