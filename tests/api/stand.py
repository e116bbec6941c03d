"""An installation with executions of two tenants, behind the API as `actonce serve` and as Lambda would have it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

from adapters.memory.clock import FakeClock
from core.domain.claiming import Order
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.switches import Switch
from entrypoints.api.resolver import Api
from entrypoints.container.building import close
from entrypoints.container.embedded import EmbeddedContainer
from entrypoints.container.service import issued_tokens, service_desk
from entrypoints.serving import Application, event_of
from entrypoints.settings.api import ApiTable
from entrypoints.version import VERSION
from tests.api.callers import AUDIENCE, ISSUER, Claims, Issuer
from tests.contract.samples import NOW_MS, claimed, entry, intent, parked
from tests.unit.entrypoints.installing import an_installation
from tests.unit.making import an_intent

HOST = "localhost"
# The last call is over by then, so that what is parked may be resolved.
LATER_MS = NOW_MS + 3_600_000


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.text)
        return document


@dataclass
class Stand:
    """The installation, and how it is asked."""

    container: EmbeddedContainer
    issuer: Issuer
    application: Application
    api: Api
    database: Path = field(init=False)

    def __post_init__(self) -> None:
        self.database = self.container.settings().paths.database

    def ask(
        self, method: str, path: str, *, token: str | None = None, body: object = None, query: str = "", **more: str
    ) -> Answer:
        """Ask as over HTTP."""
        environ = environ_of(method, path, body=body, query=query, **more)
        if token is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        kept: list[Any] = []
        content = b"".join(self.application(environ, lambda status, headers: kept.extend((status, headers))))
        return Answer(int(kept[0].split()[0]), dict(kept[1]), content.decode())

    def event(
        self, method: str, path: str, claims: object, *, body: object = None, query: str = "", **more: str
    ) -> dict[str, Any]:
        """Return the event of a request whose token API Gateway's authorizer has verified."""
        event = event_of(environ_of(method, path, body=body, query=query, **more), None)
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
        return event

    def as_(self, claims: Claims) -> str:
        return self.issuer.token(claims)

    def rows(self) -> list[str]:
        """All that is stored."""
        with sqlite3.connect(self.database) as connection:
            return list(connection.iterdump())


def environ_of(method: str, path: str, *, body: object = None, query: str = "", **more: str) -> dict[str, Any]:
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": HOST}
    setup_testing_defaults(environ)
    if body is not None:
        environ |= {"CONTENT_LENGTH": str(len(content)), "CONTENT_TYPE": "application/json"}
    return environ | {"wsgi.input": BytesIO(content)} | more


def query_of(**parameters: str) -> str:
    return urlencode(parameters)


@contextmanager
def a_stand(folder: Path) -> Iterator[Stand]:
    container = an_installation(folder, FakeClock(LATER_MS))
    try:
        seed(container)
        issuer = Issuer()
        table = ApiTable(issuer=ISSUER, audience=AUDIENCE, jwks_file=issuer.write(folder))
        api = Api(service_desk(container), VERSION)
        yield Stand(container, issuer, Application(api, issued_tokens(table), frozenset({HOST})), api)
    finally:
        close(container)


def seed(container: EmbeddedContainer) -> None:
    """Put something of every kind into one account, and something else around it."""
    container.registry().apply(entry())
    for tenant in ("acme", "other"):
        container.kill_switches().open(Switch(tenant), operator="test", reason="", at_ms=NOW_MS)
    for tenant, account in (("acme", "emea"), ("acme", "apac"), ("other", "emea")):
        mark = f"{tenant}-{account}"
        doubtful = intent(IntentKey(tenant, account, f"doubt-{mark}"))
        change = claimed(doubtful)
        container.executions().commit(change)
        container.executions().commit(parked(change.execution))
        container.intents().put(intent(IntentKey(tenant, account, f"pending-{mark}")))
        done = note(tenant, account, f"done-{mark}")
        container.execute()(Order(done.key, "worker", done))
    container.kill_switches().close(Switch("other", "OTHERS_SECRET"), operator="eve", reason="", at_ms=NOW_MS)


def note(tenant: str, account: str, intent_id: str) -> Intent:
    return an_intent(
        key=IntentKey(tenant, account, intent_id),
        action_type="CREATE_INTERNAL_NOTE",
        parameters={"content": "Call them"},
        target=None,
    )
