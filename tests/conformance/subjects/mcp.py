"""The MCP connector, against the example server: the official SDK behind a front that plays faults."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

from adapters.connectors.authorizing import Bearer
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits
from adapters.connectors.mcp import McpConnector
from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.request import Request
from examples.mcp_server.probe import Probe, running
from tests.conformance.subject import CANARY, MAX_RESPONSE_BYTES, Case, Fault, Kind, Undo, Write
from tests.unit.connectors.peers import RealClock, free_port

FAULTS: Mapping[Fault, str] = {
    Fault.DROP_BEFORE: "drop_before",
    Fault.DROP_AFTER: "drop_reply",
    Fault.SILENCE_BEFORE: "timeout",
    Fault.SILENCE_AFTER: "timeout_after_apply",
    Fault.LATE_APPLY: "late_apply",
    Fault.THROTTLE: "throttle",
    Fault.ERROR_BEFORE: "http_500_before",
    Fault.ERROR_AFTER: "http_500_after",
    Fault.REFUSE: "refuse",
    Fault.MALFORMED: "malformed",
    Fault.DRIP: "slow_drip",
    Fault.OVERSIZE: "huge",
    Fault.REDIRECT: "redirect",
}
TIMED = {Fault.LATE_APPLY, Fault.THROTTLE}
GIVEN: Mapping[str, Mapping[str, Json]] = {
    "crm.create_task": {"priority": "HIGH"},
    "crm.create_opportunity": {"stage": "NEW", "close_date": "2026-12-31", "amount": 12.5},
    "crm.update_opportunity": {"stage": "WON"},
    "calendar.create_event": {"start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z"},
    "payments.create_invoice": {"currency": "EUR"},
    "mail.send_letter": {"body": "Dear Ada"},
}
OWN = {
    "crm.create_task": "title",
    "crm.create_opportunity": "name",
    "crm.update_opportunity": "opportunity_id",
    "calendar.create_event": "title",
    "mail.send_letter": "recipient",
    "news.fetch": "query",
}
MADE_BY = {"crm.delete_task": "crm.create_task", "calendar.delete_event": "calendar.create_event"}
numbers = count(1)


class McpStand:
    """One server. Faults are planned by intent, so that none is left over for another test."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self.connector = connector_at(probe.port)
        self.unreachable = connector_at(free_port())

    def arguments(self, case: Case) -> Mapping[str, Json]:
        number = next(numbers)
        if case.tool in MADE_BY:
            binding = {"tenant_id": "tenant", "account_id": "account", "action_intent_id": f"made-{number}"}
            made = MADE_BY[case.tool]
            given = {**GIVEN[made], OWN[made]: "By people", **binding, "idempotency_key": f"{number:064x}"}
            refs = self._probe.call(made, given).envelope["external_object_refs"]
            return {"object_id": refs[0]["object_id"]}
        own: dict[str, Json] = {"amount": number} if case.tool not in OWN else {OWN[case.tool]: f"acme-{number}"}
        return {**GIVEN.get(case.tool, {}), **own}

    def fail(self, request: Request, fault: Fault, *, reads: bool = False, seconds: float = 0.0) -> None:
        intent = request.key.intent_id
        keys = [f"lookup:{intent}", f"image:{intent}"] if reads else [intent]
        if request.tool == "news.fetch":
            keys = [intent]
        name = f"{FAULTS[fault]}:{seconds}" if fault in TIMED else FAULTS[fault]
        answer = self._probe.plan({key: [name] for key in keys})
        assert answer.status == 200, answer.body

    def writes(self) -> Sequence[Write]:
        lines = [line for line in self._probe.log() if line["op"] != "REPLAY"]
        return [Write(_kind(line["op"], line["version"]), line["object_id"], line["fields"]) for line in lines]

    def is_of(self, write: Write, request: Request) -> bool:
        arguments: Mapping[str, Json] = json.loads(request.arguments)
        if write.kind is not Kind.CREATE:
            is_it = write.object_id == self.object_of(request)
            return is_it and (write.kind is Kind.DELETE or write.fields["stage"] == arguments["stage"])
        asked = {*GIVEN[request.tool], OWN.get(request.tool, "amount")}
        return all(write.fields[name] == arguments[name] for name in asked)

    def object_of(self, request: Request) -> str:
        arguments: Mapping[str, Json] = json.loads(request.arguments)
        return str(arguments.get("object_id") or arguments["opportunity_id"])

    def asked(self) -> int:
        return len(self._probe.calls())

    def strays(self) -> int:
        return sum(call["tool"] == "_elsewhere" for call in self._probe.calls())

    def edit(self, object_id: str) -> None:
        raise NotImplementedError("this server has no people")

    remove = edit

    def lag(self, seconds: float) -> None:
        raise NotImplementedError("this server reads strongly")

    def calm(self) -> None:
        assert self._probe.health() == 200


def _kind(op: str, version: int) -> Kind:
    if op == "DELETE":
        return Kind.DELETE
    return Kind.CREATE if version == 1 else Kind.UPDATE


def connector_at(port: int) -> McpConnector:
    endpoint = Endpoint(f"http://127.0.0.1:{port}/mcp", Bearer(lambda: CANARY))
    return McpConnector(Exchange(endpoint, RealClock(), Limits(response_bytes=MAX_RESPONSE_BYTES)), RealClock())


def case_of(tool: str, kind: Kind, contract: EffectContract, look_up: str | None = None) -> Case:
    terms = Terms(contract, look_up_tool=look_up, key_retention_ms=86_400_000)
    return Case(tool, kind, terms, faults=frozenset(FAULTS), people=False, lags=False)


TASK_GONE = case_of("crm.delete_task", Kind.DELETE, EffectContract.NATURAL_KEY, "crm.check_task_deleted")
EVENT_GONE = case_of("calendar.delete_event", Kind.DELETE, EffectContract.CLIENT_ID, "calendar.check_event_deleted")
TASK = case_of("crm.create_task", Kind.CREATE, EffectContract.NATURAL_KEY, "crm.find_task")
EVENT = case_of("calendar.create_event", Kind.CREATE, EffectContract.CLIENT_ID, "calendar.find_event")
STAGE = case_of("crm.update_opportunity", Kind.UPDATE, EffectContract.READ_BACK, "crm.check_opportunity")


class McpSubject:
    """Every tool of the example server."""

    name = "mcp"
    cases: Sequence[Case] = (
        replace(TASK, undo=Undo(TASK_GONE.tool, TASK_GONE.terms)),
        TASK_GONE,
        case_of("crm.create_opportunity", Kind.CREATE, EffectContract.NATURAL_KEY, "crm.find_opportunity"),
        replace(STAGE, terms=replace(STAGE.terms, before_tool="crm.get_opportunity")),
        replace(EVENT, undo=Undo(EVENT_GONE.tool, EVENT_GONE.terms)),
        EVENT_GONE,
        case_of("payments.create_invoice", Kind.CREATE, EffectContract.PROVIDER_KEY),
        case_of("mail.send_letter", Kind.CREATE, EffectContract.OPAQUE),
        case_of("news.fetch", Kind.READ, EffectContract.READ_ONLY),
    )

    @contextmanager
    def running(self, folder: Path) -> Iterator[McpStand]:
        with running(folder / "writes.jsonl") as probe:
            yield McpStand(probe)


SUBJECT = McpSubject()
