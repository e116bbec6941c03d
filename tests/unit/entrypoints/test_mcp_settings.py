"""What is configured of an MCP server is what speaks to it: the version, and each way of saying who we are."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from adapters.connectors.signing import Sign
from adapters.memory.clock import FakeClock
from adapters.memory.objects import MemoryInternalObjects
from adapters.memory.secrets import MemorySecrets
from core.domain.answer import Applied
from core.domain.errors import ConfigurationError
from core.domain.timing import Timing
from entrypoints.container.connecting import connector_table
from entrypoints.settings.loading import Overrides, load
from entrypoints.settings.mcp import McpSettings
from ports.wire.mcp import HANDSHAKEN, PROTOCOL_VERSION
from tests.unit.connectors.peers import CANARY, OpenGate, RealClock, listening, replying, request_of
from tests.unit.connectors.servers import CALL, DISCOVER, NEWEST_SERVER, Server, older_server

URL = "https://crm.example.test/mcp"
TOKEN = "t0ken-t0ken"


def settings(folder: Path, more: Mapping[str, object], url: str = URL) -> McpSettings:
    """As Terraform hands them over: one JSON object in the environment."""
    file = folder / "actonce.toml"
    file.write_text("", encoding="utf-8")
    tables = {"crm": {"kind": "mcp", "url": url, "tools": ["crm."], **more}}
    one = load(Overrides(config=file), {"ACTONCE_CONNECTORS": json.dumps(tables)}).connectors["crm"]
    assert isinstance(one, McpSettings)
    return one


@pytest.mark.parametrize(
    "more",
    [
        {},
        *({"protocol_version": it} for it in (PROTOCOL_VERSION, *HANDSHAKEN)),
        *({"protocol_version": it, "handshake": False} for it in HANDSHAKEN),
    ],
)
def test_a_version_may_be_pinned_and_an_older_one_without_its_handshake(
    tmp_path: Path, more: Mapping[str, object]
) -> None:
    one = settings(tmp_path, more)
    assert (one.protocol_version, one.handshake) == (more.get("protocol_version"), more.get("handshake", True))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"protocol_version": "2024-11-05"}, "protocol_version"),
        ({"protocol_version": "latest"}, "protocol_version"),
        ({"handshake": False}, "needs a protocol_version of 2025-11-25, 2025-06-18, 2025-03-26"),
        ({"handshake": False, "protocol_version": PROTOCOL_VERSION}, "needs a protocol_version"),
    ],
)
def test_what_cannot_be_spoken_is_refused_by_name(tmp_path: Path, more: Mapping[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        settings(tmp_path, more)


def called(
    one: McpSettings, *, secrets: Mapping[str, str] | None = None, sign: Callable[[str, str | None], Sign] | None = None
) -> None:
    """Call a tool as production is wired."""
    table = connector_table(
        {"crm": one}, MemoryInternalObjects(), RealClock(), Timing(), MemorySecrets(secrets or {}), sign
    )
    connector = table.offering("crm.create_task", "tenant")
    assert connector is not None
    assert isinstance(connector.call(request_of(), OpenGate(), None), Applied)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, [DISCOVER, CALL]),
        ({"protocol_version": PROTOCOL_VERSION}, [CALL]),
        ({"protocol_version": "2025-06-18"}, ["initialize", "notifications/initialized", CALL]),
        ({"protocol_version": "2025-06-18", "handshake": False}, [CALL]),
    ],
)
def test_the_version_that_is_configured_reaches_the_server(
    tmp_path: Path, more: Mapping[str, object], said: list[str]
) -> None:
    server = Server({**older_server(), **NEWEST_SERVER})
    with listening(server) as peer:
        called(settings(tmp_path, more, peer.url))
    assert server.methods == said


BASIC = base64.b64encode(f"ada:{TOKEN}".encode()).decode()
WAYS: Mapping[str, tuple[Mapping[str, object], tuple[str, str | None]]] = {
    "nobody": ({}, ("authorization", None)),
    "a token of its own": ({"token_secret": "crm"}, ("authorization", f"Bearer {TOKEN}")),
    "bearer": ({"auth": {"kind": "bearer", "token": {"secret": "crm"}}}, ("authorization", f"Bearer {TOKEN}")),
    "api key": ({"auth": {"kind": "api_key", "header": "X-Key", "key": {"secret": "crm"}}}, ("x-key", TOKEN)),
    "basic": (
        {"auth": {"kind": "basic", "user": "ada", "password": {"secret": "crm"}}},
        ("authorization", f"Basic {BASIC}"),
    ),
}


@pytest.mark.parametrize(("more", "expected"), WAYS.values(), ids=WAYS)
def test_every_message_says_who_we_are_the_negotiation_too(
    tmp_path: Path, more: Mapping[str, object], expected: tuple[str, str | None]
) -> None:
    server = Server(NEWEST_SERVER)
    with listening(server) as peer:
        called(settings(tmp_path, more, peer.url), secrets={"crm": TOKEN})
    name, value = expected
    assert [headers.get(name) for headers, _ in server.told] == [value, value]


def test_an_access_token_by_client_credentials_is_asked_for_once(tmp_path: Path) -> None:
    server = Server(NEWEST_SERVER)
    granted = replying(json.dumps({"access_token": TOKEN, "expires_in": 3600}).encode())
    with listening(server) as peer, listening(granted) as issuer:
        secret = {"secret": "crm"}
        auth = {"kind": "oauth_client_credentials", "token_url": issuer.url, "client_id": "c", "client_secret": secret}
        called(settings(tmp_path, {"auth": auth}, peer.url), secrets={"crm": CANARY})
    assert [headers["authorization"] for headers, _ in server.told] == [f"Bearer {TOKEN}"] * 2
    assert len(issuer.received) == 1


@pytest.mark.parametrize(("region", "given"), [({}, None), ({"region": "eu-west-1"}, "eu-west-1")])
def test_every_message_to_a_gateway_is_signed_for_its_service(
    tmp_path: Path, region: Mapping[str, str], given: str | None
) -> None:
    asked: list[tuple[str, str | None]] = []
    signed: list[bytes] = []

    def signing(service: str, where: str | None) -> Sign:
        asked.append((service, where))

        def sign(
            method: str, url: str, headers: Mapping[str, str], body: bytes
        ) -> tuple[Mapping[str, str], tuple[str, ...]]:
            signed.append(body)
            return {"Authorization": f"AWS4-HMAC-SHA256 {len(signed)}"}, ()

        return sign

    server = Server(NEWEST_SERVER)
    with listening(server) as peer:
        called(settings(tmp_path, {"auth": {"kind": "sigv4", **region}}, peer.url), sign=signing)
    assert asked == [("bedrock-agentcore", given)]
    assert [headers["authorization"][-1] for headers, _ in server.told] == ["1", "2"]
    assert [json.loads(it)["method"] for it in signed] == [DISCOVER, CALL]


def test_a_signature_is_for_the_target_aws(tmp_path: Path) -> None:
    one = settings(tmp_path, {"auth": {"kind": "sigv4"}})
    with pytest.raises(ConfigurationError, match=r"connectors\.crm: sigv4 is for the target aws"):
        connector_table({"crm": one}, MemoryInternalObjects(), FakeClock(), Timing())
