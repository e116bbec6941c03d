"""What a signal is, whole: for the schemas that readers are given. Whoever publishes writes its parts as they are."""

from typing import Literal

from pydantic import Field

from core.domain.errors import ErrorClass
from core.domain.signal import SignalType
from ports.wire.outcome import OutcomeModel, Outgoing
from ports.wire.signal import SignalMetadata

Severity = Literal["low", "medium", "high"]


class OutcomeData(OutcomeModel):
    """What is told of an execution."""

    severity: Severity


class RefusalData(Outgoing):
    """What is told of an event that was turned away."""

    action_intent_id: str
    tenant_id: str
    account_id: str
    error_class: ErrorClass
    error_code: str | None
    error_message: str | None
    severity: Severity


class SignalDetail(Outgoing):
    """The detail of a signal."""

    metadata: SignalMetadata
    data: OutcomeData | RefusalData


class SignalModel(Outgoing):
    """A signal as an event."""

    source: str
    detail_type: SignalType = Field(alias="detail-type")
    detail: SignalDetail
