from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.connectors.authorizing import Bearer
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits, Reply
from adapters.connectors.resolving import MOST_WAITING
from core.domain.answer import Hold, NotSent
from tests.unit.connectors.peers import (
    CANARY,
    OpenGate,
    RealClock,
    ShutGate,
    free_port,
    listening,
    replying,
)
from tests.unit.connectors.sending import SOON_S, send, timed


def test_the_gate_is_asked_when_the_connection_stands_and_not_before() -> None:
    gate = ShutGate()
    sent = send(f"http://127.0.0.1:{free_port()}/", gate)
    assert isinstance(sent, NotSent)
    assert sent.hold is Hold.UNREACHABLE
    assert "refused" in sent.detail
    assert gate.asked == 0


def test_a_handshake_that_never_ends_is_not_a_call() -> None:
    with listening(None) as peer:
        gate = OpenGate()
        sent, took_s = timed(peer.url.replace("http:", "https:"), 300, gate)
    assert isinstance(sent, NotSent)
    assert sent.hold is Hold.UNREACHABLE
    assert took_s < SOON_S
    assert gate.asked == 0


def test_a_certificate_must_be_trusted_before_the_gate_is_asked(tmp_path: Path) -> None:
    certificate, key = certified(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def shake(connection: socket.socket) -> socket.socket:
        with suppress(OSError):
            return context.wrap_socket(connection, server_side=True)
        return connection

    gate = OpenGate()
    with listening(replying(b"{}"), shake) as peer:
        url = peer.url.replace("http:", "https:")
        trust = ssl.create_default_context(cafile=certificate)
        sent = Exchange(Endpoint(url, Bearer(lambda: CANARY)), RealClock(), trust=trust).send(
            b"{}", {}, timeout_ms=5_000, gate=gate
        )
        assert isinstance(sent, Reply)
        wary = send(url, gate)
        assert isinstance(wary, NotSent)
        assert "certificate" in wary.detail.lower()
    assert gate.asked == 1
    assert peer.received[0].startswith(b"POST /mcp")


def certified(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, good for an hour, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
    now = datetime.now(UTC)
    host = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    building = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    building = building.serial_number(1).not_valid_before(now - timedelta(hours=1))
    made = building.not_valid_after(now + timedelta(hours=1)).add_extension(host, critical=False).sign(key, SHA256())
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_connecting_has_a_bound_of_its_own() -> None:
    with listening(None) as peer:
        begun = time.monotonic()
        sent = send(peer.url.replace("http:", "https:"), timeout_ms=5_000, limits=Limits(connect_ms=200))
        assert time.monotonic() - begun < SOON_S
    assert isinstance(sent, NotSent)


def test_a_name_that_is_never_resolved_is_not_a_call_and_threads_do_not_pile_up() -> None:
    never = threading.Event()
    asked = []

    def ask(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        never.wait(20)
        return []

    post = Exchange(Endpoint("http://provider.example/"), RealClock(), ask=ask)
    for _ in range(MOST_WAITING + 3):
        begun = time.monotonic()
        sent = post.send(b"{}", {}, timeout_ms=30)
        assert isinstance(sent, NotSent)
        assert time.monotonic() - begun < 0.3
    assert asked == ["provider.example"] * MOST_WAITING
    never.set()


def test_a_name_without_an_address_is_not_a_call() -> None:
    def ask(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    sent = Exchange(Endpoint("http://provider.example/"), RealClock(), ask=ask).send(b"{}", {}, timeout_ms=500)
    assert sent == NotSent(Hold.UNREACHABLE, "Nothing was sent: Name or service not known")


def test_the_next_address_is_tried_when_one_is_dead() -> None:
    with listening(replying(b"{}")) as peer:
        url = f"http://provider.example:{peer.port}/"
        post = Exchange(Endpoint(url, allows_private=True), RealClock(), ask=lambda *_: ["127.0.0.2", "127.0.0.1"])
        assert isinstance(post.send(b"{}", {}, timeout_ms=2_000), Reply)


def test_no_proxy_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with listening(replying(b"{}")) as peer:
        assert isinstance(send(peer.url), Reply)


def test_a_token_goes_to_its_endpoint_and_into_no_answer() -> None:
    with listening(replying(b"{}")) as peer:
        post = Exchange(Endpoint(peer.url, Bearer(lambda: CANARY)), RealClock())
        assert isinstance(post.send(b"{}", {}, timeout_ms=2_000), Reply)
        assert CANARY not in repr(post.endpoint)
    assert f"Authorization: Bearer {CANARY}\r\n".encode() in peer.received[0]
    assert CANARY not in str(post.send(b"{}", {}, timeout_ms=200))


def test_a_token_in_the_clear_goes_to_no_other_host_whatever_localhost_resolves_to() -> None:
    with listening(replying(b"{}")) as peer:
        post = Exchange(
            Endpoint(f"http://localhost:{peer.port}/", Bearer(lambda: CANARY)),
            RealClock(),
            ask=lambda *_: ["192.0.2.1", "203.0.113.7"],
        )
        begun = time.monotonic()
        sent = post.send(b"{}", {}, timeout_ms=2_000)
        assert time.monotonic() - begun < SOON_S
    assert sent == NotSent(Hold.UNREACHABLE, "Nothing was sent: The name leads to no address that may be contacted.")
    assert peer.received == []
