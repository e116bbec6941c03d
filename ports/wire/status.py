"""The status as downstream readers see it; the names are fixed (contracts)."""

from typing import Literal

from core.domain.attempt import CompensationStatus
from core.domain.canonical import Json
from core.domain.effect import Evidence
from core.domain.errors import ErrorClass
from core.domain.execution import Execution
from core.domain.intent import Intent, is_expired
from ports.wire.outcome import Composed, ObjectRefModel, Outgoing, iso, outcome_document

StatusName = Literal["SUCCEEDED", "FAILED", "CANCELLED", "IN_DOUBT", "PENDING", "RUNNING", "EXPIRED"]


class StatusModel(Composed):
    """Where an intent stands. Outcome beats attempt beats intent; what the one that speaks does not know is absent."""

    action_intent_id: str
    tenant_id: str
    account_id: str
    status: StatusName
    action_type: str
    registry_version: int | None
    run: int | None = None
    revision: int | None = None
    attempt_count: int | None = None
    external_object_refs: tuple[ObjectRefModel, ...] | None = None
    evidence: Evidence | None = None
    error_class: ErrorClass | None = None
    error_code: str | None = None
    error_message: str | None = None
    tool_name: str | None = None
    tool_schema_version: str | None = None
    tool_run_ref: str | None = None
    raw_response_artifact_ref: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    expires_at: str | None = None
    compensation_status: CompensationStatus | None = None
    compensation_error: str | None = None
    trace_id: str | None = None
    approval_source: str | None = None
    auto_executed: bool | None = None


def status_document(execution: Execution | None, intent: Intent | None, now_ms: int) -> dict[str, Json] | None:
    """Return where an intent stands, None when outcome, attempt and intent are all absent.

    The outcome of an earlier run is history: once an operator's retry has opened a new run, the attempt speaks.
    """
    if execution is not None:
        outcome, attempt = execution.outcome, execution.attempt
        if outcome is not None and outcome.run >= attempt.run:
            return {**outcome_document(outcome), "action_type": outcome.action_type}
        return Outgoing.document(_attempt_status(execution))
    if intent is not None:
        return Outgoing.document(_intent_status(intent, now_ms))
    return None


def status_model(execution: Execution | None, intent: Intent | None, now_ms: int) -> StatusModel | None:
    """Return the status document as a part of another one, None as ``status_document`` does."""
    document = status_document(execution, intent, now_ms)
    return None if document is None else StatusModel.model_validate(document)


def _attempt_status(execution: Execution) -> StatusModel:
    attempt, brief = execution.attempt, execution.attempt.brief
    return StatusModel(
        action_intent_id=attempt.key.intent_id,
        tenant_id=attempt.key.tenant_id,
        account_id=attempt.key.account_id,
        status=attempt.status.value,
        action_type=brief.action_type,
        registry_version=brief.registry_version,
        run=attempt.run,
        revision=attempt.revision,
        attempt_count=attempt.attempt_count,
        started_at=iso(attempt.started_at_ms),
        compensation_status=attempt.compensation,
        trace_id=brief.trace_id,
        approval_source=brief.approval_source,
        auto_executed=brief.auto_executed,
    )


def _intent_status(intent: Intent, now_ms: int) -> StatusModel:
    return StatusModel(
        action_intent_id=intent.key.intent_id,
        tenant_id=intent.key.tenant_id,
        account_id=intent.key.account_id,
        status="EXPIRED" if is_expired(intent.expires_at_epoch, now_ms) else "PENDING",
        action_type=intent.action_type,
        registry_version=intent.registry_version,
        expires_at=intent.expires_at,
    )
