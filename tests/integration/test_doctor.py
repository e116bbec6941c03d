"""The doctor reaches every kind of connector as a call would, and sends nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.integration.desk import Desk
from tests.integration.ground import Ground
from tests.unit.connectors.outward import KINDS, SCOPE, document_of
from tests.unit.connectors.peers import free_port, listening, replying

SECRET = "canary-of-the-doctor-0123456789"
BEARER = {"kind": "bearer", "token": {"env": "A_SECRET"}}
CLIENT = {"kind": "oauth_client_credentials", "client_id": "client", "client_secret": {"env": "A_SECRET"}}
GRANTED = json.dumps({"access_token": "token-0123456789"}).encode()


def examined(folder: Path, kind: str, document: Mapping[str, Any], more: str = "") -> tuple[int, str]:
    ground = Ground(folder / "here", kind, {})
    ground.lay(document)
    with (ground.folder / "actonce.toml").open("a", encoding="utf-8") as file:
        file.write(more)
    done = Desk(ground.folder)("doctor")
    assert SECRET not in done.output
    return done.exit_code, " ".join(done.output.split())


def who(kind: str, token_url: str) -> Mapping[str, Any]:
    return {**CLIENT, "scope": SCOPE, "token_url": token_url} if kind == "salesforce" else BEARER


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", SECRET)


@pytest.mark.parametrize("kind", KINDS)
def test_a_connector_that_can_be_reached_is_ok_and_gets_no_request(kind: str, tmp_path: Path) -> None:
    with listening(replying(GRANTED)) as login, listening(replying(b"{}")) as peer:
        auth = who(kind, f"http://127.0.0.1:{login.port}/token")
        code, said = examined(tmp_path, kind, document_of(kind, f"http://127.0.0.1:{peer.port}", auth))
        assert (code, f"127.0.0.1:{peer.port} is reached" in said) == (0, True)
    assert [it for it in peer.received if it] == []


@pytest.mark.parametrize("kind", KINDS)
def test_one_where_nobody_listens_fails(kind: str, tmp_path: Path) -> None:
    with listening(replying(GRANTED)) as login:
        auth = who(kind, f"http://127.0.0.1:{login.port}/token")
        code, said = examined(tmp_path, kind, document_of(kind, f"http://127.0.0.1:{free_port()}", auth))
    assert (code, "Connection refused" in said) == (5, True)


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_gets_no_token_fails_and_says_why(kind: str, tmp_path: Path) -> None:
    refusal = replying(b'{"error": "invalid_client"}', status="401 -")
    with socket.create_server(("127.0.0.1", 0)) as server, listening(refusal) as login:
        auth = {**CLIENT, "scope": SCOPE, "token_url": f"http://127.0.0.1:{login.port}/token"}
        here = f"http://127.0.0.1:{server.getsockname()[1]}"
        code, said = examined(tmp_path, kind, document_of(kind, here, auth))
    assert (code, "401 (invalid_client)" in said) == (5, True)


@pytest.mark.parametrize("kind", KINDS)
def test_one_whose_secret_is_not_there_fails(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_SECRET")
    auth = who(kind, "https://login.example/token")
    code, said = examined(tmp_path, kind, document_of(kind, "https://127.0.0.1", auth))
    assert (code, "the variable A_SECRET is not set" in said) == (5, True)


@pytest.mark.parametrize("kind", KINDS)
def test_one_whose_host_is_not_listed_fails(kind: str, tmp_path: Path) -> None:
    auth = who(kind, "https://login.example/token")
    listed = '[egress]\nhosts = ["*.other.example"]\n'
    code, said = examined(tmp_path, kind, document_of(kind, "https://provider.example", auth), listed)
    assert (code, "is not listed" in said) == (5, True)
