"""The intent as it crosses the boundary: parsed once at the door, into the domain's own type."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SkipValidation, StringConstraints, ValidationError

from core.domain.errors import InvalidEventError
from core.domain.intent import ExecutionPolicy, Intent, Target
from core.domain.keys import IntentKey
from ports.wire.bounds import ID_PATTERN, MAX_BODY_BYTES, MAX_DEPTH, MAX_SAFE_NUMBER, TIME_PATTERN, load, plain, shown

ENVELOPE_BYTES = 4 * 1024
ENVELOPE_DEPTH = 3
MAX_INTENT_BYTES = MAX_BODY_BYTES - ENVELOPE_BYTES
"""What fits here also fits into an event that embeds it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 253_402_300_799

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")]
Timestamp = Annotated[str, StringConstraints(pattern=TIME_PATTERN)]


class Incoming(BaseModel):
    """Base of what comes in: nothing is converted, nothing unknown is dropped."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class TargetModel(Incoming):
    """What the action is about, in the publisher's words."""

    entity_type: Text
    entity_id: Text


class ExecutionPolicyModel(Incoming):
    """How hard to try."""

    retry_count: int = Field(default=3, ge=0, le=10, description="Extra sends in one automatic run.")
    timeout_seconds: int = Field(default=300, ge=1, le=900, description="Seconds for one call of the tool.")
    max_attempts: int = Field(default=1, ge=1, le=5, description="Automatic runs; crash takeovers are not counted.")


class IntentModel(Incoming):
    """An approved action. ``expires_at`` and ``expires_at_epoch`` (seconds) name the same moment."""

    action_intent_id: Id
    tenant_id: Id
    account_id: Id
    action_type: Id
    target: TargetModel | None = None
    # Whatever is parsed into an intent went through ``bounds``, which lets only JSON pass.
    parameters: dict[str, SkipValidation[JsonValue]]
    parameters_schema_version: Text | None = None
    registry_version: int | None = Field(default=None, ge=1, le=MAX_SAFE_NUMBER)
    approved_by: Text
    approval_timestamp: Timestamp
    execution_policy: ExecutionPolicyModel = ExecutionPolicyModel.model_construct()
    expires_at: Timestamp
    expires_at_epoch: int = Field(ge=0, le=_LAST_SECOND)
    original_decision_id: Id
    supersedes_action_intent_id: Id | None = None
    trace_id: Id
    confidence_score: float | None = None
    risk_level: Text | None = None


def parse_intent(document: Mapping[str, object]) -> Intent:
    """Return the intent that a document holds.

    Raises:
        InvalidEventError: a field is missing, unknown, of the wrong type or out of bounds; it is named, not shown.
    """
    try:
        model = IntentModel.model_validate(plain(document, max_depth=MAX_DEPTH - ENVELOPE_DEPTH))
    except ValidationError as fault:
        raise InvalidEventError(f"The intent is not valid: {reason(fault)}") from fault
    return intent_of(model)


def read_intent(text: str) -> Intent:
    """Return the intent that a stored text holds, by the bounds of an event that embeds it.

    Raises:
        InvalidEventError: as ``parse_intent`` does, and where the text is not JSON.
    """
    try:
        model = IntentModel.model_validate(load(text))
    except ValidationError as fault:
        raise InvalidEventError(f"The intent is not valid: {reason(fault)}") from fault
    return intent_of(model)


def intent_of(model: IntentModel) -> Intent:
    """Return the intent of a model whose values are plain JSON.

    Raises:
        InvalidEventError: its times are no moments or disagree, or it is too large.
    """
    _moment(model.approval_timestamp, "approval_timestamp")
    off_by = _moment(model.expires_at, "expires_at") - (_EPOCH + timedelta(seconds=model.expires_at_epoch))
    if abs(off_by) > timedelta(seconds=1):
        raise InvalidEventError("The intent is not valid: expires_at and expires_at_epoch are different moments.")
    intent = _intent(model)
    if len(intent.text.encode()) > MAX_INTENT_BYTES:
        raise InvalidEventError(f"The intent is over {MAX_INTENT_BYTES} bytes.")
    return intent


def reason(fault: ValidationError) -> str:
    """Return in one line which field is wrong and how, without its value."""
    first = fault.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) if isinstance(part, int) else shown(part) for part in first["loc"])
    is_form = first["type"] == "string_pattern_mismatch"
    said = "a character or the length is not allowed" if is_form else " ".join(first["msg"].split())
    return f"{place or 'the document'}: {said}"


def _intent(model: IntentModel) -> Intent:
    policy = model.execution_policy
    return Intent(
        key=IntentKey(model.tenant_id, model.account_id, model.action_intent_id),
        action_type=model.action_type,
        parameters=model.parameters,
        registry_version=model.registry_version,
        approved_by=model.approved_by,
        approval_timestamp=model.approval_timestamp,
        expires_at=model.expires_at,
        expires_at_epoch=model.expires_at_epoch,
        original_decision_id=model.original_decision_id,
        trace_id=model.trace_id,
        target=Target(model.target.entity_type, model.target.entity_id) if model.target else None,
        policy=ExecutionPolicy(policy.retry_count, policy.timeout_seconds, policy.max_attempts),
        parameters_schema_version=model.parameters_schema_version,
        supersedes_action_intent_id=model.supersedes_action_intent_id,
        confidence_score=model.confidence_score,
        risk_level=model.risk_level,
    )


def _moment(text: str, name: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as fault:
        raise InvalidEventError(f"The intent is not valid: {name} is no moment of the calendar.") from fault
