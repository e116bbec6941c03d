"""What a target of ours answers: the envelopes that the MCP connector on the other side of the gateway reads."""

import json
from collections.abc import Mapping

from core.domain.answer import (
    Answer,
    Applied,
    CannotTell,
    Finding,
    Happened,
    Hold,
    NotHappened,
    NotSent,
    ObjectRef,
    Refused,
    Unknown,
)
from core.domain.canonical import Json
from core.domain.errors import ErrorClass

MOST_RESPONSE = 1024 * 1024
"""Characters of a provider's response that are handed on; a gateway takes 6 MB, and JSON in JSON grows."""


def answer_envelope(answer: Answer) -> dict[str, Json]:
    """Return what is said of a call. ``not_applied`` true is said of what is proved to have changed nothing only."""
    match answer:
        case Applied():
            happened = {**_happened(answer.refs, answer.response), "replayed": answer.replayed}
            if answer.flaw is None:
                return {"success": True, **happened}
            fault = _fault(ErrorClass.DOWNSTREAM, answer.flaw.value, "The write is there, but not as it was asked for.")
            return {"success": False, **happened, **fault, "not_applied": False}
        case Refused():
            fault = _fault(answer.error_class, answer.code, answer.message)
            beside = {"not_applied": True, "retryable": answer.retryable, "replayed": answer.replayed}
            return {"success": False, **fault, **beside}
        case NotSent():
            is_busy = answer.hold is Hold.THROTTLED
            error_class = ErrorClass.RATE_LIMIT if is_busy else ErrorClass.DOWNSTREAM
            fault = _fault(error_class, answer.hold.value, answer.detail or "The call was not sent.")
            return {"success": False, **fault, "not_applied": True, "retryable": True}
        case Unknown():
            error_class = ErrorClass.TIMEOUT if answer.timed_out else ErrorClass.UNKNOWN
            return {"success": False, **_fault(error_class, "UNKNOWN_OUTCOME", answer.reason), "not_applied": False}


def finding_envelope(finding: Finding) -> dict[str, Json]:
    """Return what a look-up says of the postcondition."""
    match finding:
        case Happened():
            return {"success": True, "state": "HAPPENED", **_happened(finding.refs, finding.response)}
        case NotHappened():
            return {"success": True, "state": "NOT_HAPPENED"}
        case CannotTell():
            state: dict[str, Json] = {"success": True, "state": "CANNOT_TELL", "error_message": finding.reason}
            return {**state, "changed_otherwise": finding.changed_otherwise}


def image_envelope(text: str | None) -> dict[str, Json]:
    """Return what an update is about to change."""
    if text is None:
        return {"success": False, **_fault(ErrorClass.DOWNSTREAM, "NOT_READ", "It could not be read.")}
    return {"success": True, "image": json.loads(text)}


def _happened(refs: tuple[ObjectRef, ...], response: str) -> dict[str, Json]:
    named: dict[str, Json] = {"external_object_refs": [_ref(it) for it in refs]}
    return named | ({"response": response} if response and len(response) <= MOST_RESPONSE else {})


def _ref(ref: ObjectRef) -> Mapping[str, Json]:
    named = {"system": ref.system, "object_type": ref.object_type, "object_id": ref.object_id}
    return named if ref.object_url is None else {**named, "object_url": ref.object_url}


def _fault(error_class: ErrorClass, code: str, message: str) -> dict[str, Json]:
    return {"error_class": error_class.value, "error_code": code, "error_message": message}
