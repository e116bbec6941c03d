"""The check asks for the very names and arguments that the connector of the same settings would send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.connectors.dressing import Asking, GatewayNames, Proving
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp import McpConnector
from adapters.connectors.mcp_arguments import sendings
from adapters.connectors.mcp_check import McpCheck
from adapters.connectors.mcp_negotiating import Pinned
from adapters.system.secret_proof_keys import SecretProofKeys
from core.domain.contract import EffectContract, Terms
from core.domain.errors import StoreUnavailableError
from core.domain.proof import PROOF, Asks
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, RegistryEntry
from core.domain.request import Request
from entrypoints.container.contract_checks import contract_check
from entrypoints.settings.loading import Overrides, load
from ports.contract_check import Holding
from ports.wire.mcp import PROTOCOL_VERSION
from ports.wire.registry import parse_entry
from tests.architecture.sources import ROOT
from tests.unit.connectors.peers import OpenGate, RealClock, listening
from tests.unit.connectors.servers import CALL, DONE, Says, Server

LIST = "tools/list"
KEYS = json.dumps({"signing": "k1", "keys": {"k1": "one-shared-secret-of-32-bytes-or-more"}})
BOUND = ("action_intent_id", "tenant_id", "account_id", "idempotency_key")
READ_BACK = Terms(EffectContract.READ_BACK, look_up_tool="crm.find", before_tool="crm.get")
UNDO = Compensation(CompensationMode.AUTOMATIC, "crm.delete", "object_id", Terms(EffectContract.OPAQUE))
UPDATE = RegistryEntry(
    "UPDATE", 1, "crm.update", "1", "LOW", READ_BACK, UNDO, (ParameterMapping("name", "title", required=True),)
)
CREATE = RegistryEntry(
    "CREATE",
    1,
    "crm.create_task",
    "1",
    "LOW",
    Terms(EffectContract.OPAQUE),
    Compensation(CompensationMode.NONE),
    (ParameterMapping("title", "title", required=True),),
)
PROVED: Mapping[str, Any] = {"names": "gateway", "proof_secret": {"env": "PROOF_KEYS"}}

Tools = Mapping[str, Mapping[str, Any]]


def schema(*required: str, **optional: Mapping[str, Any]) -> dict[str, Any]:
    names = {**{it: {"type": "string"} for it in (*required, *BOUND)}, **optional}
    return {"type": "object", "properties": names, "required": [*required, *BOUND], "additionalProperties": False}


def configured(folder: Path, entry: RegistryEntry, more: Mapping[str, Any], offered: Tools) -> Holding:
    """Check against a connector of this configuration, as the command line does."""
    tools = [{"name": name, "inputSchema": it} for name, it in offered.items()]
    file = folder / "actonce.toml"
    file.write_text("", encoding="utf-8")
    with listening(Server({LIST: Says(result={"tools": tools})})) as peer:
        table = {"kind": "mcp", "url": peer.url, "tools": ["crm."], "protocol_version": PROTOCOL_VERSION, **more}
        environment = {"ACTONCE_CONNECTORS": json.dumps({"crm": table}), "PROOF_KEYS": KEYS}
        with contract_check(load(Overrides(config=file), environment), "crm") as check:
            return check.check(entry)


def test_behind_a_gateway_its_names_and_the_proof_are_what_is_asked_for(tmp_path: Path) -> None:
    offered = {"crm___create_task": schema("title", PROOF)}
    found = configured(tmp_path, CREATE, PROVED, offered)
    assert found == Holding(True, "crm___create_task: offered, and what is sent fits")


def test_a_target_that_wants_a_proof_turns_away_a_connector_that_makes_none(tmp_path: Path) -> None:
    found = configured(tmp_path, CREATE, {"names": "gateway"}, {"crm___create_task": schema("title", PROOF)})
    assert not found.holds
    assert found.found.startswith("crm___create_task would turn away what is sent")
    assert PROOF in found.found


def test_a_server_that_takes_no_proof_turns_away_a_connector_that_makes_one(tmp_path: Path) -> None:
    found = configured(tmp_path, CREATE, PROVED, {"crm___create_task": schema("title")})
    assert (found.holds, PROOF in found.found) == (False, True)


def test_a_tool_that_a_gateway_does_not_offer_is_named_as_it_is_called_there(tmp_path: Path) -> None:
    found = configured(tmp_path, CREATE, PROVED, {"crm.create_task": schema("title", PROOF)})
    assert (found.holds, found.found) == (False, "there is no tool crm___create_task")


def test_a_connector_that_does_not_know_that_it_speaks_to_a_gateway_is_told_so(tmp_path: Path) -> None:
    found = configured(tmp_path, CREATE, {}, {"crm___create_task": schema("title")})
    assert not found.holds
    assert 'names = "gateway"' in found.advice


def test_reading_tools_and_the_undo_are_asked_for_by_their_names_there_too(tmp_path: Path) -> None:
    offered: dict[str, Any] = {
        "crm___update": schema("title", PROOF),
        "crm___find": schema("title", PROOF, before={"type": "object"}),
        "crm___get": schema("title", PROOF),
        "crm___delete": schema("object_id", PROOF),
    }
    assert configured(tmp_path, UPDATE, PROVED, offered).holds
    for lacking in offered:
        found = configured(tmp_path, UPDATE, PROVED, {name: it for name, it in offered.items() if name != lacking})
        assert (found.holds, found.found) == (False, f"there is no tool {lacking}")
    no_before = {**offered, "crm___find": schema("title", PROOF)}
    assert "before" in configured(tmp_path, UPDATE, PROVED, no_before).found


def test_without_keys_nothing_would_be_sent_and_so_nothing_holds() -> None:
    def away() -> str:
        raise StoreUnavailableError("The secret could not be read.")

    dressing = GatewayNames(Proving(SecretProofKeys(away), RealClock(), 200))
    tools = [{"name": "crm___create_task", "inputSchema": schema("title", PROOF)}]
    with listening(Server({LIST: Says(result={"tools": tools})})) as peer:
        exchange = Exchange(Endpoint(peer.url), RealClock())
        found = McpCheck(exchange, RealClock(), Pinned(PROTOCOL_VERSION), dressing).check(CREATE)
    assert not found.holds
    assert "could not be read" in found.found
    assert "proof_secret" in found.advice


class Recording:
    """A dressing that tells what it was asked to dress."""

    def __init__(self) -> None:
        self.asked: list[Asking] = []

    def dressed(self, asking: Asking) -> tuple[str, str]:
        self.asked.append(asking)
        return asking.tool, asking.arguments


def shape(asking: Asking) -> tuple[Asks, str, frozenset[str]]:
    return asking.asks, asking.tool, frozenset(json.loads(asking.arguments))


def test_the_check_dresses_the_very_askings_that_the_connector_dresses() -> None:
    planned, sent = Recording(), Recording()
    requests: dict[str, Request] = {}
    for sending in sendings(UPDATE, planned):
        assert sending.tool
    for asking in planned.asked:
        requests.setdefault(asking.request.tool, asking.request)
    with listening(Server({CALL: Says(result=DONE)})) as peer:
        exchange = Exchange(Endpoint(peer.url), RealClock())
        connector = McpConnector(exchange, RealClock(), Pinned(PROTOCOL_VERSION), dressing=sent)
        for request in requests.values():
            connector.call(request, OpenGate(), None)
            connector.look_up(request, None)
            connector.look_up(request, '{"v":1}')
            connector.before_image(request)
    undo_reads = [it for it in sent.asked if it.request.tool == "crm.delete" and it.asks is not Asks.CALL]
    assert undo_reads == []
    assert {shape(it) for it in planned.asked} == {shape(it) for it in sent.asked}


def test_nobody_is_shown_what_was_signed_for_the_check(tmp_path: Path) -> None:
    dressing = GatewayNames(Proving(SecretProofKeys(lambda: KEYS), RealClock(), 200))
    assert {sending.arguments[PROOF] for sending in sendings(UPDATE, dressing)} == {"TEXT"}
    choice = {"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    for turning_away in (choice, {**schema("title"), "properties": {PROOF: {"type": "integer"}}}):
        found = configured(tmp_path, CREATE, PROVED, {"crm___create_task": turning_away})
        assert (found.holds, "1.k1." in found.found) == (False, False)


SEEDS = ROOT / "infra" / "terraform" / "registry"
DEFINITIONS = ROOT / "infra" / "terraform" / "gateway_tools"


def as_listed(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition of CloudFormation's in the form in which a gateway lists it."""
    listed: dict[str, Any] = {"type": definition["Type"]}
    if "Properties" in definition:
        listed["properties"] = {name: as_listed(it) for name, it in definition["Properties"].items()}
    if "Required" in definition:
        listed["required"] = definition["Required"]
    return listed


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.json")), ids=lambda it: it.stem)
def test_the_gateways_tools_that_come_with_actonce_take_what_its_entries_send(tmp_path: Path, seed: Path) -> None:
    entry = parse_entry(json.loads(seed.read_text(encoding="utf-8")))
    target = entry.tool.partition(".")[0]
    tools = json.loads((DEFINITIONS / f"{target}.json").read_text(encoding="utf-8"))
    offered = {f"{target}___{it['Name']}": as_listed(it["InputSchema"]) for it in tools}
    found = configured(tmp_path, entry, {**PROVED, "tools": [f"{target}."]}, offered)
    assert found.holds, found
