"""The intent: the approved action, immutable, named by its fingerprint."""

from collections.abc import Mapping
from dataclasses import field

from core.domain.canonical import Json, sealed
from core.domain.keys import IntentKey
from core.domain.making import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """What the action is about, in the publisher's words."""

    entity_type: str
    entity_id: str

    def document(self) -> dict[str, Json]:
        """Return the JSON form."""
        return {"entity_type": self.entity_type, "entity_id": self.entity_id}


@dataclass(frozen=True, slots=True)
class ExecutionPolicy:
    """How hard to try: extra sends per automatic run, seconds for one call, automatic runs."""

    retry_count: int = 3
    timeout_seconds: int = 300
    max_attempts: int = 1

    @property
    def sends_per_attempt(self) -> int:
        """The first send and the extra ones."""
        return 1 + self.retry_count

    @property
    def max_sends(self) -> int:
        """All sends that one run may spend."""
        return self.sends_per_attempt * self.max_attempts

    def document(self) -> dict[str, Json]:
        """Return the JSON form."""
        return {
            "retry_count": self.retry_count,
            "timeout_seconds": self.timeout_seconds,
            "max_attempts": self.max_attempts,
        }


@dataclass(frozen=True, slots=True)
class Intent:
    """The approved action as it came; nothing in this system ever changes one.

    ``expires_at_epoch`` is in seconds; ``expires_at`` is the same moment as the publisher wrote it.
    ``text`` is the document as JSON text, as it is measured and stored: an intent is written out once.
    """

    key: IntentKey
    action_type: str
    parameters: Mapping[str, Json]
    registry_version: int | None
    approved_by: str
    approval_timestamp: str
    expires_at: str
    expires_at_epoch: int
    original_decision_id: str
    trace_id: str
    target: Target | None = None
    policy: ExecutionPolicy = ExecutionPolicy()
    parameters_schema_version: str | None = None
    supersedes_action_intent_id: str | None = None
    confidence_score: float | None = None
    risk_level: str | None = None
    fingerprint: str = field(init=False)
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Seal the intent with its fingerprint."""
        text, fingerprint = sealed(self.document())
        object.__setattr__(self, "fingerprint", fingerprint)
        object.__setattr__(self, "text", text)

    def document(self) -> dict[str, Json]:
        """Return the JSON form that the fingerprint covers; absent fields are left out."""
        whole: dict[str, Json] = {
            "action_intent_id": self.key.intent_id,
            "tenant_id": self.key.tenant_id,
            "account_id": self.key.account_id,
            "action_type": self.action_type,
            "target": self.target.document() if self.target else None,
            "parameters": self.parameters,
            "parameters_schema_version": self.parameters_schema_version,
            "registry_version": self.registry_version,
            "approved_by": self.approved_by,
            "approval_timestamp": self.approval_timestamp,
            "execution_policy": self.policy.document(),
            "expires_at": self.expires_at,
            "expires_at_epoch": self.expires_at_epoch,
            "original_decision_id": self.original_decision_id,
            "supersedes_action_intent_id": self.supersedes_action_intent_id,
            "trace_id": self.trace_id,
            "confidence_score": self.confidence_score,
            "risk_level": self.risk_level,
        }
        return {name: value for name, value in whole.items() if value is not None}


def is_expired(expires_at_epoch: int, now_ms: int) -> bool:
    """Tell whether an approval is over: it is when its epoch (seconds) is at or before now (milliseconds)."""
    return expires_at_epoch * 1000 <= now_ms
