"""The signal as it leaves: the detail of an EventBridge event, and the whole event as one line of JSON."""

import hashlib
import re

from core.domain.canonical import Json, compact
from core.domain.errors import ErrorClass
from core.domain.signal import Signal
from ports.wire.event import DEFAULT_SOURCE, DETAIL_VERSIONS
from ports.wire.outcome import Outgoing, iso, outcome_document

_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")


class SignalMetadata(Outgoing):
    """Whose signal it is. Readers drop repeats by (tenant, account, id) and ignore a lower revision."""

    id: str
    version: str
    revision: int
    timestamp: str
    tenant_id: str
    account_id: str
    trace_id: str
    decision_trace_id: str
    traceparent: str


def signal_document(signal: Signal) -> dict[str, Json]:
    """Return the detail of a signal."""
    metadata: dict[str, Json] = {
        "id": signal.signal_id,
        "version": DETAIL_VERSIONS[0],
        "revision": signal.revision,
        "timestamp": iso(signal.at_ms),
        "tenant_id": signal.key.tenant_id,
        "account_id": signal.key.account_id,
        "trace_id": signal.trace_id,
        "decision_trace_id": signal.decision_trace_id,
        "traceparent": traceparent(signal),
    }
    return {"metadata": SignalMetadata.written(metadata), "data": _data(signal)}


def signal_json(signal: Signal) -> str:
    """Return the detail of a signal as JSON text."""
    return compact(signal_document(signal))


def signal_line(signal: Signal, *, source: str = DEFAULT_SOURCE) -> str:
    """Return a signal as a whole event, one line of JSON without its newline."""
    return compact({"source": source, "detail-type": signal.type.value, "detail": signal_document(signal)})


def traceparent(signal: Signal) -> str:
    """Return a W3C trace context: the execution's trace, and a span that is the same however often it is published."""
    name = f"{signal.key}/{signal.signal_id}/{signal.revision}"
    span = hashlib.sha256(name.encode()).hexdigest()
    # A refusal has no execution and so no trace; it starts one of its own.
    trace = signal.trace_id if _TRACE_ID.fullmatch(signal.trace_id) else span[32:]
    return f"00-{trace}-{span[:16]}-01"


def _data(signal: Signal) -> dict[str, Json]:
    if signal.outcome is not None:
        return {**outcome_document(signal.outcome), "severity": signal.severity}
    refusal: dict[str, Json] = {
        "action_intent_id": signal.key.intent_id,
        "tenant_id": signal.key.tenant_id,
        "account_id": signal.key.account_id,
        "error_class": ErrorClass.VALIDATION.value,
        "error_code": signal.error_code,
        "error_message": signal.reason,
        "severity": signal.severity,
    }
    return refusal
