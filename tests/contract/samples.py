"""Real changes, made by the domain itself, for the stores to keep."""

from collections.abc import Callable

from core.domain.answer import Applied, ObjectRef, Unknown
from core.domain.claiming import Claim, claim
from core.domain.contract import EffectContract, Terms
from core.domain.draft import Draft
from core.domain.effect import Effect
from core.domain.execution import Change, Execution, Refusal
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.ledger import LedgerEvent
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, RegistryEntry
from core.domain.request import MappedCall, map_action
from core.domain.sending import prepare_first
from core.domain.settling import record_answer
from core.domain.timing import Timing

NOW_MS = 1_700_000_000_000
TIMING = Timing()
TOOL = "crm.create_task"


def key(intent_id: str = "intent-1", *, tenant: str = "acme", account: str = "account-1") -> IntentKey:
    return IntentKey(tenant, account, intent_id)


def intent(of: IntentKey | None = None, *, title: str = "Call back") -> Intent:
    return Intent(
        key=of or key(),
        action_type="CREATE_TASK",
        parameters={"title": title, "tags": ["a", "ü"], "weight": 1.5},
        registry_version=1,
        approved_by="ada@example.com",
        approval_timestamp="2023-11-14T22:00:00Z",
        expires_at="2033-05-18T03:33:20Z",
        expires_at_epoch=2_000_000_000,
        original_decision_id="decision-1",
        trace_id="trace-1",
    )


def entry(version: int = 1, *, action_type: str = "CREATE_TASK", risk: str = "LOW") -> RegistryEntry:
    return RegistryEntry(
        action_type=action_type,
        version=version,
        tool=TOOL,
        tool_schema_version="1.0",
        risk=risk,
        terms=Terms(EffectContract.OPAQUE),
        compensation=Compensation(CompensationMode.NONE),
        parameters=tuple(ParameterMapping(name, name) for name in ("title", "tags", "weight")),
        timeout_s=2.5,
    )


def call(of: Intent) -> MappedCall:
    return map_action(of, entry())


def changed(
    existing: Execution | None, transition: Callable[[Draft], object], *, nonce: str = "nonce", now_ms: int = NOW_MS
) -> Change:
    draft = Draft(existing, now_ms=now_ms, nonce=nonce)
    transition(draft)
    return draft.change()


def claimed(
    of: Intent | None = None, *, nonce: str = "nonce", now_ms: int = NOW_MS, owner: str = "worker", embed: bool = True
) -> Change:
    """The first transaction of an intent: claim and prepare together."""
    body = of or intent()

    def transition(draft: Draft) -> None:
        claim(draft, body, Claim(owner, "attempt-1", "trace-2"), TIMING)
        draft.intent = body if embed else None
        prepare_first(draft, call(body), owner=owner, generation=1, before=None, timing=TIMING)

    return changed(None, transition, nonce=nonce, now_ms=now_ms)


def settled(existing: Execution, *, nonce: str = "nonce-2", now_ms: int = NOW_MS + 100) -> Change:
    """The second: the tool said that it happened."""
    answer = Applied((ObjectRef("crm", "task", "task-7", "https://crm.example/task-7"),), '{"ok":true}')
    return changed(
        existing, lambda draft: record_answer(draft, _action(draft), 1, answer, TIMING), nonce=nonce, now_ms=now_ms
    )


def parked(existing: Execution, *, now_ms: int = NOW_MS + 100) -> Change:
    """The second, when nobody knows whether it happened."""
    answer = Unknown("the connection was reset")
    return changed(existing, lambda draft: record_answer(draft, _action(draft), 1, answer, TIMING), now_ms=now_ms)


def refusal(body: str = "other", *, of: IntentKey | None = None, at_ms: int = NOW_MS) -> Refusal:
    return Refusal(
        refusal_id=f"PAYLOAD_CONFLICT:{body}",
        key=of or key(),
        event=LedgerEvent.PAYLOAD_CONFLICT,
        code="PAYLOAD_CONFLICT",
        reason="This intent id was used before with another body.",
        at_ms=at_ms,
        trace_id="trace-9",
    )


def _action(draft: Draft) -> Effect:
    found = draft.execution.action
    assert found is not None
    return found
