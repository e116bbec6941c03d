"""An organisation on a fake, connectors that speak to it, and requests of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.salesforce import SalesforceConnector
from adapters.connectors.salesforce_fields import KeyFields
from adapters.connectors.tokens import ClientCredentials, OAuthTokens
from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.request import Request
from tests.providers.driving import Driven
from tests.unit.connectors.peers import RealClock, request_of

CANARY = "canary-SECRET-of-the-client-0123456789"
DESCRIBED = KeyFields()
REF = KeyFields(correlation={"Task": "ActonceRef__c", "Opportunity": "ActonceRef__c"})
OPPORTUNITY: dict[str, Json] = {"name": "Renewal", "stage": "Prospecting", "close_date": "2026-12-31", "amount": 12.5}
CREATES: dict[str, dict[str, Json]] = {"crm.create_task": {"title": "Call them"}, "crm.create_opportunity": OPPORTUNITY}
CALM_MS = 8_000
numbers = count(1)


@dataclass(frozen=True)
class Organisation:
    """A fake, and connectors that speak to it."""

    fake: Driven

    def connector(self, fields: KeyFields = DESCRIBED, version: str = "61.0") -> SalesforceConnector:
        clock = RealClock()
        tokens = Exchange(Endpoint(f"{self.fake.url}/services/oauth2/token"), clock)
        auth = OAuthTokens(tokens, ClientCredentials("client", lambda: CANARY), clock)
        exchange = Exchange(Endpoint(self.fake.url, auth), clock)
        return SalesforceConnector(exchange, clock, fields, version=version)

    def writes(self, request: Request) -> list[str]:
        keys = ("ActonceKey__c", "ActonceRef__c")
        lines = [it for it in self.fake.log() if it["by"] == "api"]
        return [it["op"] for it in lines if request.effect_key in {it["fields"].get(name) for name in keys}]

    def add(self, object_type: str, **fields: Json) -> str:
        return str(self.fake.people(do="add", type=object_type, fields=fields)["id"])


def wanted(tool: str = "crm.create_task", *, contract: EffectContract | None = None, **more: Json) -> Request:
    arguments: dict[str, Any] = {**CREATES.get(tool, {}), **more}
    request = request_of(tool, f"intent-{next(numbers)}", timeout_ms=CALM_MS, **arguments)
    return request if contract is None else replace(request, terms=Terms(contract))
