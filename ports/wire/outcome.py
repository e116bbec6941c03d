"""The outcome as downstream readers see it; the names are fixed (contracts)."""

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from core.domain.answer import ObjectRef
from core.domain.attempt import CompensationStatus
from core.domain.canonical import Json
from core.domain.effect import Evidence
from core.domain.errors import ErrorClass
from core.domain.outcome import Outcome, OutcomeStatus

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Outgoing(BaseModel):
    """Base of what goes out. A field that has a default is left out when it equals it; others are always there."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def document(self) -> dict[str, Json]:
        """Return the JSON form."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @classmethod
    def written(cls, values: dict[str, Json]) -> dict[str, Json]:
        """Return what ``document`` of a model with these values would, for values of ours, which are plain JSON."""
        defaults = _defaults(cls)
        return {name: it for name, it in values.items() if name not in defaults or it != defaults[name]}


class Composed(Outgoing):
    """Base of what shows several documents: each shows what it was given, and nothing else."""

    def document(self) -> dict[str, Json]:
        """Return the JSON form."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class ObjectRefModel(Outgoing):
    """An object in an external system."""

    system: str
    object_type: str
    object_id: str
    object_url: str | None = None


class OutcomeModel(Outgoing):
    """One revision of an outcome. Times are ISO 8601 in UTC with milliseconds."""

    action_intent_id: str
    tenant_id: str
    account_id: str
    status: OutcomeStatus
    run: int
    revision: int
    attempt_count: int
    external_object_refs: tuple[ObjectRefModel, ...]
    evidence: Evidence | None
    error_class: ErrorClass | None = None
    error_code: str | None = None
    error_message: str | None = None
    tool_name: str | None
    tool_schema_version: str | None
    registry_version: int | None
    tool_run_ref: str | None
    raw_response_artifact_ref: str | None = None
    started_at: str
    completed_at: str | None
    compensation_status: CompensationStatus
    compensation_error: str | None = None
    trace_id: str
    approval_source: str | None = None
    auto_executed: bool | None = None


def outcome_document(outcome: Outcome) -> dict[str, Json]:
    """Return an outcome with exactly the names that downstream readers know."""
    fault = outcome.fault
    return OutcomeModel.written(
        {
            "action_intent_id": outcome.key.intent_id,
            "tenant_id": outcome.key.tenant_id,
            "account_id": outcome.key.account_id,
            "status": outcome.status.value,
            "run": outcome.run,
            "revision": outcome.revision,
            "attempt_count": outcome.attempt_count,
            "external_object_refs": [_ref(it) for it in outcome.external_object_refs],
            "evidence": outcome.evidence and outcome.evidence.value,
            "error_class": fault.error_class.value if fault else None,
            "error_code": fault.error_code if fault else None,
            "error_message": fault.message if fault else None,
            "tool_name": outcome.tool_name,
            "tool_schema_version": outcome.tool_schema_version,
            "registry_version": outcome.registry_version,
            "tool_run_ref": outcome.tool_run_ref,
            "raw_response_artifact_ref": outcome.raw_response_artifact_ref,
            "started_at": iso(outcome.started_at_ms),
            "completed_at": None if outcome.completed_at_ms is None else iso(outcome.completed_at_ms),
            "compensation_status": outcome.compensation_status.value,
            "compensation_error": outcome.compensation_error,
            "trace_id": outcome.trace_id,
            "approval_source": outcome.approval_source,
            "auto_executed": outcome.auto_executed,
        }
    )


def iso(ms: int) -> str:
    """Return milliseconds since the epoch as ISO 8601 in UTC."""
    seconds, rest = divmod(ms, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


@lru_cache(maxsize=16)
def _second(seconds: int) -> str:
    # What is written together happened within the same few seconds.
    return (_EPOCH + timedelta(seconds=seconds)).isoformat(timespec="seconds").removesuffix("+00:00")


def ref_model(ref: ObjectRef) -> ObjectRefModel:
    """Return the wire form of a reference."""
    return ObjectRefModel(
        system=ref.system, object_type=ref.object_type, object_id=ref.object_id, object_url=ref.object_url
    )


def _ref(ref: ObjectRef) -> dict[str, Json]:
    return ObjectRefModel.written(
        {
            "system": ref.system,
            "object_type": ref.object_type,
            "object_id": ref.object_id,
            "object_url": ref.object_url,
        }
    )


@cache
def _defaults(model: type[BaseModel]) -> dict[str, Json]:
    return {name: it.default for name, it in model.model_fields.items() if not it.is_required()}
