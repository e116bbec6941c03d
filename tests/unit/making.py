"""Valid values with one thing changed, for tests of the domain and the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.attempt import Brief, EffectKind
from core.domain.canonical import Json
from core.domain.claiming import Claim, claim
from core.domain.contract import EffectContract, Terms
from core.domain.draft import Draft
from core.domain.effect import Effect, Send
from core.domain.execution import Execution
from core.domain.intent import ExecutionPolicy, Intent, Target
from core.domain.keys import IntentKey
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, RegistryEntry, Transform
from core.domain.request import MappedCall, frozen, map_action
from core.domain.sending import prepare_first
from core.domain.timing import Timing

NOW_MS = 1_900_000_000_000
EXPIRES_S = 2_000_000_000
EXPIRES_AT = "2033-05-18T03:33:20Z"
KEY = IntentKey("tenant-1", "account-1", "intent-1")
TIMING = Timing()
TIMEOUT_MS = 10_000
TRACE = "0af7651916cd43dd8448eb211c80319c"


def an_intent(**changes: object) -> Intent:
    values: dict[str, Any] = {
        "key": KEY,
        "action_type": "CREATE_CRM_TASK",
        "parameters": {"title": "Call them", "priority": "high"},
        "registry_version": 1,
        "approved_by": "user@example.test",
        "approval_timestamp": "2030-03-17T17:46:40.000Z",
        "expires_at": EXPIRES_AT,
        "expires_at_epoch": EXPIRES_S,
        "original_decision_id": "decision-1",
        "trace_id": "trace-of-decision",
        "target": Target("account", "acme"),
    }
    return Intent(**(values | changes))


def an_entry(**changes: object) -> RegistryEntry:
    values: dict[str, Any] = {
        "action_type": "CREATE_CRM_TASK",
        "version": 1,
        "tool": "crm.create_task",
        "tool_schema_version": "1",
        "risk": "LOW",
        "terms": Terms(EffectContract.NATURAL_KEY, look_up_tool="crm.find_task"),
        "compensation": Compensation(CompensationMode.NONE),
        "parameters": (
            ParameterMapping("title", "title", required=True),
            ParameterMapping("priority", "priority", transform=Transform.UPPERCASE),
            ParameterMapping("reason", "description"),
        ),
        "takes_target": True,
    }
    return RegistryEntry(**(values | changes))


def a_call(arguments: Mapping[str, Json] | None = None, **changes: object) -> MappedCall:
    values: dict[str, Any] = {
        "key": KEY,
        "tool": "crm.create_task",
        "tool_schema_version": "1",
        "registry_version": 1,
        "terms": Terms(EffectContract.OPAQUE),
        "timeout_ms": TIMEOUT_MS,
        "arguments": {"title": "Call them"} if arguments is None else arguments,
    }
    return MappedCall(**(values | changes))


def a_brief(**changes: object) -> Brief:
    values: dict[str, Any] = {
        "action_type": "CREATE_CRM_TASK",
        "registry_version": 1,
        "trace_id": TRACE,
        "decision_trace_id": "trace-of-decision",
        "expires_at_epoch": EXPIRES_S,
        "policy": ExecutionPolicy(),
    }
    return Brief(**(values | changes))


def a_send(number: int = 1, **changes: object) -> Send:
    values: dict[str, Any] = {
        "number": number,
        "generation": 1,
        "prepared_at_ms": NOW_MS,
        "deadline_ms": TIMING.deadline(NOW_MS, TIMEOUT_MS),
    }
    return Send(**(values | changes))


def terms_of(contract: EffectContract, **changes: object) -> Terms:
    """Terms that are complete for their contract."""
    values: dict[str, Any] = {}
    if contract is EffectContract.PROVIDER_KEY:
        values["key_retention_ms"] = 86_400_000
    return Terms(contract, **(values | changes))


def an_effect(terms: Terms, *sends: Send, **changes: object) -> Effect:
    request = frozen(a_call(terms=terms), EffectKind.ACTION.value, 1)
    values: dict[str, Any] = {
        "kind": EffectKind.ACTION,
        "run": 1,
        "key_run": 1,
        "request": request,
        "sends": sends,
        "key_since_ms": NOW_MS,
    }
    return Effect(**(values | changes))


def a_draft(existing: Execution | None = None, *, now_ms: int = NOW_MS) -> Draft:
    return Draft(existing, now_ms=now_ms, nonce="nonce")


def a_claim(owner: str = "owner-1") -> Claim:
    return Claim(owner=owner, attempt_id="attempt-1", trace_id=TRACE)


def claimed(intent: Intent | None = None, *, now_ms: int = NOW_MS) -> Execution:
    """An execution that was claimed and has nothing prepared."""
    draft = a_draft(now_ms=now_ms)
    claim(draft, intent or an_intent(), a_claim(), TIMING)
    return draft.change().execution


def prepared(terms: Terms, *, now_ms: int = NOW_MS, **entry: object) -> Execution:
    """An execution that was claimed, with its first send prepared."""
    draft = a_draft(claimed(now_ms=now_ms), now_ms=now_ms)
    call = map_action(an_intent(), an_entry(terms=terms, **entry))
    prepare_first(draft, call, owner="owner-1", generation=1, before=None, timing=TIMING)
    return draft.change().execution
