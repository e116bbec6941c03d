"""A target of ours on a shop's API, behind a gateway, with an executor before it. The shop's log is the only judge."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.connectors.dressing import GatewayNames, Proving
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp import McpConnector
from adapters.connectors.mcp_negotiating import Pinned
from adapters.memory.objects import MemoryInternalObjects
from adapters.memory.target_records import MemoryTargetRecords
from adapters.system.clock import SystemClock, SystemIds
from adapters.system.secret_proof_keys import SecretProofKeys
from core.domain.contract import EffectContract, Terms
from core.domain.keys import IntentKey
from core.domain.request import MappedCall, Request, binding, frozen
from core.domain.serving import RecordPlace, TargetRecord
from core.domain.timing import Timing
from core.usecases.serve import Serve
from entrypoints.container.connecting import connector_table
from entrypoints.gateway_target import GatewayTarget
from entrypoints.meters import Meters
from entrypoints.remaining import Remaining
from entrypoints.settings.loading import Overrides, load
from ports.clock import Clock
from ports.target_records import TargetRecords
from ports.wire.mcp import PROTOCOL_VERSION
from tests.architecture.sources import ROOT
from tests.integration.desk import CONFIG, Desk
from tests.providers.driving import Driven, driven
from tests.providers.gateway import Gateway, Killed, gateway
from tests.unit.entrypoints.installing import an_event
from tests.unit.making import an_intent

TOKEN = "canary-token-of-shop-0123456789"
KEYS = json.dumps({"signing": "k1", "keys": {"k1": "one-shared-secret-of-32-bytes-or-more"}})
SHOP = ROOT / "examples" / "http_api" / "actonce.toml"
TIMING = Timing(max_skew_ms=200, call_slack_ms=1_500, backoff_ms=400)
TARGET = """
[gateway_target]
proof_secret = {{ env = "PROOF_KEYS" }}

[gateway_target.effects]
"http.call" = {{ contract = "READ_ONLY" }}
"shop.ship" = {{ contract = "CLIENT_ID" }}
"shop.create_invoice" = {{ contract = "PROVIDER_KEY", key_retention_s = 3600 }}
"shop.update_order" = {{ contract = "READ_BACK", before_tool = "shop.update_order" }}
"""
EXECUTOR = """
[paths]
registry = ["registry"]

[timing]
max_skew_ms = 200
call_slack_ms = 1500
backoff_ms = 400

[connectors.shop]
kind = "mcp"
url = "{url}"
tools = ["shop.", "http."]
names = "gateway"
protocol_version = "2026-07-28"
proof_secret = {{ env = "PROOF_KEYS" }}
"""
BY_KEY: Mapping[str, Any] = {"contract": "PROVIDER_KEY", "key_retention_s": 3600}


@dataclass
class CrashingRecords:
    """Records in memory, and a place at which the function dies: a number counted in ``keep``, before or after."""

    inner: TargetRecords = field(default_factory=MemoryTargetRecords)
    dies_before: set[int] = field(default_factory=set)
    dies_after: set[int] = field(default_factory=set)
    kept: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, place: RecordPlace) -> TargetRecord | None:
        return self.inner.read(place)

    def keep(self, record: TargetRecord) -> None:
        with self._lock:
            self.kept += 1
            number = self.kept
        if number in self.dies_before:
            raise Killed
        self.inner.keep(record)
        if number in self.dies_after:
            raise Killed


@dataclass
class Site:
    """All of it. ``keys`` are those that the target accepts."""

    shop: Driven
    gateway: Gateway
    records: CrashingRecords
    target: GatewayTarget
    folder: Path
    environment: Mapping[str, str]

    def executor(self, action_type: str, tool: str, effect: Mapping[str, Any], *parameters: str) -> Desk:
        """Install one whose registry has one action."""
        home = self.folder / "executor"
        (home / "registry").mkdir(parents=True)
        entry = {
            "action_type": action_type,
            "version": 1,
            "tool": tool,
            "tool_schema_version": "1",
            "risk": "LOW",
            "effect": effect,
            "compensation": {"mode": "NONE"},
            "parameters": [{"parameter": it, "required": True} for it in parameters],
            "timeout_s": 2,
        }
        (home / "registry" / f"{action_type}.v1.json").write_text(json.dumps(entry), encoding="utf-8")
        (home / "actonce.toml").write_text(CONFIG + EXECUTOR.format(url=self.gateway.url), encoding="utf-8")
        desk = Desk(home)
        desk.ok("resume", "--tenant", "tenant-1")
        return desk

    def ran(self, desk: Desk, action_type: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        key = IntentKey("tenant-1", "account-1", "intent-1")
        intent = an_intent(key=key, action_type=action_type, parameters=parameters, target=None)
        done = desk("run", desk.events(an_event(intent)), "--json")
        (outcome,) = [json.loads(line) for line in done.stdout.splitlines()]
        return dict(outcome)

    def wrote(self) -> list[str]:
        return [f"{it['op']} {it['object_type']}" for it in self.shop.log() if it["by"] == "api"]

    def connector(
        self, *, keys: str = KEYS, clock: Clock | None = None, max_skew_ms: int = TIMING.max_skew_ms
    ) -> McpConnector:
        clock = clock or SystemClock()
        proving = Proving(SecretProofKeys(lambda: keys), clock, max_skew_ms)
        exchange = Exchange(Endpoint(self.gateway.url), SystemClock())
        pinned = Pinned(PROTOCOL_VERSION)
        return McpConnector(exchange, SystemClock(), pinned, dressing=GatewayNames(proving))


def a_target(folder: Path, environment: Mapping[str, str], records: TargetRecords, keys: str = KEYS) -> GatewayTarget:
    """Return a target on the shop."""
    settings = load(Overrides(config=folder / "target.toml"), environment)
    assert settings.gateway_target is not None
    clock = SystemClock()
    remaining = Remaining()
    serve = Serve(
        connector_table(settings.connectors, MemoryInternalObjects(), clock, TIMING),
        records,
        SecretProofKeys(lambda: keys),
        settings.gateway_target.terms,
        clock,
        SystemIds(),
        TIMING,
    )
    return GatewayTarget(serve, remaining, Meters("actonce", "actonce"))


@contextmanager
def a_site(folder: Path) -> Iterator[Site]:
    environment = {"SHOP_TOKEN": TOKEN, "PROOF_KEYS": KEYS}
    with driven("tests.providers.orders", folder / "shop.jsonl", "--token", TOKEN) as shop:
        text = SHOP.read_text(encoding="utf-8").replace("http://127.0.0.1:8090", shop.url)
        (folder / "target.toml").write_text(text + TARGET.format(), encoding="utf-8")
        records = CrashingRecords()
        target = a_target(folder, environment, records)
        with gateway(target) as front:
            yield Site(shop, front, records, target, folder, environment)


def a_request(
    tool: str = "shop.ship",
    *,
    tenant: str = "tenant-1",
    timeout_ms: int = 2_000,
    **arguments: Any,  # noqa: ANN401 - JSON
) -> Request:
    key = IntentKey(tenant, "account-1", "intent-1")
    given = {**(arguments or {"address": "1 High Street"}), **binding(key)}
    return frozen(MappedCall(key, tool, "1", 1, Terms(EffectContract.OPAQUE), timeout_ms, given), "action", 1)


@pytest.fixture
def gateway_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("PROOF_KEYS", KEYS)
    with a_site(tmp_path) as opened:
        yield opened
