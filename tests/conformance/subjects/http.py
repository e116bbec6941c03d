"""The HTTP connector, configured by the example of examples/http_api, against the fake of a shop."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

from pydantic import SecretStr

from adapters.connectors.http import HttpConnector
from core.domain.canonical import Json
from core.domain.contract import EffectContract, Terms
from core.domain.request import Request
from entrypoints.container.authorizing import Surroundings
from entrypoints.container.http import http_connector
from entrypoints.settings.auth import BearerAuth, SecretRef
from entrypoints.settings.http import HttpSettings
from tests.conformance.driven_stand import DrivenStand
from tests.conformance.subject import ALL_FAULTS, BY_PEOPLE, CANARY, MAX_RESPONSE_BYTES, Case, Fault, Kind, Undo, Write
from tests.providers.driving import ROOT, driven
from tests.unit.connectors.peers import RealClock, free_port

EXAMPLE = ROOT / "examples" / "http_api" / "actonce.toml"
READ_BACK = Terms(EffectContract.READ_BACK, settle_delay_ms=1_000, look_up_tool="shop.find")
CLIENT_ID = Terms(EffectContract.CLIENT_ID, settle_delay_ms=1_000, look_up_tool="shop.find")
FIELDS = ("item", "quantity", "address", "amount", "text")
numbers = count(1)


class ShopStand(DrivenStand):
    """One shop."""

    def arguments(self, case: Case) -> Mapping[str, Json]:
        number = next(numbers)
        given: dict[str, dict[str, Json]] = {
            "shop.create_order": {"item": f"tea, {number}", "quantity": 2},
            "shop.update_order": {"quantity": 7},
            "shop.ship": {"address": f"{number} High Street"},
            "shop.create_invoice": {"amount": number, "currency": "EUR"},
            "shop.send_letter": {"text": f"Dear {number}"},
            "http.call": {"query": f"Acme {number}"},
        }
        acted_on = {"shop.cancel_shipment": "shipment", "shop.update_order": "order", "shop.delete_order": "order"}
        arguments = given.get(case.tool, {})
        if case.tool in acted_on:
            arguments["object_id"] = self.fake.people(do="make", type=acted_on[case.tool])["id"]
        return arguments

    def is_of(self, write: Write, request: Request) -> bool:
        arguments: Mapping[str, Json] = json.loads(request.arguments)
        if "object_id" in arguments and write.object_id != arguments["object_id"]:
            return False
        if write.kind is Kind.DELETE:
            return True
        asked = {
            name: arguments[name] for name in ("item", "quantity", "address", "amount", "query") if name in arguments
        }
        return {name: write.fields.get(name) for name in asked} == asked

    def object_of(self, request: Request) -> str:
        return str(json.loads(request.arguments)["object_id"])


def connector_at(port: int) -> HttpConnector:
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))["connectors"]["shop"]
    url = f"http://127.0.0.1:{port}/v1"
    settings = HttpSettings.model_validate({**document, "url": url, "max_response_bytes": MAX_RESPONSE_BYTES})
    token = SecretRef(env="SHOP_TOKEN").model_copy(update={"value": SecretStr(CANARY)})
    auth = BearerAuth(kind="bearer", token=token)
    return http_connector(settings.model_copy(update={"auth": auth}), Surroundings(RealClock(), 4_000))


class HttpSubject:
    """One tool of each contract."""

    name = "http"
    cases: Sequence[Case] = (
        Case("shop.create_order", Kind.CREATE, READ_BACK, Undo("shop.delete_order", READ_BACK), forgets=True),
        Case("shop.update_order", Kind.UPDATE, replace(READ_BACK, before_tool="shop.get_order")),
        Case("shop.delete_order", Kind.DELETE, READ_BACK),
        Case("shop.ship", Kind.CREATE, CLIENT_ID, Undo("shop.cancel_shipment", CLIENT_ID), faults=ALL_FAULTS),
        Case("shop.cancel_shipment", Kind.DELETE, CLIENT_ID),
        Case(
            "shop.create_invoice",
            Kind.CREATE,
            Terms(EffectContract.PROVIDER_KEY, key_retention_ms=86_400_000),
            faults=ALL_FAULTS - BY_PEOPLE - {Fault.REFUSE},
        ),
        Case("shop.send_letter", Kind.CREATE, Terms(EffectContract.OPAQUE)),
        Case("http.call", Kind.READ, Terms(EffectContract.READ_ONLY)),
    )

    @contextmanager
    def running(self, folder: Path) -> Iterator[ShopStand]:
        with driven("tests.providers.orders", folder / "shop.jsonl", "--token", CANARY) as fake:
            yield ShopStand(fake, connector_at(fake.port), connector_at(free_port()))


SUBJECT = HttpSubject()
