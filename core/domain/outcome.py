"""The outcome: how an intent ended, with the evidence; each change is a new revision."""

from core.domain.answer import ObjectRef
from core.domain.attempt import CompensationStatus, Fault
from core.domain.choice import Choice
from core.domain.effect import Evidence
from core.domain.keys import IntentKey
from core.domain.making import dataclass


class OutcomeStatus(Choice):
    """How it ended; in doubt still waits to be settled."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    IN_DOUBT = "IN_DOUBT"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One revision of what is told about an intent. Times in milliseconds since the epoch."""

    key: IntentKey
    status: OutcomeStatus
    run: int
    revision: int
    attempt_count: int
    action_type: str
    tool_name: str | None
    tool_schema_version: str | None
    registry_version: int | None
    tool_run_ref: str | None
    started_at_ms: int
    completed_at_ms: int | None
    trace_id: str
    decision_trace_id: str
    evidence: Evidence | None = None
    external_object_refs: tuple[ObjectRef, ...] = ()
    fault: Fault | None = None
    raw_response_artifact_ref: str | None = None
    compensation_status: CompensationStatus = CompensationStatus.NONE
    compensation_error: str | None = None
    approval_source: str | None = None
    auto_executed: bool | None = None
