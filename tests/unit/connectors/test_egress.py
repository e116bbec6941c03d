"""No connector of any kind, and no token endpoint, reaches anything but the host that was configured."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import pytest
from pydantic import SecretStr
from pydantic import ValidationError as PydanticError

from adapters.connectors.endpoint import Endpoint
from core.domain.answer import CannotTell, Hold, NotSent
from core.domain.errors import ConfigurationError
from entrypoints.container.authorizing import Surroundings
from entrypoints.container.outward import connector_of
from entrypoints.settings.auth import BearerAuth, ClientCredentialsAuth, SecretRef
from entrypoints.settings.connectors import Outward
from tests.unit.connectors.outward import KINDS, SCOPE, call_of, settings_of
from tests.unit.connectors.peers import CANARY, OpenGate, RealClock, listening, replying

NOWHERE = "Nothing was sent: The name leads to no address that may be contacted."
TOKENS = {"kind": "oauth_client_credentials", "client_id": "c", "client_secret": {"env": "S"}, "scope": SCOPE}
BY_TOKEN = ("mcp", "http", "google_calendar")

INWARD = [
    ("loopback", "127.0.0.1"),
    ("loopback, another", "127.8.8.8"),
    ("private 10/8", "10.0.0.1"),
    ("private 172.16/12", "172.31.255.254"),
    ("private 192.168/16", "192.168.0.1"),
    ("shared, CGNAT", "100.64.0.1"),
    ("shared, its end", "100.127.255.254"),
    ("link-local, metadata", "169.254.169.254"),
    ("link-local, metadata of tasks", "169.254.170.2"),
    ("metadata of Alibaba", "100.100.100.200"),
    ("metadata of Azure", "168.63.129.16"),
    ("this network", "0.0.0.0"),
    ("this network, another", "0.1.2.3"),
    ("broadcast", "255.255.255.255"),
    ("multicast", "224.0.0.251"),
    ("reserved", "240.0.0.1"),
    ("benchmarks", "198.18.0.1"),
    ("documentation", "192.0.2.1"),
    ("IPv6 loopback", "::1"),
    ("IPv6 unspecified", "::"),
    ("IPv6 link-local", "fe80::1"),
    ("IPv6 link-local with a zone", "fe80::1%lo"),
    ("IPv6 site-local", "fec0::1"),
    ("IPv6 unique local", "fd00::1"),
    ("IPv6 metadata", "fd00:ec2::254"),
    ("IPv6 multicast", "ff02::1"),
    ("IPv6 documentation", "2001:db8::1"),
    ("IPv4-mapped loopback", "::ffff:127.0.0.1"),
    ("IPv4-mapped, in hex", "::ffff:7f00:1"),
    ("IPv4-mapped private", "::ffff:10.0.0.1"),
    ("IPv4-mapped metadata", "::ffff:169.254.169.254"),
    ("IPv4-translated", "::ffff:0:127.0.0.1"),
    ("IPv4-compatible", "::127.0.0.1"),
    ("NAT64 of loopback", "64:ff9b::127.0.0.1"),
    ("NAT64 of metadata", "64:ff9b::169.254.169.254"),
    ("NAT64, local prefix", "64:ff9b:1::10.0.0.1"),
    ("6to4 of loopback", "2002:7f00:1::1"),
    ("6to4 of private", "2002:a00:1::1"),
    ("Teredo", "2001:0:a00:1::1"),
]
NOBODYS = [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.251",
    "240.0.0.1",
    "::",
    "fe80::1",
    "fe80::1%lo",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::1",
]
ODD = [
    ("a user", "https://user@provider.example"),
    ("a user and a password", f"https://user:{CANARY}@provider.example"),
    ("a host as a user", "https://provider.example@169.254.169.254"),
    ("a host and a port as a user", "https://provider.example:443@127.0.0.1"),
    ("an empty user", "https://@127.0.0.1"),
    ("a backslash", "https://127.0.0.1\\@provider.example"),
    ("a backslash in the host", "https://provider.example\\.evil.example"),
    ("a fragment", "https://127.0.0.1#@provider.example"),
    ("decimal", "https://2130706433"),
    ("hexadecimal", "https://0x7f000001"),
    ("hexadecimal parts", "https://0x7f.0x0.0x0.0x1"),
    ("octal", "https://0177.0.0.1"),
    ("octal, whole", "https://017700000001"),
    ("short", "https://127.1"),
    ("short with a dot at its end", "https://127.1."),
    ("zero", "https://0"),
    ("too many parts", "https://127.0.0.1.1"),
    ("an address with a leading zero", "https://127.0.0.01"),
    ("other letters", "https://pr\u043evider.example"),
    ("letters in circles", "https://\u24dbocalhost"),
    ("a wide dot", "https://127\u30020\u30020\u30021"),
    ("wide digits", "https://\uff11\uff12\uff17.0.0.1"),
    ("percent signs", "https://127%2e0%2e0%2e1"),
    ("a blank", "https://provider.example 127.0.0.1"),
    ("a line's end", "https://provider.example\r\nHost: evil.example"),
    ("a zero byte", "https://provider.example\x00.evil.example"),
    ("a bracket that stays open", "https://[::1"),
    ("brackets around a name", "https://[provider.example]"),
    ("no host", "https://"),
    ("a port that is none", "https://provider.example:0x50"),
    ("port 0", "https://provider.example:0"),
    ("a file", "file:///etc/passwd"),
    ("gopher", "gopher://127.0.0.1:6379/_FLUSHALL"),
    ("no scheme", "//provider.example"),
]


@pytest.fixture
def trap() -> Iterator[socket.socket]:
    """Listens on this host; nobody may have knocked at the end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server
        with pytest.raises(BlockingIOError):
            server.accept()


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def secretive(one: Outward) -> Outward:
    """The settings with the secrets in them, as they are when they were read."""
    ref = SecretRef(env="S").model_copy(update={"value": SecretStr(CANARY)})
    auth = one.auth
    if isinstance(auth, BearerAuth):
        return one.model_copy(update={"auth": auth.model_copy(update={"token": ref})})
    assert isinstance(auth, ClientCredentialsAuth)
    return one.model_copy(update={"auth": auth.model_copy(update={"client_secret": ref})})


def reaching(kind: str, origin: str, token_url: str | None = None, **more: object) -> Outward:
    auth = {"kind": "bearer", "token": {"env": "S"}} if token_url is None else {**TOKENS, "token_url": token_url}
    return secretive(settings_of(kind, origin, auth, **more))


def is_nowhere(one: Outward, kind: str, found: Sequence[str], detail: str, hold: Hold) -> None:
    """Each verb, where the host's name leads there; nothing is asked that stands just before a first byte."""
    connector = connector_of(one, Surroundings(RealClock(), 500, ask=lambda *_: found))
    request, gate = call_of(kind), OpenGate()
    answer = connector.call(request, gate, None)
    assert isinstance(answer, NotSent), answer
    assert (answer.hold, answer.detail, gate.asked) == (hold, detail, 0)
    assert isinstance(connector.look_up(request, None), CannotTell)
    assert connector.before_image(replace(request, timeout_ms=500)) is None or kind == "salesforce"


@pytest.mark.parametrize("kind", BY_TOKEN)
@pytest.mark.parametrize("address", [it[1] for it in INWARD], ids=[it[0] for it in INWARD])
def test_a_name_that_leads_inward_is_not_contacted(kind: str, address: str, trap: socket.socket) -> None:
    one = reaching(kind, f"https://provider.example:{port_of(trap)}")
    is_nowhere(one, kind, [address], NOWHERE, Hold.UNREACHABLE)
    is_nowhere(one, kind, ["10.0.0.7", address], NOWHERE, Hold.UNREACHABLE)


@pytest.mark.parametrize("address", [it[1] for it in INWARD], ids=[it[0] for it in INWARD])
def test_an_instance_of_salesforce_that_leads_inward_is_not_contacted(address: str, trap: socket.socket) -> None:
    """Its token comes from this host, over a connection that is in order."""
    document = {"access_token": "token-0123456789", "instance_url": f"https://acme.example:{port_of(trap)}"}
    with listening(replying(json.dumps(document).encode())) as peer:
        origin = f"https://acme.example:{port_of(trap)}"
        one = reaching("salesforce", origin, f"http://127.0.0.1:{peer.port}/token")
        is_nowhere(one, "salesforce", [address], NOWHERE, Hold.UNREACHABLE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("address", [it[1] for it in INWARD], ids=[it[0] for it in INWARD])
def test_a_token_endpoint_that_leads_inward_is_not_contacted(kind: str, address: str, trap: socket.socket) -> None:
    origin = f"https://127.0.0.1:{port_of(trap)}"
    one = reaching(kind, origin, f"https://login.example:{port_of(trap)}/token")
    detail = "Nothing was sent: no access token: the token endpoint did not answer"
    is_nowhere(one, kind, [address], detail, Hold.NOT_READY)


@pytest.mark.parametrize("kind", BY_TOKEN)
@pytest.mark.parametrize("address", [it[1] for it in INWARD[1:] if it[1] not in {"127.8.8.8", "::1"}])
def test_an_inward_address_in_the_url_is_not_contacted(kind: str, address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    one = reaching(kind, f"https://{host}")
    is_nowhere(one, kind, ["93.184.215.14"], NOWHERE, Hold.UNREACHABLE)


@pytest.mark.parametrize("kind", BY_TOKEN)
def test_of_several_addresses_those_that_lead_inward_are_not_contacted(kind: str, trap: socket.socket) -> None:
    one = reaching(kind, f"https://provider.example:{port_of(trap)}")
    # Nobody answers at the public one here; where somebody does, it is the only one that is spoken to.
    connector = connector_of(one, Surroundings(RealClock(), 50, ask=lambda *_: ["127.0.0.1", "203.0.113.1"]))
    assert isinstance(connector.call(call_of(kind), OpenGate(), None), NotSent)
    endpoint = Endpoint("https://provider.example")
    assert [endpoint.may_contact(it) for it in ("127.0.0.1", "93.184.215.14")] == [False, True]


@pytest.mark.parametrize("kind", BY_TOKEN)
@pytest.mark.parametrize("address", NOBODYS)
def test_no_name_leads_to_metadata_even_where_private_addresses_are_allowed(kind: str, address: str) -> None:
    one = reaching(kind, "https://provider.example", allows_private=True)
    is_nowhere(one, kind, [address], NOWHERE, Hold.UNREACHABLE)


@pytest.mark.parametrize("origin", [it[1] for it in ODD], ids=[it[0] for it in ODD])
@pytest.mark.parametrize("kind", KINDS)
def test_an_odd_url_is_refused_before_anything_is_built(kind: str, origin: str) -> None:
    around = Surroundings(RealClock(), 500, ask=lambda *_: pytest.fail("a name was resolved"))
    with pytest.raises((ConfigurationError, PydanticError)) as refused:
        connector_of(reaching(kind, origin, "https://login.example/token"), around)
    message = refused.value.message if isinstance(refused.value, ConfigurationError) else ""
    assert CANARY not in message


@pytest.mark.parametrize("url", [it[1] for it in ODD], ids=[it[0] for it in ODD])
@pytest.mark.parametrize("kind", KINDS)
def test_an_odd_token_url_is_refused_before_anything_is_built(kind: str, url: str) -> None:
    around = Surroundings(RealClock(), 500, ask=lambda *_: pytest.fail("a name was resolved"))
    with pytest.raises((ConfigurationError, PydanticError)):
        connector_of(reaching(kind, "https://provider.example", url), around)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 -", "308 -"])
def test_no_redirect_is_followed_by_any_verb_or_for_a_token(kind: str, status: str, trap: socket.socket) -> None:
    location = f"Location: http://127.0.0.1:{port_of(trap)}/"
    with listening(replying(b"{}", location, status=status)) as peer:
        here = f"http://127.0.0.1:{peer.port}"
        for token_url in (None, f"{here}/token") if kind != "salesforce" else (f"{here}/token",):
            connector = connector_of(reaching(kind, here, token_url), Surroundings(RealClock(), 500))
            connector.call(call_of(kind), OpenGate(), None)
            connector.look_up(call_of(kind), None)
            connector.before_image(call_of(kind))
        assert peer.received


def test_a_token_for_another_instance_is_used_nowhere(trap: socket.socket) -> None:
    document = {"access_token": "token-0123456789", "instance_url": f"http://127.0.0.1:{port_of(trap)}"}
    with listening(replying(json.dumps(document).encode())) as peer:
        here = f"http://127.0.0.1:{peer.port}"
        connector = connector_of(reaching("salesforce", here, f"{here}/token"), Surroundings(RealClock(), 500))
        answer = connector.call(call_of("salesforce"), OpenGate(), None)
        assert isinstance(answer, NotSent)
        assert answer.hold is Hold.NOT_READY
    assert [it.partition(b" HTTP")[0] for it in peer.received] == [b"POST /token"]


@pytest.mark.parametrize(
    ("hosts", "host", "is_listed"),
    [
        ((), "provider.example", True),
        (("provider.example",), "provider.example", True),
        (("PROVIDER.example",), "provider.EXAMPLE.", True),
        (("*.example",), "provider.example", True),
        (("*.provider.example",), "a.b.provider.example", True),
        (("*.provider.example",), "provider.example", False),
        (("provider.example",), "evil-provider.example", False),
        (("*.provider.example",), "evilprovider.example", False),
        (("provider.example",), "provider.example.evil.example", False),
        (("other.example",), "provider.example", False),
    ],
)
def test_where_hosts_are_listed_no_other_one_is_configured(hosts: tuple[str, ...], host: str, is_listed: bool) -> None:
    for kind, place in product(KINDS, ("itself", "token")):
        listed = (*hosts, "always.example") if hosts else ()
        origins = (f"https://{host}", "https://always.example")
        origin, login = origins if place == "itself" else origins[::-1]
        one, around = reaching(kind, origin, f"{login}/token"), Surroundings(RealClock(), 500, egress=listed)
        if is_listed:
            connector_of(one, around)
        else:
            with pytest.raises(ConfigurationError, match="is not listed"):
                connector_of(one, around)
