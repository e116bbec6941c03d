"""How each route is asked for: the table that every test of all routes goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["one", "many", "tenant", "public"]


@dataclass(frozen=True)
class Shape:
    """How one route is asked. ``kind``: of one account's intent or list, of many accounts, of the tenant, of nobody."""

    kind: Kind
    path: str
    query: str = ""
    body: Any = None
    act: bool = False

    def at(self, *, account: str, intent: str) -> Shape:
        path = self.path.format(account=account, intent=intent)
        return Shape(self.kind, path, self.query.format(account=account), self.body, self.act)


WHY = {"reason": "asked by a test"}
FOUND = {"happened": True, "evidence": "it is in the outbox"}
AT = "account_id={account}"

SHAPES: dict[str, Shape] = {
    "GET /executions/<action_intent_id>/status": Shape("one", "/executions/{intent}/status", AT),
    "GET /executions/<action_intent_id>/timeline": Shape("one", "/executions/{intent}/timeline", AT),
    "GET /accounts/<account_id>/executions": Shape("many", "/accounts/{account}/executions"),
    "GET /executions": Shape("many", "/executions"),
    "GET /in-doubt": Shape("many", "/in-doubt"),
    "GET /counts": Shape("many", "/counts"),
    "GET /kill-switches": Shape("tenant", "/kill-switches"),
    "GET /registry": Shape("tenant", "/registry"),
    "POST /executions/<action_intent_id>/cancel": Shape("one", "/executions/{intent}/cancel", AT, WHY, act=True),
    "POST /executions/<action_intent_id>/retry": Shape("one", "/executions/{intent}/retry", AT, WHY, act=True),
    "POST /executions/<action_intent_id>/resolve": Shape("one", "/executions/{intent}/resolve", AT, FOUND, act=True),
    "POST /executions/<action_intent_id>/undo": Shape("one", "/executions/{intent}/undo", AT, WHY, act=True),
    "PUT /kill-switches": Shape("tenant", "/kill-switches", "", {"closed": True, **WHY}, act=True),
    "GET /health": Shape("public", "/health"),
    "GET /openapi.json": Shape("public", "/openapi.json"),
    "GET /": Shape("public", "/"),
    "GET /console": Shape("public", "/console"),
    "GET /console/sign-in.json": Shape("public", "/console/sign-in.json"),
    "GET /console/<file>": Shape("public", "/console/index.html"),
}
GUARDED = {name: it for name, it in SHAPES.items() if it.kind != "public"}
ACTS = {name: it for name, it in SHAPES.items() if it.act}
OF_ONE = {name: it for name, it in SHAPES.items() if it.kind == "one"}
