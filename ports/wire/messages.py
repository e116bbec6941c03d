"""What a message may be: an approved event, or our own wake-up; parsed once, into domain types."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints, ValidationError

from core.domain.canonical import Json, compact
from core.domain.claiming import Order
from core.domain.errors import InvalidEventError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.making import dataclass
from ports.wire.bounds import load, shown
from ports.wire.event import DEFAULT_SOURCE, DETAIL_TYPE, DETAIL_VERSIONS, ENVELOPE_VERSION, EventModel
from ports.wire.intent import Id, Incoming, intent_of, reason

Owner = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,512}$")]


class WakeUpData(Incoming):
    """Whom to wake for what."""

    tenant_id: Id
    account_id: Id
    action_intent_id: Id
    owner: Owner


class WakeUpModel(Incoming):
    """A delivery to ourselves: go on with what is stored under this key, for this owner."""

    wake_up: WakeUpData


@dataclass(frozen=True, slots=True)
class WakeUp:
    """Go on with this intent for the owner that waits."""

    key: IntentKey
    owner: str


@dataclass(frozen=True, slots=True)
class ApprovedEvent:
    """An intent was approved. ``intent`` where the event embeds it."""

    key: IntentKey
    approval_source: str | None = None
    auto_executed: bool | None = None
    intent: Intent | None = None

    def order(self, owner: str) -> Order:
        """Return what a delivery of this event asks for, for the owner that survives its redelivery."""
        return Order(self.key, owner, self.intent, self.approval_source, self.auto_executed)


def parse_message(body: str | bytes, *, source: str = DEFAULT_SOURCE) -> ApprovedEvent | WakeUp:
    """Return what a message asks for.

    Raises:
        InvalidEventError: and nothing else, whatever the body is; the message names what is wrong, in one line.
    """
    document = load(body)
    if not isinstance(document, Mapping):
        raise InvalidEventError("The body is not a JSON object.")
    if "wake_up" in document:
        return _wake_up(document)
    _check_kind(document, source)
    return _approved(document)


def wake_up_body(key: IntentKey, owner: str) -> str:
    """Return the body of a wake-up."""
    data = {
        "tenant_id": key.tenant_id,
        "account_id": key.account_id,
        "action_intent_id": key.intent_id,
        "owner": owner,
    }
    return compact({"wake_up": data})


def approved_event(
    intent: Intent,
    approval_source: str | None = None,
    auto_executed: bool | None = None,
    *,
    embed: bool = False,
    source: str = DEFAULT_SOURCE,
) -> str:
    """Return an event as a publisher sends it, by ids alone or with the intent embedded."""
    data: dict[str, Json] = {
        "action_intent_id": intent.key.intent_id,
        "tenant_id": intent.key.tenant_id,
        "account_id": intent.key.account_id,
        "approval_source": approval_source,
        "auto_executed": auto_executed,
        "intent": intent.document() if embed else None,
    }
    detail: dict[str, Json] = {
        "metadata": {"version": DETAIL_VERSIONS[0]},
        "data": {name: value for name, value in data.items() if value is not None},
    }
    return compact({"source": source, "detail-type": DETAIL_TYPE, "detail": detail})


def _wake_up(document: Mapping[str, Json]) -> WakeUp:
    try:
        data = WakeUpModel.model_validate(document).wake_up
    except ValidationError as fault:
        raise InvalidEventError(f"The wake-up is not valid: {reason(fault)}") from fault
    return WakeUp(IntentKey(data.tenant_id, data.account_id, data.action_intent_id), data.owner)


def _check_kind(document: Mapping[str, Json], source: str) -> None:
    """Refuse by name what is not for us, before anything else is said about it."""
    kind = document.get("detail-type")
    if kind != DETAIL_TYPE:
        raise InvalidEventError(f"The detail-type {_named(kind)} is unknown; expected {DETAIL_TYPE}.")
    if document.get("source") != source:
        raise InvalidEventError(f"The source {_named(document.get('source'))} is unknown; expected {source}.")
    version = document.get("version")
    if version is not None and version != ENVELOPE_VERSION:
        raise InvalidEventError(f"The envelope's version {_named(version)} is unknown.")


def _approved(document: Mapping[str, Json]) -> ApprovedEvent:
    try:
        detail = EventModel.model_validate(document).detail
    except ValidationError as fault:
        raise InvalidEventError(f"The event is not valid: {reason(fault)}") from fault
    version = detail.metadata.version if detail.metadata else None
    if version is not None and version not in DETAIL_VERSIONS:
        raise InvalidEventError(f"The version {_named(version)} of {DETAIL_TYPE} is unknown.")
    data = detail.data
    key = IntentKey(data.tenant_id, data.account_id, data.action_intent_id)
    intent = None if data.intent is None else intent_of(data.intent)
    if intent is not None and intent.key != key:
        raise InvalidEventError("The embedded intent has other ids than the event.")
    return ApprovedEvent(key, data.approval_source, data.auto_executed, intent)


def _named(value: Json) -> str:
    if value is None:
        return "(absent)"
    return shown(value)
