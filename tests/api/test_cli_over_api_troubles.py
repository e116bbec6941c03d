"""Whatever answers in the place of the API: it is said in one line, with its exit code, and never with the token."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entrypoints.cli.main import app
from tests.api.afar import CANARY, NAMED, Afar
from tests.integration.ground import everything_logged, leaks
from tests.unit.connectors.peers import Script, free_port, listening, replying, resetting
from tests.unit.connectors.test_reaching import certified

LOOK = ("status", "intent-1", *NAMED)
ACT = ("cancel", "intent-1", *NAMED, "--reason", "asked by a test")
DRY = (*ACT, "--dry-run")
THROW = ("stop", "-t", "acme", "--reason", "asked by a test")
SECRETS = [CANARY, *CANARY.split(".")[1:]]
DOUBT = "Whether it was done is not known"


def error(text: str, **more: str) -> bytes:
    return json.dumps({"error": text, **more}).encode()


@contextmanager
def afar(folder: Path, script: Script | None, more: str = "") -> Iterator[tuple[Afar, list[bytes]]]:
    with listening(script) as peer:
        yield Afar(folder, f"http://127.0.0.1:{peer.port}", more=more), peer.received


ERRORS: tuple[tuple[str, bytes, tuple[str, ...], int, str], ...] = (
    ("400 Bad Request", error("next_token: is not valid"), (), 2, "next_token: is not valid"),
    ("401 Unauthorized", error("Unauthorized"), (), 2, "does not take the token"),
    ("401 Unauthorized", b'{"message":"Unauthorized"}', (), 2, "does not take the token"),
    ("403 Forbidden", error("Forbidden"), (), 2, "forbids it"),
    ("404 Not Found", error("Execution not found"), (), 3, "There is no intent intent-1"),
    ("404 Not Found", error("Not found"), (), 2, "There is no API of actonce at this url"),
    ("404 Not Found", b'{"message":"Not Found"}', (), 2, "There is no API of actonce at this url"),
    ("405 Method Not Allowed", error("Method not allowed"), (), 2, "There is no API of actonce at this url"),
    ("409 Conflict", error("Its effect is there.", error_code="OPERATION_REFUSED"), (), 4, "Its effect is there."),
    ("409 Conflict", b"", (), 4, "The API refuses it."),
    ("413 Content Too Large", error("The body is too large"), (), 2, "too large"),
    ("418 I'm a teapot", b"", (), 1, "418"),
    ("421 Misdirected Request", error("This is not the host"), (), 2, "hosts"),
    ("429 Too Many Requests", b'{"message":"Too Many Requests"}', ("Retry-After: 17",), 7, "try again in 17 seconds"),
    ("429 Too Many Requests", b"", (), 7, "try again later"),
    ("500 Internal Server Error", error("Internal server error"), (), 1, "a fault of its own (500)"),
    ("502 Bad Gateway", b"<html>", (), 7, "(502); try again later"),
    ("503 Service Unavailable", error("Try again"), ("Retry-After: 2",), 7, "(503); try again in 2 seconds"),
    ("504 Gateway Timeout", b"", (), 7, "(504)"),
    ("302 Found", b"", ("Location: /elsewhere",), 2, "redirect (302), which is not followed"),
    ("307 Temporary Redirect", b"", ("Location: https://elsewhere.example/",), 2, "redirect (307)"),
    ("202 Accepted", b"", (), 1, "202"),
    ("203 Non-Authoritative Information", b"{}", (), 1, "203"),
    ("204 No Content", b"", (), 1, "204"),
    ("408 Request Timeout", b"", (), 1, "408"),
    ("499 Client Closed Request", b"", (), 1, "499"),
)


@pytest.mark.parametrize(("status", "body", "headers", "code", "said"), ERRORS, ids=lambda it: str(it)[:40])
def test_every_error_has_its_exit_code_and_one_line(
    status: str, body: bytes, headers: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    with afar(tmp_path, replying(body, *headers, status=status)) as (ask, received):
        for command in (LOOK, ACT, DRY):
            done = ask(*command)
            assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (code, "", 1), done.output
            assert said in done.stderr
            # An act of which nobody knows whether it was done says so; what only looks or rehearses does not.
            assert (DOUBT in done.stderr) == (command == ACT and (status[0] == "5" or code == 1))
    assert len(received) == 3


def status_of(**changes: object) -> dict[str, object]:
    document = {
        "action_intent_id": "intent-1",
        "tenant_id": "acme",
        "account_id": "emea",
        "status": "SUCCEEDED",
        "action_type": "CREATE_TASK",
        "registry_version": 1,
    }
    return document | changes


BODIES: tuple[tuple[bytes, str], ...] = (
    (b"", "cannot be read"),
    (b"<html>hello</html>", "cannot be read"),
    (b"\xff\xfe", "it is not UTF-8"),
    (b"[]", "cannot be read"),
    (b"null", "cannot be read"),
    (b"[" * 100_000, "cannot be read"),
    (json.dumps({"status": "SUCCEEDED"}).encode(), "action_intent_id"),
    (json.dumps(status_of(status="DONE")).encode(), "status: "),
    (json.dumps(status_of(surprise=1)).encode(), "surprise: "),
    (json.dumps(status_of(action_intent_id="intent-2")).encode(), "it is of another intent"),
    (json.dumps(status_of(tenant_id="other")).encode(), "it is of another tenant or account"),
    (json.dumps(status_of(account_id="apac")).encode(), "it is of another"),
)


@pytest.mark.parametrize(("body", "said"), BODIES, ids=lambda it: str(it)[:40])
def test_an_answer_that_is_none_of_the_apis_is_said_in_one_line(body: bytes, said: str, tmp_path: Path) -> None:
    with afar(tmp_path, replying(body)) as (ask, _):
        done = ask(*LOOK, "--json")
        assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done.output
        assert said in done.stderr
        for command in (ACT, DRY):
            # A rehearsal is shown to have been one by what is told of it alone.
            acted = ask(*command)
            assert (acted.exit_code, DOUBT in acted.stderr) == (1, True)


WRONG: tuple[tuple[tuple[str, ...], object], ...] = (
    (("list", "-t", "acme", "--json"), {"executions": [status_of(tenant_id="other")]}),
    (("list", *NAMED, "--json"), {"executions": [status_of(account_id="apac")]}),
    (
        ("inbox", "--json"),
        {"executions": [{**status_of(tenant_id="other"), "parked": "x", "can_resolve_at": None}], "is_partial": False},
    ),
    (
        ("switches", "--json"),
        {"switches": [{"scope": "TENANT", "tenant_id": "other", "action_type": None, "closed": True}]},
    ),
    (THROW, {"scope": "TENANT", "tenant_id": "other", "action_type": None, "closed": True}),
    (THROW, {"scope": "TENANT", "tenant_id": "acme", "action_type": None, "closed": False}),
    (ACT, {"action_intent_id": "intent-1", "account_id": "emea", "act": "undo", "status": status_of(), "told": "x"}),
    (
        ACT,
        {
            "action_intent_id": "intent-1",
            "account_id": "emea",
            "act": "cancel",
            "status": status_of(action_intent_id="intent-2"),
            "told": "x",
        },
    ),
    (DRY, {"act": "undo", "allowed": True, "would_repeat_a_write": False, "reason": "x"}),
)


@pytest.mark.parametrize(("command", "document"), WRONG, ids=lambda it: str(it)[:60])
def test_an_answer_to_something_else_is_not_shown(command: tuple[str, ...], document: object, tmp_path: Path) -> None:
    with afar(tmp_path, replying(json.dumps(document).encode())) as (ask, _):
        done = ask(*command)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done.output
    assert "it is of another" in done.stderr
    assert (DOUBT in done.stderr) == (command in {ACT, THROW})


def test_an_inbox_of_which_more_waits_says_so_beside_what_a_reader_parses(tmp_path: Path) -> None:
    row = {**status_of(status="IN_DOUBT"), "parked": "x", "can_resolve_at": None}
    with afar(tmp_path, replying(json.dumps({"executions": [row], "is_partial": True}).encode())) as (ask, _):
        shown, parsed = ask("inbox"), ask("inbox", "--json")
    assert "actonce resolve intent-1 -t acme -a emea" in shown.stdout
    assert json.loads(parsed.stdout)["action_intent_id"] == "intent-1"
    assert shown.stderr == parsed.stderr == "More is in doubt than was looked through or is shown.\n"
    with afar(tmp_path, replying(json.dumps({"executions": [], "is_partial": True}).encode())) as (ask, _):
        shown, checked = ask("inbox"), ask("doctor")
    assert shown.stdout == "Nothing that this token may see is among the newest in doubt.\n"
    assert "More is in doubt" in shown.stderr
    (told,) = [it for it in checked.stdout.splitlines() if it.startswith("warn  inbox")]
    assert "there are more" in told


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(tmp_path: Path) -> None:
    with listening(replying(b"{}")) as elsewhere:
        there = f"Location: http://127.0.0.1:{elsewhere.port}/"
        with afar(tmp_path, replying(b"", there, status="308 Permanent Redirect")) as (ask, received):
            assert ask(*LOOK).exit_code == 2
        assert (len(received), elsewhere.received) == (1, [])


def test_an_answer_over_the_bound_is_not_read_to_its_end(tmp_path: Path) -> None:
    body = json.dumps(status_of(action_type="x" * (6 * 1024 * 1024))).encode()
    with afar(tmp_path, replying(body)) as (ask, _):
        done = ask(*LOOK)
    assert (done.exit_code, "is over 6291456 bytes" in done.stderr) == (1, True)


def dripping(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


@pytest.mark.parametrize("script", [dripping, None], ids=["drips", "is silent"])
def test_an_answer_that_does_not_end_is_given_up_within_the_time(script: Script | None, tmp_path: Path) -> None:
    with afar(tmp_path, script, "timeout_s = 0.4\n") as (ask, _):
        for command, is_doubtful in ((LOOK, False), (ACT, True)):
            done = ask(*command)
            assert (done.exit_code, len(done.stderr.splitlines())) == (7, 1), done.output
            assert "did not answer in time" in done.stderr
            assert (DOUBT in done.stderr) == is_doubtful


def test_an_api_that_is_not_there_has_done_nothing(tmp_path: Path) -> None:
    done = Afar(tmp_path, f"http://127.0.0.1:{free_port()}")(*ACT)
    assert (done.exit_code, len(done.stderr.splitlines())) == (7, 1)
    assert "The API is not reached. Nothing was sent" in done.stderr
    assert DOUBT not in done.stderr


def test_a_url_without_the_target_acts_neither_there_nor_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with listening(replying(b"{}")) as peer:
        done = CliRunner().invoke(app, ["--url", f"http://127.0.0.1:{peer.port}", *THROW])
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "--target api" in done.stderr
    assert (peer.received, list(tmp_path.iterdir())) == ([], [])


def test_a_file_that_is_found_in_the_folder_gets_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with listening(replying(b"{}")) as peer:
        text = f'target = "api"\n[client]\nurl = "http://127.0.0.1:{peer.port}"\n'
        (tmp_path / "actonce.toml").write_text(text, encoding="utf-8")
        for command in (LOOK, THROW, ("doctor",)):
            done = CliRunner().invoke(app, [*command], env={"ACTONCE_API_TOKEN": CANARY})
            assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert peer.received == []


def test_a_connection_that_breaks_leaves_an_act_in_doubt(tmp_path: Path) -> None:
    with afar(tmp_path, resetting) as (ask, _):
        done = ask(*ACT)
    assert (done.exit_code, DOUBT in done.stderr) == (7, True)


def test_a_certificate_that_nobody_vouches_for_gets_no_token(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certified(tmp_path))

    def shake(connection: socket.socket) -> socket.socket:
        try:
            return context.wrap_socket(connection, server_side=True)
        except OSError:
            return connection

    with listening(replying(b"{}"), shake) as peer:
        done = Afar(tmp_path, f"https://127.0.0.1:{peer.port}")(*LOOK)
        assert (done.exit_code, "certificate" in done.stderr.lower()) == (7, True)
        assert b"".join(peer.received) == b""


def echoing(make: Callable[[str], Script]) -> Script:
    """Play what is made of the Authorization header that came."""

    def script(connection: socket.socket, request: bytes) -> None:
        lines = request.decode("latin-1").split("\r\n")
        (token,) = [it.partition(": Bearer ")[2] for it in lines if it.lower().startswith("authorization:")]
        assert token == CANARY
        make(token)(connection, request)

    return script


ECHOES: dict[str, Callable[[str], Script]] = {
    "in a refusal": lambda it: replying(error(f"no {it}", error_code=it), status="409 Conflict"),
    "in a bad request": lambda it: replying(error(f"{it}: no"), status="400 Bad Request"),
    "in what API Gateway says": lambda it: replying(json.dumps({"message": it}).encode(), status="403 Forbidden"),
    "in a document": lambda it: replying(json.dumps(status_of(action_type=it, error_message=f"x{it}x")).encode()),
    "in a field that is wrong": lambda it: replying(json.dumps(status_of(status=it)).encode()),
    "in a name": lambda it: replying(json.dumps(status_of(**{it: 1})).encode()),
    "in no document": lambda it: replying(f"<p>{it}</p>".encode()),
    "in a place": lambda it: replying(json.dumps({"executions": [], "next_token": it}).encode()),
    "in a header": lambda it: replying(b"{}", f"Location: /?{it}", f"Retry-After: {it}", status="302 Found"),
    "in a status line": lambda it: replying(b"{}", status=f"500 {it}"),
    "in escapes": lambda it: replying(
        ('{"error": "' + "".join(f"\\u{ord(character):04x}" for character in it) + '"}').encode(),
        status="409 Conflict",
    ),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_the_token_is_in_nothing_that_is_said_or_logged_though_the_other_side_says_it(
    echo: str, tmp_path: Path
) -> None:
    said: list[tuple[str, str]] = []
    with afar(tmp_path, echoing(ECHOES[echo])) as (ask, received), everything_logged() as logged:
        for command in (LOOK, (*LOOK, "--json"), ("list", "-t", "acme"), ACT, DRY, THROW, ("doctor",)):
            done = ask("--verbose", *command)
            said.append((" ".join(command), f"{done.output} {done.stderr} {done.exception!r}"))
        said += [("log", line) for line in logged]
    assert all(CANARY.encode() in it for it in received)
    assert leaks(iter(said), SECRETS) == []
