"""The event ``ACTION_APPROVED`` as EventBridge delivers it."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ports.wire.intent import Id, Incoming, IntentModel, Text

DETAIL_TYPE = "ACTION_APPROVED"
DEFAULT_SOURCE = "cc-native"
ENVELOPE_VERSION = "0"
DETAIL_VERSIONS = ("1", "1.0")

ApprovalSource = Literal["HUMAN", "POLICY"]


class ApprovedData(Incoming):
    """Which intent was approved. ``intent`` embeds it whole; then its three ids are these three."""

    action_intent_id: Id
    tenant_id: Id
    account_id: Id
    approval_source: ApprovalSource | None = None
    auto_executed: bool | None = None
    intent: IntentModel | None = None


class ApprovedMetadata(BaseModel):
    """What the publisher says about its event; only the version matters here."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", frozen=True, strict=True, defer_build=True)

    version: Text | None = None


class ApprovedDetail(Incoming):
    """The event's detail."""

    metadata: ApprovedMetadata | None = None
    data: ApprovedData


class EventModel(BaseModel):
    """The envelope; EventBridge may add fields of its own to it."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", frozen=True, strict=True, defer_build=True)

    version: Text | None = None
    source: Text
    detail_type: Text = Field(alias="detail-type")
    detail: ApprovedDetail
