"""No secret of any kind of connector comes out anywhere, whatever the other side makes of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.aws.session import Aws
from adapters.aws.signing import RequestSigner
from adapters.connectors.guarded import GuardedConnector
from adapters.connectors.routing import ConnectorTable, Route
from adapters.connectors.shares import Bounds
from core.domain.answer import Answer, Applied, CannotTell, Finding, ObjectRef, Refused, Unknown
from core.domain.errors import ErrorClass
from core.domain.request import Request
from entrypoints.container.authorizing import Surroundings
from entrypoints.container.outward import connector_of
from ports.connector import Connector, Connectors, Gate
from tests.conformance.driven_stand import rsa_key
from tests.integration.desk import Desk
from tests.integration.ground import Ground, everything_logged, leaks
from tests.integration.hostile import ANSWERS, TOKEN_PATH, Hostile
from tests.unit.connectors.outward import CALLS, SCOPE, document_of, settings_of
from tests.unit.connectors.peers import RealClock, listening

TOKEN = "canary-BEARER/token+0123456789=="
KEY = "canary-KEY~of.the!api^0123456789"
PASSWORD = "canary-PASSWORD#of$the%user&0123"
# Made of what may stand in an error code, so that it could pass for one.
CLIENT_SECRET = "canary-CLIENT.secret:0123456789"
AWS_SECRET = "canaryAWSsecret/0123456789+abcdefghijklm"
AWS_TOKEN = "canaryAWSsession/0123456789+abcdefghijklm=="
SECRETS = {"C_TOKEN": TOKEN, "C_KEY": KEY, "C_PASSWORD": PASSWORD, "C_SECRET": CLIENT_SECRET}
INTENTS, MOST_ROUNDS = 10, 12

AUTHS: Mapping[str, Mapping[str, Any]] = {
    "bearer": {"token": {"env": "C_TOKEN"}},
    "api_key": {"key": {"env": "C_KEY"}},
    "basic": {"user": "ada", "password": {"env": "C_PASSWORD"}},
    "oauth_client_credentials": {"client_id": "client", "client_secret": {"env": "C_SECRET"}, "scope": SCOPE},
    "oauth_jwt_bearer": {
        "issuer": "client",
        "audience": "https://login.example",
        "private_key": {"env": "C_PEM"},
        "subject": "ada@example.com",
        "scope": SCOPE,
    },
    "sigv4": {"service": "bedrock-agentcore", "region": "eu-central-1"},
}
OAUTH = ("oauth_client_credentials", "oauth_jwt_bearer")
TAKEN = {
    "mcp": tuple(AUTHS),
    "http": tuple(AUTHS),
    "salesforce": OAUTH,
    "google_calendar": ("bearer", *OAUTH),
}
PAIRS = [(kind, auth) for kind, auths in TAKEN.items() for auth in auths]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    planted = {**SECRETS, "C_PEM": rsa_key(), "AWS_SECRET_ACCESS_KEY": AWS_SECRET, "AWS_SESSION_TOKEN": AWS_TOKEN}
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDCANARY")
    for name, value in planted.items():
        monkeypatch.setenv(name, value)
    return planted


def planted_secrets() -> list[str]:
    lines = rsa_key().splitlines()[1:-1]
    return [*SECRETS.values(), AWS_SECRET, AWS_TOKEN, *lines]


def signing() -> Surroundings:
    aws = Aws(region="eu-central-1")
    return Surroundings(RealClock(), 500, sign=lambda service, region: RequestSigner(aws, service, region))


def routed(kind: str, connector: Connector) -> Connectors:
    guarded = GuardedConnector(connector, RealClock(), Bounds(failures=1_000), "it")
    return ConnectorTable([Route(CALLS[kind][0], guarded)])


@pytest.mark.parametrize(("kind", "auth"), PAIRS, ids=[f"{kind}-{auth}" for kind, auth in PAIRS])
def test_no_secret_comes_out_whatever_a_provider_says(
    kind: str, auth: str, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    hostile = Hostile(kind)
    ground = Ground(tmp_path / "here", kind, environment)
    with everything_logged() as logged:
        with listening(hostile) as peer:
            here = f"http://127.0.0.1:{peer.port}"
            who = {"kind": auth, **AUTHS[auth], **({"token_url": here + TOKEN_PATH} if auth in OAUTH else {})}
            # Signatures are for the target aws; here the connector is put where the table would have it.
            is_signed = auth == "sigv4"
            ground.lay(document_of(kind, here, {"kind": "none"} if is_signed else who, breaker_failures=1_000))
            signed = connector_of(settings_of(kind, here, who), signing()) if is_signed else None
            for begin in range(1, MOST_ROUNDS * INTENTS, INTENTS):
                if hostile.played < set(ANSWERS):
                    hostile.forget()
                    intents = range(begin, begin + INTENTS)
                    ground.work(intents, None if signed is None else routed(kind, signed))
        ground.look(range(1, 4))
        ground.said += logged

    assert hostile.played == set(ANSWERS)
    assert hostile.ever
    assert leaks(ground.texts(), [*planted_secrets(), *hostile.ever]) == []


class Leaking:
    """Says what it knows, in each place that a connector has for words."""

    def __init__(self, answer: Callable[[str], Answer], finding: Callable[[str], Finding], secret: str) -> None:
        self._answer = answer(secret)
        self._finding = finding(secret)

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        return gate.closed() or self._answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        return self._finding

    def before_image(self, request: Request) -> str | None:
        return None


LEAKS: Mapping[str, tuple[Callable[[str], Answer], Callable[[str], Finding]]] = {
    "a response": (lambda it: Applied(response=f'{{"note": "{it}"}}'), CannotTell),
    "a reference": (lambda it: Applied((ObjectRef("crm", "task", "t-1", f"https://crm.example/{it}"),)), CannotTell),
    "a refusal": (lambda it: Refused(ErrorClass.AUTH, "AUTH_FAILED", f"Not accepted: {it}"), CannotTell),
    "a refusal that is escaped": (lambda it: Refused(ErrorClass.AUTH, "NO", _escaped(it)), CannotTell),
    "doubt": (Unknown, CannotTell),
    "a finding": (lambda _: Unknown("lost"), lambda it: CannotTell(it, changed_otherwise=True)),
}


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(it):04x}" for it in text)


@pytest.mark.parametrize("leak", LEAKS)
def test_a_connector_that_leaks_is_caught(leak: str, tmp_path: Path) -> None:
    ground = Ground(tmp_path / "here", "mcp", {})
    ground.lay(document_of("mcp", "https://nobody.example", {"kind": "none"}))
    with everything_logged() as logged:
        ground.work(range(1, 2), routed("mcp", Leaking(*LEAKS[leak], KEY)))
        ground.look(range(1, 2))
        ground.said += logged
    found = leaks(ground.texts(), [KEY])
    assert any(it.endswith("in actonce.db") or "table" in it for it in found)
    assert leaks(ground.texts(), [TOKEN]) == []


@pytest.mark.parametrize("place", ["a log", "the output", "a file"])
def test_a_secret_anywhere_else_is_caught_too(place: str, tmp_path: Path) -> None:
    ground = Ground(tmp_path / "here", "mcp", {})
    ground.lay(document_of("mcp", "https://nobody.example", {"kind": "none"}))
    ground.work(range(0))
    with everything_logged() as logged:
        if place == "a log":
            logging.getLogger("actonce.any").debug("told", extra={"fields": {"of": KEY}})
        elif place == "the output":
            ground.said.append(f"Invalid value: {KEY}")
        else:
            (ground.folder / "artifact").write_bytes(KEY.encode("utf-16-le"))
    ground.said += logged
    assert leaks(ground.texts(), [KEY])


WRITTEN_DOWN: Mapping[str, Mapping[str, Any]] = {
    "a user in the url": {"url": f"https://ada:{KEY}@crm.example/mcp"},
    "a token beside the url": {"url": "https://crm.example/mcp", "token": KEY},
    "a token in place of its name": {"url": "https://crm.example/mcp", "auth": {"kind": "bearer", "token": KEY}},
    "the value of a reference": {
        "url": "https://crm.example/mcp",
        "auth": {"kind": "bearer", "token": {"env": "C_TOKEN", "value": KEY}},
    },
    "a key that nobody knows": {"url": "https://crm.example/mcp", "password": KEY},
    "a secret as a variable's name": {"url": "https://crm.example/mcp", "token_env": KEY},
    "a kind that there is not": {"url": "https://crm.example/mcp", "auth": {"kind": KEY}},
    "a place of tokens with a user": {
        "url": "https://crm.example/mcp",
        "auth": {**AUTHS["oauth_client_credentials"], "kind": OAUTH[0], "token_url": f"https://a:{KEY}@b.example"},
    },
}


@pytest.mark.parametrize("case", WRITTEN_DOWN)
def test_a_secret_that_is_written_into_the_file_is_not_said_again(
    case: str, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    ground = Ground(tmp_path / "here", "mcp", environment)
    ground.lay({"kind": "mcp", "tools": ["crm."], **WRITTEN_DOWN[case]})
    desk = Desk(ground.folder)
    for command in (["doctor"], ["run"], ["list", "-t", "t", "-a", "a"]):
        done = desk("--verbose", *command)
        assert leaks(iter([(case, done.output + repr(done.exception))]), [KEY]) == []
    assert desk("run").exit_code == 2
