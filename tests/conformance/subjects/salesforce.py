"""The Salesforce connector against the fake organisation, whose objects have an external id field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from adapters.connectors.authorizing import Bearer
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits
from adapters.connectors.salesforce import SalesforceConnector
from adapters.connectors.salesforce_fields import KeyFields
from adapters.connectors.tokens import ClientCredentials, OAuthTokens
from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.request import Request
from tests.conformance.subject import ALL_FAULTS, CANARY, MAX_RESPONSE_BYTES, Case, Fault, Kind, Undo, Write
from tests.providers.driving import Driven, driven
from tests.providers.shelf import API
from tests.unit.connectors.peers import RealClock, free_port

KEY = "ActonceKey__c"
STATED = KeyFields(external={"Task": KEY, "Opportunity": KEY}, stated=True)
KEYED = Terms(EffectContract.NATURAL_KEY, settle_delay_ms=1_000, look_up_tool="look_up")
CHANGED = Terms(EffectContract.READ_BACK, settle_delay_ms=1_000, look_up_tool="look_up", before_tool="before")
WRITTEN = {
    "crm.create_task": ("Task", {"title": "Subject", "description": "Description"}),
    "crm.create_opportunity": ("Opportunity", {"name": "Name", "stage": "StageName", "close_date": "CloseDate"}),
    "crm.update_opportunity": ("Opportunity", {"stage": "StageName"}),
    "crm.update_account": ("Account", {}),
    "crm.delete_task": ("Task", {}),
}
EDITS = {
    "Task": {"Subject": "Theirs"},
    "Opportunity": {"StageName": "Closed Lost"},
    "Account": {"Website": "theirs.example"},
}
OPPORTUNITY = {"Name": "Renewal", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
CASES = (
    Case("crm.create_task", Kind.CREATE, KEYED, Undo("crm.delete_task", KEYED), faults=ALL_FAULTS),
    Case("crm.create_opportunity", Kind.CREATE, KEYED, faults=ALL_FAULTS),
    Case("crm.update_opportunity", Kind.UPDATE, CHANGED),
    Case("crm.update_account", Kind.UPDATE, CHANGED),
    Case("crm.delete_task", Kind.DELETE, KEYED),
)
numbers = count(1)


@dataclass(frozen=True)
class SalesforceStand:
    """The fake and the connector that speaks to it."""

    fake: Driven

    @cached_property
    def connector(self) -> SalesforceConnector:
        clock = RealClock()
        tokens = Exchange(Endpoint(f"{self.fake.url}/services/oauth2/token"), clock)
        auth = OAuthTokens(tokens, ClientCredentials("client", lambda: CANARY), clock)
        limits = Limits(response_bytes=MAX_RESPONSE_BYTES)
        return SalesforceConnector(Exchange(Endpoint(self.fake.url, auth), clock, limits), clock, STATED)

    @property
    def unreachable(self) -> SalesforceConnector:
        endpoint = Endpoint(f"http://127.0.0.1:{free_port()}", Bearer(lambda: CANARY))
        return SalesforceConnector(Exchange(endpoint, RealClock()), RealClock(), STATED)

    def arguments(self, case: Case) -> Mapping[str, Json]:
        number = next(numbers)
        match case.tool:
            case "crm.create_task":
                target = {"entity_type": "ACCOUNT", "entity_id": self._added("Account", {"Name": "Acme"})}
                return {"title": f"Call {number}", "priority": "HIGH", "description": "Ask\nhow", "target": target}
            case "crm.create_opportunity":
                return {"name": f"Renewal {number}", "stage": "Prospecting", "close_date": "2026-12-31", "amount": 12.5}
            case "crm.update_opportunity":
                return {"stage": "Closed Won", "target": self._target("Opportunity", OPPORTUNITY)}
            case "crm.update_account":
                fields: dict[str, Json] = {"website": f"https://{number}.example", "NumberOfEmployees": number}
                return {"fields": fields, "target": self._target("Account", {"Name": "Acme"})}
            case _:
                return {"object_id": self._added("Task", {"Subject": "Call"})}

    def fail(self, request: Request, fault: Fault, *, reads: bool = False, seconds: float = 0.0) -> None:
        self.fake.fail(fault.value, reads=reads, seconds=seconds)

    def writes(self) -> Sequence[Write]:
        lines = (line for line in self.fake.log() if line["by"] == API)
        return [Write(Kind(line["op"]), line["object_id"], line["fields"] or {}) for line in lines]

    def is_of(self, write: Write, request: Request) -> bool:
        arguments = json.loads(request.arguments)
        _, names = WRITTEN[request.tool]
        if request.tool.startswith("crm.create"):
            wanted = {KEY: request.effect_key, **{names[it]: arguments[it] for it in names}}
        elif request.tool == "crm.delete_task":
            wanted = {"IsDeleted": True}
        elif request.tool == "crm.update_account":
            wanted = {"Website": arguments["fields"]["website"]}
        else:
            wanted = {"StageName": arguments["stage"]}
        is_right_one = request.tool.startswith("crm.create") or write.object_id == self.object_of(request)
        return is_right_one and wanted.items() <= write.fields.items()

    def object_of(self, request: Request) -> str:
        arguments = json.loads(request.arguments)
        return str(arguments["object_id"] if "object_id" in arguments else arguments["target"]["entity_id"])

    def asked(self) -> int:
        return self.fake.asked()

    def strays(self) -> int:
        return self.fake.strays()

    def edit(self, object_id: str) -> None:
        object_type = self._type_of(object_id)
        self.fake.people(do="edit", type=object_type, id=object_id, fields=EDITS[object_type])

    def remove(self, object_id: str) -> None:
        self.fake.people(do="remove", type=self._type_of(object_id), id=object_id)

    def lag(self, seconds: float) -> None:
        self.fake.lag(seconds)

    def calm(self) -> None:
        self.fake.calm()

    def _added(self, object_type: str, fields: Mapping[str, Any]) -> str:
        return str(self.fake.people(do="add", type=object_type, fields=fields)["id"])

    def _target(self, object_type: str, fields: Mapping[str, Any]) -> Json:
        return {"entity_type": object_type, "entity_id": self._added(object_type, fields)}

    def _type_of(self, object_id: str) -> str:
        return {"001": "Account", "006": "Opportunity", "00T": "Task"}[object_id[:3]]


class SalesforceSubject:
    """Every tool."""

    name = "salesforce"
    cases = CASES

    @contextmanager
    def running(self, folder: Path) -> Iterator[SalesforceStand]:
        options = ("--secret", CANARY, "--token", CANARY)
        with driven("tests.providers.salesforce", folder / "salesforce.jsonl", *options) as fake:
            yield SalesforceStand(fake)


SUBJECT = SalesforceSubject()
