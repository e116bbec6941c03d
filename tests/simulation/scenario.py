"""Scenarios: one intent under one effect contract, what befalls its sends, and when things happen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from core.domain.contract import EffectContract, Terms
from core.domain.intent import ExecutionPolicy, Intent
from core.domain.keys import IntentKey
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, RegistryEntry
from core.domain.timing import Timing
from tests.simulation.provider import Fault

if TYPE_CHECKING:
    from tests.simulation.world import World

TENANT = "acme"
KEY = IntentKey(TENANT, "a1", "i1")
START_S = 1_700_000_000
TIMING = Timing(
    max_skew_ms=2_000,
    lease_ms=8_000,
    switch_age_ms=1_000,
    call_slack_ms=2_000,
    settle_slack_ms=1_000,
    backoff_ms=500,
    max_backoff_ms=20_000,
    look_up_limit=4,
    max_sends=12,
)
TIMEOUT_S = 3
SETTLE_MS = 1_500
ABSENCE_MS = 15_000

C = EffectContract
TERMS = {
    "read_only": Terms(C.READ_ONLY),
    "provider_key": Terms(C.PROVIDER_KEY, SETTLE_MS, key_retention_ms=60_000),
    "forgetful_key": Terms(C.PROVIDER_KEY, SETTLE_MS, key_retention_ms=14_000),
    "natural_key": Terms(C.NATURAL_KEY, SETTLE_MS, look_up_tool="sim.find"),
    "client_id": Terms(C.CLIENT_ID, SETTLE_MS, absence_proof_ms=ABSENCE_MS, look_up_tool="sim.find"),
    "read_back": Terms(C.READ_BACK, SETTLE_MS, look_up_tool="sim.find", before_tool="sim.get"),
    "proved_absent": Terms(
        C.READ_BACK, SETTLE_MS, absence_proof_ms=ABSENCE_MS, look_up_tool="sim.find", before_tool="sim.get"
    ),
    "opaque": Terms(C.OPAQUE, SETTLE_MS),
}
UNDO = Terms(C.CLIENT_ID, 0, look_up_tool="sim.gone")
KEYED_UNDO = Terms(C.PROVIDER_KEY, SETTLE_MS, key_retention_ms=600_000)


@dataclass(frozen=True)
class Scenario:
    """What happens when nothing is injected. Times in milliseconds from the start."""

    name: str
    entry: RegistryEntry
    faults: tuple[Fault, ...] = ()
    undo_faults: tuple[Fault, ...] = ()
    late_ms: int = 0
    lag_ms: int = 0
    events: Sequence[tuple[int, Intent]] = ()
    stored: Sequence[Intent] = ()
    acts: Sequence[tuple[int, Callable[["World"], object]]] = ()
    embedded: bool = False
    skews: tuple[int, ...] = (0,)
    latency_ms: int = 3
    lost_wake_ups: bool = False
    rule: bool = False
    forgotten: bool = False
    unreadable: bool = False
    expect: tuple[str, ...] = ()


@cache
def entry(terms_name: str, mode: CompensationMode = CompensationMode.AUTOMATIC, undo: Terms = UNDO) -> RegistryEntry:
    """Return the registry entry of the simulated tool, and of the one that undoes it."""
    return RegistryEntry(
        action_type="ACT",
        version=1,
        tool="sim.write",
        tool_schema_version="1",
        risk="LOW",
        terms=TERMS[terms_name],
        compensation=Compensation(mode, "undo.write", "object_id", undo),
        parameters=(ParameterMapping("title", "title", required=True),),
    )


@cache
def intent(*, title: str = "t", expires_s: int = 3_600, retries: int = 2, runs: int = 1) -> Intent:
    """Return the one intent; another title is another payload."""
    return Intent(
        key=KEY,
        action_type="ACT",
        parameters={"title": title},
        registry_version=1,
        approved_by="someone",
        approval_timestamp="2023-11-14T22:00:00Z",
        expires_at=datetime.fromtimestamp(START_S + expires_s, UTC).isoformat(),
        expires_at_epoch=START_S + expires_s,
        original_decision_id="d1",
        trace_id="0" * 31 + "1",
        policy=ExecutionPolicy(retries, TIMEOUT_S, runs),
    )


def scenario(terms_name: str, *faults: Fault, **more: object) -> Scenario:
    """Return a scenario with one event at the start, its late writes just within the declared bound."""
    terms = TERMS[terms_name]
    made = Scenario(
        name=f"{terms_name}:{','.join(faults)}",
        entry=entry(terms_name),
        faults=faults,
        late_ms=latest_landing(terms),
        lag_ms=SETTLE_MS - 100 if terms.look_up_tool else 0,
        events=((0, intent()),),
        stored=(intent(),),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def latest_landing(terms: Terms) -> int:
    """Return how long after its arrival a write may land, under the tool's declared bounds."""
    if terms.absence_proof_ms is not None:
        return TIMEOUT_S * 1000 + terms.absence_proof_ms - 2_000
    if terms.contract in {C.OPAQUE, C.READ_BACK}:
        return 120_000
    return TIMEOUT_S * 1000 + 1_000
