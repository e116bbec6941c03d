"""`actonce serve` as a process: its address, its token, its page, and how it ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from entrypoints.api.static import policy
from tests.api.callers import AUDIENCE, ISSUER, OPERATOR, Issuer
from tests.api.service import ADDRESS, Service, serving
from tests.architecture.sources import ROOT
from tests.integration.desk import Desk, an_open_desk, event

NAMED = ("-t", "tenant-1", "-a", "account-1")
AT = "account_id=account-1"
SIGN_IN = """
sign_in_authorize_url = "https://login.example/authorize"
sign_in_token_url = "https://login.example/token"
sign_in_client_id = "console"
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = an_open_desk(tmp_path_factory.mktemp("desk"))
    desk.ok("run", desk.events(event(1), event(2)))
    return desk


@pytest.fixture(scope="module")
def service(desk: Desk) -> Iterator[Service]:
    with serving(desk, *NAMED) as running:
        yield running


def test_it_answers_to_the_token_that_it_prints_and_to_nothing_else(desk: Desk, service: Service) -> None:
    path = f"/executions/intent-1/status?{AT}"
    assert service.ask("GET", path)[0] == 401
    assert service.ask("GET", path, token=Issuer().token(OPERATOR))[0] == 401
    status, _, text = service.ask("GET", path, token=service.token)
    assert (status, json.loads(text)) == (200, desk.status(1))
    assert service.ask("GET", path, token=service.token, headers={"Host": "evil.example"})[0] == 421


def test_an_act_is_carried_out_by_a_worker_and_on_record_with_who_asked(desk: Desk, service: Service) -> None:
    body = {"reason": "wrong customer"}
    status, _, text = service.ask("POST", f"/executions/intent-1/undo?{AT}", token=service.token, body=body)
    assert (status, json.loads(text)["act"]) == (200, "undo")
    desk.ok("run")
    assert desk.status(1)["compensation_status"] == "COMPLETED"
    timeline = json.loads(desk.ok("timeline", "intent-1", *NAMED, "--json"))
    asked = [it["body"] for it in timeline["chains"][0]["entries"] if it["event"] == "DECISION"]
    assert [(it["operator"], it["reason"]) for it in asked] == [("ada", "wrong customer")]


def test_the_page_comes_with_its_policy_and_no_other_file_does(service: Service) -> None:
    status, headers, _ = service.ask("GET", "/")
    assert (status, headers["Location"]) == (302, "/console")
    for path in ("/console/..%2fresolver.py", "/console/resolver.py", "/console/%2e%2e", "/console//etc/passwd"):
        status, _, text = service.ask("GET", path)
        assert status in {400, 404}, path
        assert "import" not in text
    status, headers, text = service.ask("GET", "/console")
    if status == 404:
        assert text == '{"error": "Not found"}'
    else:
        assert headers["Content-Security-Policy"] == policy(None)


def test_a_request_that_is_cut_off_or_too_large_harms_nobody(service: Service) -> None:
    with socket.create_connection(("127.0.0.1", service.port)) as half:
        half.sendall(b"POST /executions/intent-1/cancel HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    assert service.ask("GET", "/health", headers={"X-Long": "x" * 40_000})[0] == 431
    assert service.ask("POST", "/executions/intent-1/cancel", body={"reason": "x" * 20_000})[0] == 413
    assert service.ask("GET", "/health")[0] == 200


def test_it_takes_the_tokens_of_the_issuer_that_the_settings_name(desk: Desk) -> None:
    issuer, whole = Issuer(), desk.config.read_text(encoding="utf-8")
    issuer.write(desk.folder)
    told = f'[api]\nissuer = "{ISSUER}"\naudience = "{AUDIENCE}"\njwks_file = "keys.json"\n'
    named = desk.folder / "issued.toml"
    named.write_text(whole + told, encoding="utf-8")
    claims = OPERATOR | {"custom:tenant_id": "tenant-1", "custom:account_ids": '["account-1"]'}
    with serving(desk, config=named) as service:
        assert service.token is None
        assert service.ask("GET", "/counts", token=issuer.token(claims))[0] == 200
        assert service.ask("GET", "/counts", token=Issuer().token(claims))[0] == 401


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to_and_what_it_printed_is_one_line(desk: Desk, number: signal.Signals) -> None:
    with serving(desk, *NAMED) as service:
        assert service.ask("GET", "/health")[0] == 200
        service.process.send_signal(number)
        assert service.process.wait(30) == 0
        assert service.process.stdout is not None
        assert service.process.stdout.read() == ""


SLOW = """
import time
from entrypoints.serving import Application, hosts_of, listening, serve_until_stopped
from entrypoints.tokens import OwnTokens

def answer(event):
    print("asked", flush=True)
    time.sleep(1)
    return {"statusCode": 200, "headers": {}, "body": "x" * 100_000}

with listening("127.0.0.1", 0) as (socket, port):
    print(f"Serving http://127.0.0.1:{port}/console", flush=True)
    serve_until_stopped(Application(answer, OwnTokens(b"k" * 32), hosts_of("127.0.0.1", port)), socket)
"""


def test_a_request_that_is_being_answered_when_it_is_told_to_end_is_answered_whole() -> None:
    process = subprocess.Popen([sys.executable, "-c", SLOW], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        found = ADDRESS.match(process.stdout.readline())
        assert found is not None
        service = Service(process, int(found[1]), None)
        with ThreadPoolExecutor(1) as asking:
            answer = asking.submit(service.ask, "GET", "/health")
            assert process.stdout.readline() == "asked\n"
            process.send_signal(signal.SIGTERM)
            assert (answer.result()[0], len(answer.result()[2])) == (200, 100_000)
        assert process.wait(30) == 0
        with pytest.raises(ConnectionRefusedError):
            service.ask("GET", "/health")
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_what_is_wrong_is_said_in_a_line(tmp_path: Path) -> None:
    desk = an_open_desk(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = desk("serve", "--port", str(taken.getsockname()[1]), *NAMED)
        assert (done.exit_code, "Cannot listen" in done.stderr) == (2, True)
    done = desk("serve", "--port", "0", "-t", "tenant-1")
    assert (done.exit_code, "--account is missing" in done.stderr) == (2, True)
    desk.config.write_text('[api]\nissuer = "https://issuer.example"\n', encoding="utf-8")
    done = desk("serve", "--port", "0", *NAMED)
    assert (done.exit_code, "jwks_url" in done.stderr) == (2, True)
    desk.config.write_text(f"[api]\n{SIGN_IN}", encoding="utf-8")
    done = desk("serve", "--port", "0", *NAMED)
    assert (done.exit_code, "Set issuer" in done.stderr) == (2, True)
