"""The AsyncAPI document of what comes in and goes out: written from the models, committed, checked for drift.

Its schemas are those in docs/schemas, by reference; its examples are made by the code that makes the messages.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.domain.answer import ObjectRef
from core.domain.canonical import Json
from core.domain.effect import Evidence
from core.domain.intent import Intent, Target
from core.domain.keys import IntentKey
from core.domain.outcome import Outcome, OutcomeStatus
from core.domain.signal import Signal, SignalType, signal_id
from entrypoints.schemas import DIALECT
from ports.wire.event import DETAIL_TYPE
from ports.wire.messages import approved_event
from ports.wire.signal import signal_line

FILE = Path(__file__).resolve().parents[1] / "docs" / "asyncapi.json"
APPROVED_SCHEMA, SIGNAL_SCHEMA = "./schemas/approved-event.v1.schema.json", "./schemas/signal.v1.schema.json"
SCHEMA_FORMAT = f"application/schema+json;version={DIALECT.split('/')[-2]}"
INTENT_ID = "$message.payload#/detail/data/action_intent_id"
SUMMARIES: Mapping[SignalType, str] = {
    SignalType.ACTION_EXECUTED: "It is proved that the action happened, with the evidence.",
    SignalType.ACTION_FAILED: "It is proved that nothing of the action stands; or it was cancelled, or expired.",
    SignalType.ACTION_IN_DOUBT: "Nobody can tell whether it happened; nothing more is sent, and an operator is asked.",
    SignalType.ACTION_UNDONE: "What the action wrote is removed again.",
    SignalType.ACTION_REFUSED: "An event was turned away, and touched nothing of a first execution.",
}
KEY = IntentKey("acme", "emea", "intent-7")
APPROVED_AT_MS = 1_900_000_000_000
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def document() -> dict[str, Json]:
    """Return the whole document."""
    signals = [it.value for it in SignalType]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "actonce",
            "version": "1",
            "description": "Approved actions come in and are enacted at most once; signals tell what came of them. "
            "What is promised about both is in events.md.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "bus": {
                "host": "events.{region}.amazonaws.com",
                "protocol": "eventbridge",
                "description": "A bus of the installation's own, for both directions.",
                "variables": {"region": {"description": "The region of the installation."}},
            }
        },
        "channels": {
            "approvals": _channel("Approved actions, from publishers upstream.", [DETAIL_TYPE]),
            "signals": _channel("Signals, to readers downstream; at least once, in no order.", signals),
        },
        "operations": {
            "takeApprovedAction": _operation("receive", "approvals", [DETAIL_TYPE]),
            "tellOutcome": _operation("send", "signals", signals),
        },
        "components": {"messages": {DETAIL_TYPE: _approved()} | {it.value: _signal(it) for it in SignalType}},
    }


def text() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(), indent=2, sort_keys=True) + "\n"


def _channel(description: str, names: Sequence[str]) -> dict[str, Json]:
    messages: dict[str, Json] = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
    return {"description": description, "servers": [{"$ref": "#/servers/bus"}], "messages": messages}


def _operation(action: str, channel: str, names: Sequence[str]) -> dict[str, Json]:
    messages: list[Json] = [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": messages}


def _message(name: str, summary: str, schema: str, example: str) -> dict[str, Json]:
    only: dict[str, Json] = {"properties": {"detail-type": {"const": name}}}
    return {
        "name": name,
        "title": name,
        "summary": summary,
        "contentType": "application/json",
        "correlationId": {"description": "The intent.", "location": INTENT_ID},
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": {"allOf": [{"$ref": schema}, only]}},
        "examples": [{"name": name, "payload": json.loads(example)}],
    }


def _approved() -> dict[str, Json]:
    intent = Intent(
        key=KEY,
        action_type="CREATE_CRM_TASK",
        parameters={"title": "Call them", "priority": "high"},
        registry_version=1,
        approved_by="ada@example.com",
        approval_timestamp="2030-03-17T17:46:40.000Z",
        expires_at="2030-03-18T17:46:40.000Z",
        expires_at_epoch=1_900_086_400,
        original_decision_id="decision-7",
        trace_id="decision-trace-7",
        target=Target("account", "001-7"),
    )
    summary = "An action was approved; it is carried out at most once. The intent is embedded, or stored before."
    return _message(DETAIL_TYPE, summary, APPROVED_SCHEMA, approved_event(intent, "HUMAN", embed=True))


def _signal(kind: SignalType) -> dict[str, Json]:
    return _message(kind.value, SUMMARIES[kind], SIGNAL_SCHEMA, signal_line(_example(kind)))


def _example(kind: SignalType) -> Signal:
    is_undo = kind is SignalType.ACTION_UNDONE
    name = signal_id(KEY, kind, 1, undo=is_undo)
    if kind is SignalType.ACTION_REFUSED:
        reason, code = "This intent id is known with another body.", "PAYLOAD_CONFLICT"
        return Signal(name, kind, KEY, 1, APPROVED_AT_MS, "", "decision-trace-7", reason=reason, error_code=code)
    revision = 2 if is_undo else 1
    return Signal(
        name, kind, KEY, revision, APPROVED_AT_MS, TRACE, "decision-trace-7", outcome=_outcome(kind, revision)
    )


def _outcome(kind: SignalType, revision: int) -> Outcome:
    status = {
        SignalType.ACTION_FAILED: OutcomeStatus.FAILED,
        SignalType.ACTION_IN_DOUBT: OutcomeStatus.IN_DOUBT,
    }.get(kind, OutcomeStatus.SUCCEEDED)
    has_happened = status is OutcomeStatus.SUCCEEDED
    return Outcome(
        key=KEY,
        status=status,
        run=1,
        revision=revision,
        attempt_count=1,
        action_type="CREATE_CRM_TASK",
        tool_name="crm.create_task",
        tool_schema_version="1",
        registry_version=1,
        tool_run_ref=f"toolrun/{TRACE}/1/crm.create_task",
        started_at_ms=APPROVED_AT_MS,
        completed_at_ms=APPROVED_AT_MS,
        trace_id=TRACE,
        decision_trace_id="decision-trace-7",
        evidence=Evidence.RESPONSE if has_happened else None,
        external_object_refs=(ObjectRef("crm", "task", "00T-7", None),) if has_happened else (),
    )


def main(arguments: Sequence[str], file: Path = FILE) -> int:
    """Check or write a file; return 1 when the committed document is not that of the models."""
    parser = argparse.ArgumentParser(prog="python -m entrypoints.asyncapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="tell whether the committed document is up to date")
    if parser.parse_args(arguments).check:
        is_stale = not file.exists() or file.read_text(encoding="utf-8") != text()
        print(f"Out of date, run `make schemas`: {file.name}" if is_stale else "The AsyncAPI document is up to date.")
        return 1 if is_stale else 0
    file.write_text(text(), encoding="utf-8")
    print(f"Written: {file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
