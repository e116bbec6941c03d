"""The MCP connector against a server that speaks 2025-03-26 alone, in sessions, without a line of the SDK."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from adapters.connectors.authorizing import Bearer
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits
from adapters.connectors.mcp import McpConnector
from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.request import Request
from tests.conformance.driven_stand import DrivenStand
from tests.conformance.scene import request_of
from tests.conformance.subject import ALL_FAULTS, CANARY, MAX_RESPONSE_BYTES, Case, Fault, Kind, Undo, Write
from tests.providers.driving import driven
from tests.unit.connectors.peers import RealClock, free_port

DAY_MS = 86_400_000
KEYED = Terms(EffectContract.NATURAL_KEY, settle_delay_ms=1_000, look_up_tool="desk.find_ticket")
CLOSED = Terms(EffectContract.NATURAL_KEY, settle_delay_ms=1_000, look_up_tool="desk.check_closed")
CHANGED = Terms(
    EffectContract.READ_BACK, settle_delay_ms=1_000, look_up_tool="desk.check_ticket", before_tool="desk.get_ticket"
)
# An answer in our envelope is believed: nothing in it could show that the object is somebody else's.
SHOWN_TO_BE_OURS = ALL_FAULTS - {Fault.MIXED_UP}
FIELDS = ("title", "state", "amount", "text")
numbers = count(1)


class DeskStand(DrivenStand):
    """One desk. The version is agreed on before the first test, which counts what a call alone sends."""

    def arguments(self, case: Case) -> Mapping[str, Json]:
        number = next(numbers)
        match case.tool:
            case "desk.open_ticket":
                return {"title": f"Printer {number}"}
            case "desk.change_ticket":
                return {"ticket_id": self._made(), "state": f"WON {number}"}
            case "desk.close_ticket":
                return {"object_id": self._made()}
            case "desk.bill":
                return {"amount": number}
            case "desk.write_letter":
                return {"text": f"Dear {number}"}
            case _:
                return {"about": f"Acme {number}"}

    def is_of(self, write: Write, request: Request) -> bool:
        arguments: Mapping[str, Json] = json.loads(request.arguments)
        acted_on = arguments.get("object_id") or arguments.get("ticket_id")
        if acted_on is not None and write.object_id != acted_on:
            return False
        if write.kind is Kind.DELETE:
            return True
        return all(write.fields.get(name) == arguments[name] for name in FIELDS if name in arguments)

    def object_of(self, request: Request) -> str:
        arguments: Mapping[str, Json] = json.loads(request.arguments)
        return str(arguments.get("object_id") or arguments["ticket_id"])

    def _made(self) -> str:
        return str(self.fake.people(do="make")["id"])


def connector_at(port: int) -> McpConnector:
    endpoint = Endpoint(f"http://127.0.0.1:{port}/mcp", Bearer(lambda: CANARY))
    return McpConnector(Exchange(endpoint, RealClock(), Limits(response_bytes=MAX_RESPONSE_BYTES)), RealClock())


class LegacySubject:
    """Every tool of the desk."""

    name = "mcp_legacy"
    cases: Sequence[Case] = (
        Case("desk.open_ticket", Kind.CREATE, KEYED, Undo("desk.close_ticket", CLOSED), faults=SHOWN_TO_BE_OURS),
        Case("desk.change_ticket", Kind.UPDATE, CHANGED),
        Case("desk.close_ticket", Kind.DELETE, CLOSED),
        Case("desk.bill", Kind.CREATE, Terms(EffectContract.PROVIDER_KEY, key_retention_ms=DAY_MS)),
        Case("desk.write_letter", Kind.CREATE, Terms(EffectContract.OPAQUE)),
        Case("desk.read_news", Kind.READ, Terms(EffectContract.READ_ONLY)),
    )

    @contextmanager
    def running(self, folder: Path) -> Iterator[DeskStand]:
        with driven("tests.providers.desk", folder / "desk.jsonl", "--token", CANARY) as fake:
            stand = DeskStand(fake, connector_at(fake.port), connector_at(free_port()))
            stand.connector.look_up(request_of("desk.open_ticket", KEYED, {"title": "None"}), None)
            yield stand


SUBJECT = LegacySubject()
